// States of the list of flags.
import { patience, visit } from '../../world.js'
import { alter, sayInList, broken, tell } from '../played.js'
import { silent } from '../settled.js'
import { dialog, main, openList, type State } from './state.js'

export const listStates: readonly State[] = [
  { name: 'the list of flags', isPage: true, heard: 'body', open: openList },
  {
    name: 'a filter that no flag matches',
    heard: main,
    async open(page, served) {
      await visit(page, served, '/flags?q=drak_mode')
      await page.getByText('No flag matches').waitFor(patience)
    },
  },
  {
    name: 'suggestions of the filter',
    heard: '#filter-options',
    async open(page, served) {
      await openList(page, served)
      await page.keyboard.press('/')
      await page.keyboard.type('own')
      await page.getByRole('option', { name: /^owner:/ }).waitFor(patience)
    },
  },
  {
    name: 'how a flag is made',
    heard: dialog,
    async open(page, served) {
      await openList(page, served)
      await page.getByRole('button', { name: 'New flag: how' }).click()
      await page.getByRole('dialog').waitFor(patience)
    },
  },
  {
    name: 'the list while it loads',
    isAlone: true,
    heard: main,
    async open(page, { url }) {
      await page.route('**/api/web/flags', silent)
      await page.goto(`${url}/flags`)
      await page.getByRole('status', { name: 'Flags are loading' }).waitFor(patience)
    },
  },
  {
    name: 'the list without any flag',
    isAlone: true,
    heard: main,
    async open(page, { url }) {
      await alter(page, '**/api/web/flags', (answer) => {
        answer.names = []
        answer.columns = {}
      })
      await page.goto(`${url}/flags`)
      await page.getByRole('heading', { name: 'There are no flags yet' }).waitFor(patience)
    },
  },
  {
    name: 'the list that cannot be loaded',
    isAlone: true,
    isFailing: true,
    heard: main,
    async open(page, { url }) {
      await page.route('**/api/web/flags', (route) => route.fulfill(broken))
      await page.goto(`${url}/flags`)
      await page.getByRole('alert').getByText('req-7f3a').waitFor(patience)
    },
  },
  {
    name: 'the list without a database, with a broken flag and a selected one',
    isAlone: true,
    heard: 'body',
    async open(page, served) {
      await alter(page, '**/api/web/flags', (list) => {
        sayInList(list, 'fun_fonts', 'fault', 'the type "bta" is not known')
      })
      await openList(page, served)
      await page.getByLabel('Select dark_mode').click()
      await tell(page, 'health', { degraded: true, age_ms: 180_000 })
      await page.getByText('The database cannot be reached.').waitFor(patience)
    },
  },
]
