// Polls of SDKs that need no question: the caller is known, the flags are in memory. A poll that is written as SDKs write it is answered
// from its bytes, before Node's parser; another one before Fastify sees it. Parsing the request and finding its route takes longer than
// the answer. Anything else passes on to the route of the same address (routes/unleash.ts), which gives the same answers.
import type { IncomingMessage, ServerResponse } from 'node:http'
import { clientAddress } from '../access/addresses.js'
import type { AnswerTo, Front } from '../connections/front.js'
import { keepAliveMs } from '../connections/http-server.js'
import { type Outlet, responseOutlet, SocketOutlet } from './outlet.js'
import { simpleRequest } from './simple-request.js'
import { type PollHeaders, pollHeaders } from './poll-headers.js'

/** What an SDK asks for. */
export type Polled = 'features' | 'delta'

/** A poll as it came, before anything is known of it. */
export interface FrontPoll {
  /** Id or path, decoded. */
  readonly project: string
  readonly polled: Polled
  readonly headers: PollHeaders
  readonly out: Outlet
  /** The client's address. */
  readonly ip: string
}

/** Whether it has answered; otherwise it has counted nothing. */
export type AnswerFront = (poll: FrontPoll) => boolean

/** The spellings that SDKs use. A query, another escape or a slash too many is the router's work. */
const address =
  /^\/api\/v4\/feature_flags\/unleash\/((?:[\w.~-]|%2[Ff])+)(?:\/(?:client\/)?(features)|\/client\/(delta))?$/

export class PollFront implements Front {
  readonly isProxy: (address: string) => boolean
  #answer: AnswerFront = () => false
  readonly #toSocket = new SocketOutlet(keepAliveMs)

  constructor(isProxy: (address: string) => boolean) {
    this.isProxy = isProxy
  }

  /** What answers from now on. */
  use(answer: AnswerFront): void {
    this.#answer = answer
  }

  answers(request: IncomingMessage, response: ServerResponse): boolean {
    if (request.method !== 'GET') return false
    const meant = meantBy(request.url ?? '')
    if (meant === null) return false
    try {
      const headers = pollHeaders(request)
      const ip = clientAddress(request.socket.remoteAddress, headers['x-forwarded-for'], this.isProxy)
      return this.#answer({ ...meant, headers, out: responseOutlet(response), ip })
    } catch {
      // The route meets the same fault, and tells it.
      return response.headersSent
    }
  }

  reads(bytes: Buffer): AnswerTo | null {
    const request = simpleRequest(bytes)
    const meant = request === null ? null : meantBy(request.url)
    return request === null || meant === null ? null : this.#answerTo(meant, request.headers)
  }

  #answerTo({ project, polled }: Meant, headers: PollHeaders): AnswerTo {
    return (socket) => {
      const out = this.#toSocket.to(socket)
      try {
        const ip = clientAddress(socket.remoteAddress, headers['x-forwarded-for'], this.isProxy)
        return this.#answer({ project, polled, headers, out, ip })
      } catch {
        // The route meets the same fault, and tells it.
        return out.isSent
      }
    }
  }
}

type Meant = Pick<FrontPoll, 'project' | 'polled'>

function meantBy(url: string): Meant | null {
  const [, escaped, , delta] = address.exec(url) ?? []
  if (escaped === undefined) return null
  const project = escaped.includes('%') ? escaped.replaceAll(/%2[Ff]/g, '/') : escaped
  return { project, polled: delta === undefined ? 'features' : 'delta' }
}
