// The one way to the server. Everything that comes back is checked here or by the parser that the caller gives.
import { ApiFault } from './fault.js'
import { isRecord, type Parser } from './parse.js'

export interface Ask {
  readonly method?: 'GET' | 'POST' | 'DELETE'
  readonly body?: object
  readonly headers?: Readonly<Record<string, string>>
  readonly signal?: AbortSignal | undefined
  /** Default: 20 s. */
  readonly timeoutMs?: number
}

export interface Answer {
  readonly status: number
  readonly body: unknown
  readonly etag: string | null
}

export interface Door {
  /** The parsed body. Throws ApiFault. */
  ask<T>(path: string, parser: Parser<T>, ask?: Ask): Promise<T>
  /** The answer as it came, where the status matters. Throws ApiFault for what is an error. */
  answer(path: string, ask?: Ask): Promise<Answer>
}

export interface DoorOptions {
  /** The token that a change needs beside the cookie; null without a sign-in. */
  readonly csrf: () => string | null
  /** Called when the server says that the session is over. */
  readonly onSessionOver: () => void
  /** Called with the time that the server tells beside an answer; milliseconds. */
  readonly onServerTime?: (at: number) => void
}

const patienceMs = 20_000

export function makeDoor({ csrf, onSessionOver, onServerTime }: DoorOptions): Door {
  const answer = async (path: string, ask: Ask = {}): Promise<Answer> => {
    const response = await send(path, ask, csrf())
    const at = Date.parse(response.headers.get('date') ?? '')
    if (!Number.isNaN(at)) onServerTime?.(at)
    const body = await readBody(response)
    if (response.ok || response.status === 304)
      return { status: response.status, body, etag: response.headers.get('etag') }
    if (response.status === 401) onSessionOver()
    throw refusal(response, body)
  }
  return {
    answer,
    async ask<T>(path: string, parser: Parser<T>, ask: Ask = {}): Promise<T> {
      const { body } = await answer(path, ask)
      try {
        return parser(body)
      } catch (error) {
        throw new ApiFault({
          kind: 'nonsense',
          message: `the answer of ${path} is not understood: ${textOf(error)}`,
          body,
        })
      }
    },
  }
}

async function send(
  path: string,
  { method = 'GET', body, headers = {}, signal, timeoutMs = patienceMs }: Ask,
  csrf: string | null,
): Promise<Response> {
  const late = AbortSignal.timeout(timeoutMs)
  try {
    return await fetch(path, {
      method,
      // What the server says about age is what counts, not what the browser would keep.
      cache: 'no-store',
      credentials: 'same-origin',
      redirect: 'error',
      signal: signal === undefined ? late : AbortSignal.any([signal, late]),
      // With more of them, such as what is accepted, the browser would not take the answer that it has asked for beside the page.
      headers: {
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        ...(method === 'GET' || csrf === null ? {} : { 'x-csrf-token': csrf }),
        ...headers,
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    })
  } catch (error) {
    if (signal?.aborted === true) throw error
    if (late.aborted) throw new ApiFault({ kind: 'slow', message: `no answer within ${timeoutMs / 1_000} s` })
    throw new ApiFault({ kind: 'offline', message: 'the server cannot be reached' })
  }
}

async function readBody(response: Response): Promise<unknown> {
  if (response.status === 204 || response.status === 304) return null
  const type = response.headers.get('content-type') ?? ''
  let text: string
  try {
    text = await response.text()
  } catch {
    throw new ApiFault({ kind: 'offline', message: 'the answer broke off', status: response.status })
  }
  if (type.startsWith('application/json')) {
    try {
      return JSON.parse(text)
    } catch {
      // Told below, as every other answer that is not ours.
    }
  }
  const message = `something that is not this server answered ${response.status}${type === '' ? '' : `, ${type.split(';', 1)[0]}`}`
  throw new ApiFault({ kind: 'nonsense', message, status: response.status })
}

function refusal(response: Response, body: unknown): ApiFault {
  const said = isRecord(body) ? body : {}
  const wait = Number.parseInt(response.headers.get('retry-after') ?? '', 10)
  return new ApiFault({
    kind: 'refused',
    status: response.status,
    code: typeof said['code'] === 'string' ? said['code'] : `http_${response.status}`,
    message: typeof said['message'] === 'string' ? said['message'] : `the server answered ${response.status}`,
    requestId: response.headers.get('x-request-id'),
    retryAfterS: Number.isFinite(wait) ? wait : null,
    body,
  })
}

function textOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}
