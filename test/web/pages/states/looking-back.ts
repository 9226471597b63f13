// States of the history, and of explaining.
import { expect } from 'vitest'
import { patience, visit } from '../../world.js'
import { addOlder } from '../history.js'
import { broken } from '../played.js'
import { silent } from '../settled.js'
import { main, type State } from './state.js'

export const lookingBackStates: readonly State[] = [
  {
    name: 'the history',
    isPage: true,
    async open(page, served) {
      await addOlder(page)
      await visit(page, served, '/history?flag=dark_mode')
      await page.getByRole('button', { name: 'Load older' }).click(patience)
      await page.getByText('written past the history').waitFor(patience)
      await page
        .getByRole('button', { name: /^Compare with now/ })
        .first()
        .click()
      await page.getByText(/The flag is now as this change left it|after this change/).waitFor(patience)
    },
  },
  {
    name: 'the history while it loads',
    async open(page, served) {
      await page.route('**/api/web/history*', silent)
      await visit(page, served, '/history')
      await page.getByRole('status', { name: 'The history is loading' }).waitFor(patience)
    },
  },
  {
    name: 'a history without changes',
    heard: main,
    async open(page, served) {
      await visit(page, served, '/history?author=no-such-author')
      await page.getByText('No change matches the filter.').waitFor(patience)
    },
  },
  {
    name: 'a history of which the older part cannot be loaded',
    isFailing: true,
    async open(page, served) {
      await addOlder(page)
      await page.route('**/api/web/history*before=*', (route) => route.fulfill(broken))
      await visit(page, served, '/history')
      await page.getByRole('button', { name: 'Load older' }).click(patience)
      await page.getByRole('alert').getByText('req-7f3a').waitFor(patience)
      expect(await page.getByRole('listitem').count()).toBeGreaterThan(3)
    },
  },
  {
    name: 'two explanations side by side',
    isPage: true,
    async open(page, served) {
      await visit(page, served, '/explain?flag=dark_mode&actor=User:11&than=User:9')
      await page.getByText('off for User:9: by the list “Never for”').waitFor(patience)
    },
  },
  {
    name: 'explaining before anything is asked',
    heard: main,
    async open(page, served) {
      await visit(page, served, '/explain')
      await page.getByText('Name an actor, a flag, or both.').waitFor(patience)
    },
  },
  {
    name: 'what all flags answer',
    heard: main,
    async open(page, served) {
      await visit(page, served, '/explain?actor=User:7&only=all&than=User:9')
      await page.getByRole('rowheader').first().waitFor(patience)
    },
  },
  {
    name: 'an explanation that is refused',
    isFailing: true,
    heard: 'main [role=alert]',
    async open(page, served) {
      await visit(page, served, '/explain?flag=dark_mode&actor=User:7&at=tomorrow')
      await page.getByRole('alert').getByText('tomorrow').waitFor(patience)
    },
  },
]
