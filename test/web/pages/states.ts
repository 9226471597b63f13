// Every page, and each other state that a page may be in: how to get there, in a window that plays the server's part where it must.
import type { Page } from 'playwright-core'
import { expect } from 'vitest'
import type { ServedPage } from '../served-page.js'
import { patience } from '../world.js'
import { addOlder } from './history.js'
import { alter, broken, tell } from './played.js'

export interface State {
  readonly name: string
  /** Pages are looked at in each look, other states in one: in all of them by `npm run test:web`. */
  readonly isPage?: boolean
  /** What a screen reader has of it is recorded: of the page the whole, of another state this part. */
  readonly heard?: string
  /** In the window of a person who is signed in, on no page yet. */
  readonly open: (page: Page, served: ServedPage) => Promise<void>
}

const main = 'main'
const dialog = 'dialog[open]'
const notice = '.notice-line'
const bar = '.bar'

/** No answer ever. */
const silent = () => undefined

async function openFlag(page: Page, { url }: ServedPage, query = ''): Promise<void> {
  await page.goto(`${url}/flags/dark_mode${query}`)
  await page.getByRole('heading', { name: 'Who has it' }).waitFor()
}

async function openList(page: Page, { url }: ServedPage): Promise<void> {
  await page.goto(`${url}/flags`)
  await page.getByRole('link', { name: 'dark_mode' }).waitFor()
}

/** A change that is ready to be sent, with its review open. */
async function openReview(page: Page, served: ServedPage): Promise<void> {
  await openFlag(page, served, '?set=50')
  const review = page.getByRole('button', { name: /^Review and set 50 %/ })
  await expect.poll(() => review.getAttribute('aria-disabled'), patience).toBe('false')
  await review.click()
  await page.getByRole('dialog').getByRole('table').waitFor()
}

/** The same, confirmed; an answer is played for all but previews. */
async function send(page: Page, served: ServedPage, answer: object | null): Promise<void> {
  await page.route('**/api/v4/features/dark_mode/changes', async (route) => {
    const sent: { readonly dry_run?: boolean } = route.request().postDataJSON()
    if (sent.dry_run === true) await route.continue()
    else if (answer !== null) await route.fulfill(answer)
  })
  await openReview(page, served)
  const read = page.getByRole('checkbox', { name: /^I have read/ })
  if ((await read.count()) > 0) await read.check()
  await page.keyboard.press('Control+Enter')
}

const changedByAda = {
  status: 412,
  json: {
    code: 'flag_changed',
    message: 'dark_mode was changed',
    current: { revision: '9-a-0' },
    changes: [
      {
        change_id: null,
        at: new Date().toISOString(),
        author: 'ada',
        source: 'http',
        reason: 'incident 991',
        flags: [{ name: 'dark_mode', sentence: '25 % → 30 % of actors' }],
      },
    ],
    rebase: 'conflict',
  },
}

