// States of the frame: signing in, what is said above every page, and what opens over it.
import { patience, visit } from '../../world.js'
import { alter, broken, tell } from '../played.js'
import { dialog, main, notice, openFlag, openList, type State } from './state.js'

export const frameStates: readonly State[] = [
  {
    name: 'an unknown address',
    isPage: true,
    async open(page, served) {
      await visit(page, served, '/flags/dark_mode/nothing/here')
      await page.getByRole('heading', { name: 'There is no page here' }).waitFor(patience)
    },
  },
  {
    name: 'the search for flags and pages',
    heard: dialog,
    async open(page, served) {
      await openList(page, served)
      await page.keyboard.press('Control+k')
      // The choice of an order has options too, which are never seen.
      await page.getByRole('option', { name: /^dark_mode/ }).waitFor(patience)
    },
  },
  {
    name: 'the help for keys',
    heard: dialog,
    async open(page, served) {
      await openList(page, served)
      await page.keyboard.press('?')
      await page.getByRole('dialog', { name: 'Keys' }).waitFor(patience)
    },
  },
  {
    name: 'the menu of the account',
    heard: '#account-panel',
    async open(page, served) {
      await openList(page, served)
      await page.getByRole('button', { name: 'sam' }).click()
      await page.getByText('You can look, change and force (admin).').waitFor(patience)
    },
  },
  {
    name: 'the live state',
    heard: '#live-panel',
    async open(page, served) {
      await openList(page, served)
      await page.getByRole('button', { name: /^Live/ }).click()
      await page.getByText('Which processes there are').waitFor(patience)
    },
  },
  {
    name: 'signing in',
    isPage: true,
    isAlone: true,
    heard: 'body',
    async open(page, { url }) {
      await page.context().clearCookies()
      await page.goto(`${url}/sign-in`)
      await page.getByLabel('Token', { exact: true }).waitFor(patience)
    },
  },
  {
    name: 'a wrong token',
    isAlone: true,
    isFailing: true,
    heard: main,
    async open(page, { url }) {
      await page.context().clearCookies()
      await page.goto(`${url}/flags/dark_mode`)
      await page.getByLabel('Token', { exact: true }).fill('wrong')
      await page.keyboard.press('Enter')
      await page.getByRole('alert').filter({ hasText: 'wrong, has run out, or was revoked' }).waitFor(patience)
    },
  },
  {
    name: 'a page that cannot start',
    isAlone: true,
    isFailing: true,
    heard: main,
    async open(page, { url }) {
      await page.route('**/api/web/boot', (route) => route.fulfill(broken))
      await page.goto(`${url}/flags`)
      await page.getByRole('heading', { name: 'The page could not start' }).waitFor(patience)
    },
  },
  {
    name: 'no network',
    isAlone: true,
    isFailing: true,
    heard: notice,
    async open(page, served) {
      await openList(page, served)
      await page.context().setOffline(true)
      await page.getByText('No network.').waitFor(patience)
    },
  },
  {
    name: 'a server that is away',
    isAlone: true,
    isFailing: true,
    heard: notice,
    async open(page, served) {
      await openList(page, served)
      await page.route('**/api/**', (route) => route.abort())
      await page.evaluate('window.cut()')
      await page.getByText('No good answer comes from the server').waitFor(patience)
    },
  },
  {
    name: 'a session that is over',
    isAlone: true,
    isFailing: true,
    heard: dialog,
    async open(page, served) {
      await openFlag(page, served, '?set=50')
      await page.route('**/api/v4/features/**', (route) =>
        route.fulfill({ status: 401, json: { code: 'unauthorized', message: 'sign in' } }),
      )
      await page.getByRole('slider', { name: 'Share of actors' }).press('ArrowRight')
      await page.getByRole('dialog', { name: 'Sign in again' }).waitFor(patience)
    },
  },
  {
    name: 'a server of another version',
    isAlone: true,
    heard: notice,
    async open(page, served) {
      await openList(page, served)
      await alter(page, '**/api/web/boot', (answer) => {
        answer.version = '99.0.0'
      })
      await tell(page, 'hello', { position: null })
      await page.getByText('The server has a new version.').waitFor(patience)
    },
  },
]
