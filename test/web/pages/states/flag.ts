// States of the page of a flag, and of its lists.
import { expect } from 'vitest'
import { patience, visit } from '../../world.js'
import { alter, broken } from '../played.js'
import { silent } from '../settled.js'
import { dialog, main, openFlag, type State } from './state.js'

export const flagStates: readonly State[] = [
  {
    name: 'a flag with an explanation',
    isPage: true,
    async open(page, served) {
      await openFlag(page, served, '?actor=User:7')
      await page.getByText('on for User:7: by the list of actors').waitFor(patience)
    },
  },
  {
    name: 'ways to turn a flag on',
    heard: dialog,
    async open(page, served) {
      await openFlag(page, served)
      await page.getByRole('button', { name: 'Turn on for everybody…' }).click()
      await page.getByRole('dialog').waitFor(patience)
    },
  },
  {
    name: 'the choice of groups',
    heard: dialog,
    async open(page, served) {
      await openFlag(page, served)
      await page.getByRole('button', { name: 'Choose… groups' }).click()
      await page.getByRole('dialog').waitFor(patience)
    },
  },
  {
    name: 'the editor of a short list',
    heard: dialog,
    async open(page, served) {
      await openFlag(page, served)
      await page.getByRole('button', { name: 'Edit list… of actors' }).click()
      await page.getByRole('dialog').waitFor(patience)
    },
  },
  {
    name: 'a flag that is not known',
    isFailing: true,
    heard: main,
    async open(page, served) {
      await visit(page, served, '/flags/drak_mode')
      await page.getByText('neither defined nor stored').waitFor(patience)
      await page.getByRole('link', { name: 'dark_mode' }).waitFor(patience)
    },
  },
  {
    name: 'a flag while it loads',
    heard: main,
    async open(page, served) {
      await page.route('**/api/web/flags/dark_mode', silent)
      await visit(page, served, '/flags/dark_mode')
      await page.getByRole('status', { name: 'The flag is loading' }).waitFor(patience)
    },
  },
  {
    name: 'a flag that is stored and not defined',
    heard: main,
    async open(page, served) {
      await alter(page, '**/api/web/flags/dark_mode', (answer) => {
        answer.definition = null
      })
      await openFlag(page, served)
      await page.getByText('The code does not define this flag.').waitFor(patience)
    },
  },
  {
    name: 'a flag with a broken definition',
    heard: 'main .notice',
    async open(page, served) {
      await alter(page, '**/api/web/flags/dark_mode', ({ definition }) => {
        const file = 'config/feature_flags/development/dark_mode.yml'
        const message = `${file}:3: the type "devlopment" is not known; did you mean development?`
        if (definition !== null) definition['faults'] = [{ severity: 'error', message, file, line: 3, remedy: null }]
      })
      await openFlag(page, served)
      await page.getByText('is not known; did you mean').waitFor(patience)
    },
  },
  {
    name: 'a flag with each kind of gate, and in other environments',
    heard: main,
    async open(page, served) {
      await alter(page, '**/api/web/flags/dark_mode', (answer) => {
        Object.assign(Object(answer.flag['gates']), {
          groups: ['staff'],
          percentage_of_time: 20,
          unknown: [{ key: 'expression', count: 2, first: ['{"All":[]}', '{"Any":[]}'] }],
        })
        const environments = [
          { name: 'staging', state: 'on', summary: 'on for everybody' },
          { name: 'preview', state: 'conditional', summary: 'on for 10 % of actors' },
        ]
        Object.assign(answer, { environments })
      })
      await openFlag(page, served)
      await page.getByText('not known to this version').waitFor(patience)
    },
  },
  {
    name: 'a flag of which checks are counted',
    heard: 'section[aria-labelledby=checks-title]',
    async open(page, served) {
      const hours = Array.from({ length: 168 }, (_, hour) => 400 + Math.round(300 * Math.sin(hour / 4)))
      const off = hours.map((checks, hour) => (hour < 100 ? checks : Math.round(checks / 4)))
      const on = hours.map((checks, hour) => checks - (off[hour] ?? 0))
      const json = { step_s: 3_600, from: '2026-11-20T10:00:00.000Z', on, off, processes: 12 }
      await page.route('**/api/web/flags/dark_mode/checks', (route) => route.fulfill({ json }))
      await openFlag(page, served)
      const chart = page.getByRole('region', { name: 'Checks' })
      await chart.getByRole('img', { name: /at most 700 in a step/ }).waitFor(patience)
      expect(await chart.locator('tbody tr').first().textContent()).toBe('2026-11-20 10:00:00 UTC0400')
      expect(await chart.locator('tbody tr').count()).toBe(168)
    },
  },
  {
    name: 'a flag without a database',
    heard: main,
    async open(page, served) {
      await alter(page, '**/api/web/flags/dark_mode', (answer) => {
        answer.flag['revision'] = null
        Object.assign(answer, { degraded: true, age_ms: 180_000, history: [] })
      })
      await openFlag(page, served)
      await page.getByText('This is from memory').waitFor(patience)
    },
  },
  {
    name: 'a flag that cannot be loaded',
    isFailing: true,
    heard: main,
    async open(page, served) {
      await page.route('**/api/web/flags/dark_mode', (route) => route.fulfill(broken))
      await visit(page, served, '/flags/dark_mode')
      await page.getByRole('alert').getByText('req-7f3a').waitFor(patience)
    },
  },
  {
    name: 'the actors of a flag',
    isPage: true,
    async open(page, served) {
      await visit(page, served, '/flags/dark_mode/actors')
      await page.getByRole('button', { name: 'Remove User:7' }).waitFor(patience)
      await page.getByLabel('Ids or paths, one a line').fill('User:1 x User:7 User:9')
      await page.getByRole('main').getByText('4 ids: 2 new').waitFor(patience)
      await page.getByRole('cell', { name: 'Sam', exact: true }).waitFor(patience)
    },
  },
  {
    name: 'the actors while they load',
    heard: main,
    async open(page, served) {
      await page.route('**/api/web/flags/dark_mode/actors*', silent)
      await visit(page, served, '/flags/dark_mode/actors')
      await page.getByRole('status', { name: 'The lists are loading' }).waitFor(patience)
    },
  },
  {
    name: 'an empty list of actors that cannot be changed',
    heard: main,
    async open(page, served) {
      await alter(page, '**/api/web/flags/dark_mode', (answer) => {
        answer.flag['revision'] = null
      })
      await alter(page, '**/api/web/flags/dark_mode/actors*', (answer) => {
        answer.ids = []
      })
      await visit(page, served, '/flags/dark_mode/actors')
      await page.getByText('The list is empty.').waitFor(patience)
    },
  },
  {
    name: 'a flag for a person who may only look',
    isAlone: true,
    heard: main,
    async open(page, served) {
      await page.context().clearCookies()
      await page.context().request.post(`${served.url}/api/web/session`, {
        data: { token: served.readToken, stay: true },
        headers: { origin: served.url, 'sec-fetch-site': 'same-origin' },
      })
      await openFlag(page, served, '?set=50&reason=flat')
      await page.getByRole('heading', { name: 'Ask for a change' }).waitFor(patience)
    },
  },
]