export const states: readonly State[] = [
  {
    name: 'signing in',
    isPage: true,
    async open(page, { url }) {
      await page.context().clearCookies()
      await page.goto(`${url}/sign-in`)
      await page.getByLabel('Token', { exact: true }).waitFor()
    },
  },
  { name: 'the list of flags', isPage: true, open: openList },
  {
    name: 'two explanations side by side',
    isPage: true,
    async open(page, { url }) {
      await page.goto(`${url}/explain?flag=dark_mode&actor=User:11&than=User:9`)
      await page.getByText('off for User:9: opted out').waitFor()
    },
  },
  {
    name: 'a flag with an explanation',
    isPage: true,
    async open(page, served) {
      await openFlag(page, served, '?actor=User:7')
      await page.getByText('on for User:7: on the list').waitFor()
    },
  },
  {
    name: 'the actors of a flag',
    isPage: true,
    async open(page, { url }) {
      await page.goto(`${url}/flags/dark_mode/actors`)
      await page.getByRole('button', { name: 'Remove User:7' }).waitFor()
      await page.getByLabel('Ids or paths, one a line').fill('User:1 x User:7 User:9')
      await page.getByText('4 ids: 2 new').waitFor()
    },
  },
  {
    name: 'the history',
    isPage: true,
    async open(page, { url }) {
      await addOlder(page)
      await page.goto(`${url}/history?flag=dark_mode`)
      await page.getByRole('button', { name: 'Load older' }).click()
      await page.getByText('written past the history').waitFor()
      await page
        .getByRole('button', { name: /^Compare with now/ })
        .first()
        .click()
      await page.getByText(/The flag is now as this change left it|after this change/).waitFor()
    },
  },
  {
    name: 'an unknown address',
    isPage: true,
    async open(page, { url }) {
      await page.goto(`${url}/flags/dark_mode/nothing/here`)
      await page.getByRole('heading', { name: 'There is no page here' }).waitFor()
    },
  },
  {
    name: 'the list while it loads',
    heard: main,
    async open(page, { url }) {
      await page.route('**/api/web/flags', silent)
      await page.goto(`${url}/flags`)
      await page.getByRole('status', { name: 'Flags are loading' }).waitFor()
    },
  },
  {
    name: 'the list without any flag',
    heard: main,
    async open(page, { url }) {
      await alter(page, '**/api/web/flags', (answer) => {
        answer.rows = []
      })
      await page.goto(`${url}/flags`)
      await page.getByRole('heading', { name: 'There are no flags yet' }).waitFor()
    },
  },
  {
    name: 'a filter that no flag matches',
    heard: main,
    async open(page, { url }) {
      await page.goto(`${url}/flags?q=drak_mode`)
      await page.getByText('No flag matches').waitFor()
    },
  },
  {
    name: 'suggestions of the filter',
    async open(page, served) {
      await openList(page, served)
      await page.keyboard.press('/')
      await page.keyboard.type('own')
      await page.getByRole('option').first().waitFor()
    },
  },
  {
    name: 'the list that cannot be loaded',
    heard: main,
    async open(page, { url }) {
      await page.route('**/api/web/flags', (route) => route.fulfill(broken))
      await page.goto(`${url}/flags`)
      await page.getByRole('alert').getByText('req-7f3a').waitFor()
    },
  },
  {
    name: 'the list without a database and with broken and selected flags',
    heard: main,
    async open(page, served) {
      await alter(page, '**/api/web/flags', ({ columns, rows }) => {
        const fault = columns.indexOf('fault')
        for (const row of rows) if (row[0] === 'fun_fonts') row[fault] = 'the type "bta" is not known'
      })
      await openList(page, served)
      await page.getByLabel('Select dark_mode').click()
      await tell(page, 'health', { degraded: true, age_ms: 180_000 })
      await page.getByText('The database cannot be reached.').waitFor()
    },
  },
  {
    name: 'no network',
    heard: notice,
    async open(page, served) {
      await openList(page, served)
      await page.getByRole('button', { name: /^Live/ }).waitFor()
      await page.context().setOffline(true)
      await page.getByText('No network.').waitFor()
    },
  },
  {
    name: 'a server that is away',
    heard: notice,
    async open(page, served) {
      await openList(page, served)
      await page.getByRole('button', { name: /^Live/ }).waitFor()
      await page.route('**/api/**', (route) => route.abort())
      await page.evaluate('window.cut()')
      await page.getByText('No good answer comes from the server').waitFor()
    },
  },
  {
    name: 'a session that is over',
    heard: dialog,
    async open(page, served) {
      await openFlag(page, served, '?set=50')
      await page.route('**/api/v4/features/**', (route) =>
        route.fulfill({ status: 401, json: { code: 'unauthorized', message: 'sign in' } }),
      )
      await page.getByRole('slider', { name: 'Share of actors' }).press('ArrowRight')
      await page.getByRole('dialog', { name: 'Sign in again' }).waitFor()
    },
  },
  {
    name: 'a server of another version',
    heard: notice,
    async open(page, served) {
      await openList(page, served)
      await alter(page, '**/api/web/boot', (answer) => {
        answer.version = '99.0.0'
      })
      await tell(page, 'hello', { position: null })
      await page.getByText('The server has a new version.').waitFor()
    },
  },
  {
    name: 'a flag while it loads',
    heard: main,
    async open(page, { url }) {
      await page.route('**/api/web/flags/dark_mode', silent)
      await page.goto(`${url}/flags/dark_mode`)
      await page.getByRole('status', { name: 'The flag is loading' }).waitFor()
    },
  },
  {
    name: 'a flag that is not known',
    heard: main,
    async open(page, { url }) {
      await page.goto(`${url}/flags/drak_mode`)
      await page.getByText('neither defined nor stored').waitFor()
      await page.getByRole('link', { name: 'dark_mode' }).waitFor()
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
    },
  },
  {
    name: 'a flag that cannot be loaded',
    async open(page, { url }) {
      await page.route('**/api/web/flags/dark_mode', (route) => route.fulfill(broken))
      await page.goto(`${url}/flags/dark_mode`)
      await page.getByRole('alert').getByText('req-7f3a').waitFor()
    },
  },
  {
    name: 'the actors while they load',
    async open(page, { url }) {
      await page.route('**/api/web/flags/dark_mode/actors*', silent)
      await page.goto(`${url}/flags/dark_mode/actors`)
      await page.getByRole('status', { name: 'The lists are loading' }).waitFor()
    },
  },
  {
    name: 'actors of an empty list that cannot be changed',
    async open(page, { url }) {
      await alter(page, '**/api/web/flags/dark_mode', (answer) => {
        answer.flag['revision'] = null
      })
      await alter(page, '**/api/web/flags/dark_mode/actors*', (answer) => {
        answer.ids = []
      })
      await page.goto(`${url}/flags/dark_mode/actors`)
      await page.getByText('The list is empty.').waitFor()
    },
  },
  {
    name: 'the history while it loads',
    async open(page, { url }) {
      await page.route('**/api/web/history*', silent)
      await page.goto(`${url}/history`)
      await page.getByRole('status', { name: 'The history is loading' }).waitFor()
    },
  },
  {
    name: 'a history without changes',
    heard: main,
    async open(page, { url }) {
      await page.goto(`${url}/history?author=no-such-author`)
      await page.getByText('No change is like this.').waitFor()
    },
  },
  {
    name: 'a history of which the older part cannot be loaded',
    async open(page, { url }) {
      await addOlder(page)
      await page.route('**/api/web/history*before=*', (route) => route.fulfill(broken))
      await page.goto(`${url}/history`)
      await page.getByRole('button', { name: 'Load older' }).click()
      await page.getByRole('alert').getByText('req-7f3a').waitFor()
      expect(await page.getByRole('listitem').count()).toBeGreaterThan(3)
    },
  },
  {
    name: 'explaining before anything is asked',
    async open(page, { url }) {
      await page.goto(`${url}/explain`)
      await page.getByText('Name an actor, a flag, or both.').waitFor()
    },
  },
  {
    name: 'what all flags answer',
    heard: main,
    async open(page, { url }) {
      await page.goto(`${url}/explain?actor=User:7&only=all&than=User:9`)
      await page.getByRole('rowheader').first().waitFor()
    },
  },
  {
    name: 'an explanation that is refused',
    async open(page, { url }) {
      await page.goto(`${url}/explain?flag=dark_mode&actor=User:7&at=tomorrow`)
      await page.getByRole('alert').getByText('tomorrow').waitFor()
    },
  },
  {
    name: 'a flag with a pending change',
    heard: bar,
    async open(page, served) {
      await openFlag(page, served, '?set=50')
      const review = page.getByRole('button', { name: /^Review and set 50 %/ })
      await expect.poll(() => review.getAttribute('aria-disabled'), patience).toBe('false')
      await page.getByRole('button', { name: 'Same as…' }).click()
    },
  },
  { name: 'the review of a change', heard: dialog, open: openReview },
  {
    name: 'a conflict with another person',
    heard: bar,
    async open(page, served) {
      await send(page, served, changedByAda)
      await page.getByText('While you were editing').waitFor()
    },
  },
  {
    name: 'a change that a policy refuses',
    heard: dialog,
    async open(page, served) {
      const message = 'frozen until 2026-11-30T07:00Z (weekend); turning off still works'
      await send(page, served, { status: 422, json: { code: 'policy_refused', message } })
      await page.getByRole('dialog').getByText('frozen until').waitFor()
    },
  },
  {
    name: 'a change that waits for a second person',
    heard: bar,
    async open(page, served) {
      const proposal = { id: 'p-1', expires_at: '2026-11-30T07:00:00.000Z' }
      await send(page, served, { status: 202, json: { proposal } })
      await page.getByText('when another person approves it').waitFor()
    },
  },
  {
    name: 'a change of which the outcome is not known yet',
    heard: dialog,
    async open(page, served) {
      await send(page, served, { status: 503, json: { code: 'outcome_unknown', message: 'the outcome is not known' } })
      await page.getByRole('dialog').getByText('No answer came').waitFor()
    },
  },
  {
    name: 'a change that was made while processes lag',
    heard: '.messages',
    async open(page, served) {
      await send(page, served, {
        json: {
          flag: { revision: '9-a-0' },
          change: { id: '7e6f6a52-6c0e-4d0f-9d3a-6b1f2f6a9d11', position: { version: '9', nonce: 'a' } },
          processes: { live: 12, confirmed: 10, lagging: ['web-7', 'web-9'] },
        },
      })
      await page.getByRole('button', { name: 'Undo', exact: true }).waitFor()
    },
  },
  {
    name: 'ways to turn a flag on',
    heard: dialog,
    async open(page, served) {
      await openFlag(page, served)
      await page.getByRole('button', { name: 'Turn on for everybody…' }).click()
      await page.getByRole('dialog').waitFor()
    },
  },
  {
    name: 'the choice of groups',
    heard: dialog,
    async open(page, served) {
      await openFlag(page, served)
      await page.getByRole('button', { name: 'Choose… groups' }).click()
      await page.getByRole('dialog').waitFor()
    },
  },
  {
    name: 'the editor of a short list',
    heard: dialog,
    async open(page, served) {
      await openFlag(page, served)
      await page.getByRole('button', { name: 'Edit list… of actors' }).click()
      await page.getByRole('dialog').waitFor()
    },
  },
  {
    name: 'the search for flags and pages',
    heard: dialog,
    async open(page, served) {
      await openList(page, served)
      await page.keyboard.press('Control+k')
      await page.getByRole('option').first().waitFor()
    },
  },
  {
    name: 'the help for keys',
    heard: dialog,
    async open(page, served) {
      await openList(page, served)
      await page.keyboard.press('?')
      await page.getByRole('dialog', { name: 'Keys' }).waitFor()
    },
  },
  {
    name: 'how a flag is made',
    heard: dialog,
    async open(page, served) {
      await openList(page, served)
      await page.getByRole('button', { name: 'New flag: how' }).click()
      await page.getByRole('dialog').waitFor()
    },
  },
  {
    name: 'the menu of the account',
    heard: '#account-panel',
    async open(page, served) {
      await openList(page, served)
      await page.getByRole('button', { name: 'sam' }).click()
      await page.getByText('You can look, change and force (admin).').waitFor()
    },
  },
  {
    name: 'the live state',
    heard: '#live-panel',
    async open(page, served) {
      await openList(page, served)
      await page.getByRole('button', { name: /^Live/ }).click()
      await page.getByText('Which processes there are').waitFor()
    },
  },
  {
    name: 'a flag for a person who may only look',
    heard: main,
    async open(page, served) {
      await page.context().clearCookies()
      await page.context().request.post(`${served.url}/api/web/session`, {
        data: { token: served.readToken, stay: true },
        headers: { origin: served.url, 'sec-fetch-site': 'same-origin' },
      })
      await openFlag(page, served, '?set=50&reason=flat')
      await page.getByRole('heading', { name: 'Ask for a change' }).waitFor()
    },
  },
]
