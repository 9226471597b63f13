// A window in which the test plays what a server, a network and a clock do: the stream of events, answers, and how long the page is patient.
import type { Page } from 'playwright-core'
import { type OpenedPage, openServed, type ServedPage } from '../served-page.js'
import type { World } from '../world.js'

/** The stream says hello by itself, and then what `tell` is given. It begins after the page, and is waited for. */
const playedStream = `
  {
    const open = new Set()
    let begin
    const begun = new Promise((resolve) => {
      begin = resolve
    })
    window.EventSource = class extends EventTarget {
      readyState = 0
      constructor() {
        super()
        open.add(this)
        setTimeout(() => {
          if (!open.has(this)) return
          this.readyState = 1
          this.hear('hello', { position: null, environment: 'production', processes: { live: 2, current: 2 }, health: null })
          begin()
        })
      }
      hear(type, data) {
        this.dispatchEvent(new MessageEvent(type, { data: JSON.stringify(data) }))
      }
      close() {
        this.readyState = 2
        open.delete(this)
      }
    }
    window.tell = async (type, data) => {
      await begun
      open.forEach((source) => source.hear(type, data))
    }
    window.cut = async () => {
      await begun
      open.forEach((source) => {
        source.readyState = 2
        source.dispatchEvent(new Event('error'))
      })
    }
  }
`

/** The page waits for an answer for ever, and until `giveUp` says that it has waited long enough. */
const patientPage = `
  {
    const waiting = new Set()
    AbortSignal.timeout = () => {
      const control = new AbortController()
      waiting.add(control)
      return control.signal
    }
    window.giveUp = () => {
      for (const control of waiting) control.abort(new DOMException('', 'TimeoutError'))
      waiting.clear()
    }
  }
`

export interface PlayedOptions {
  readonly token?: string
  /** Whether answers are late when `giveUp` says so, and at no time by themselves. */
  readonly isPatient?: boolean
  readonly timezoneId?: string
  /** Runs in the window before the page does. */
  readonly before?: string
}

/** A window of a person who is signed in at this server; its context is the caller's to close. */
export async function openPlayed(
  { browser }: World,
  { url, token: adminToken }: ServedPage,
  { token = adminToken, isPatient = false, timezoneId, before = '' }: PlayedOptions = {},
): Promise<OpenedPage> {
  const zone = timezoneId === undefined ? {} : { timezoneId }
  const opened = await openServed(browser, { reducedMotion: 'reduce', ...zone })
  const { page } = opened
  await page.context().request.post(`${url}/api/web/session`, {
    data: { token, stay: true },
    headers: { origin: url, 'sec-fetch-site': 'same-origin' },
  })
  await page.addInitScript(playedStream)
  if (isPatient) await page.addInitScript(patientPage)
  if (before !== '') await page.addInitScript(before)
  return opened
}

/** Sends an event to the page as the stream would. */
export async function tell(page: Page, type: string, data: object): Promise<void> {
  await page.evaluate(`window.tell(${JSON.stringify(type)}, ${JSON.stringify(data)})`)
}

/** Every answer that the page waits for is late now. */
export async function giveUp(page: Page): Promise<void> {
  await page.evaluate('window.giveUp()')
}

/** Answers as the server does, but for what `change` makes of it. */
export async function alter(page: Page, pattern: string, change: (answer: Answered) => void): Promise<void> {
  await page.route(pattern, async (route) => {
    // An answer that says "as before" has nothing to alter.
    const { 'if-none-match': _, ...headers } = route.request().headers()
    const response = await route.fetch({ headers })
    const answer: Answered = await response.json()
    change(answer)
    await route.fulfill({ response, json: answer })
  })
}

/** Lets previews of `dark_mode` be the server's, with this said of a policy; what is sent goes on as it is. */
export async function alterPreview(page: Page, policy: object): Promise<void> {
  await page.route('**/api/v4/features/dark_mode/changes', async (route) => {
    const sent: { readonly dry_run?: boolean } = route.request().postDataJSON()
    if (sent.dry_run !== true) return await route.continue()
    const response = await route.fetch()
    await route.fulfill({ response, json: { ...(await response.json()), policy } })
  })
}

/** A column of the list of flags. */
export interface ListColumn {
  values: unknown[]
  cells?: number[]
}

/** Lets one flag of the list say something else in a column. */
export function sayInList({ names, columns }: Answered, name: string, column: string, value: unknown): void {
  const { values = [null], cells = names.map(() => 0) } = columns[column] ?? {}
  columns[column] = {
    values: [...values, value],
    cells: names.map((one, place) => (one === name ? values.length : (cells[place] ?? 0))),
  }
}

/** The parts of answers that tests alter. */
export interface Answered {
  version: string
  names: string[]
  columns: Record<string, ListColumn>
  definition: Record<string, unknown> | null
  degraded: boolean
  age_ms: number | null
  ids: string[]
  entries: object[]
  flag: Record<string, unknown>
  groups_known: string[]
}

/** An error of the server, as it words them. */
export const broken = {
  status: 500,
  headers: { 'x-request-id': 'req-7f3a' },
  json: { code: 'internal_error', message: 'something went wrong here; the log of the server has it' },
}
