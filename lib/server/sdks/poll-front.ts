// Polls of SDKs that need no question: the caller is known, the flags are in memory. They are answered before Fastify sees them,
// because finding a route and making its request and reply takes longer than the answer. Anything else passes on to the route of the
// same address (routes/unleash.ts), which gives the same answers.
import type { IncomingMessage, ServerResponse } from 'node:http'
import { clientAddress } from '../access/addresses.js'
import type { Front } from '../connections/http-server.js'
import { type PollHeaders, pollHeaders } from './poll-headers.js'

/** What an SDK asks for. */
export type Polled = 'features' | 'delta'

/** A poll as it came, before anything is known of it. */
export interface FrontPoll {
  /** Id or path, decoded. */
  readonly project: string
  readonly polled: Polled
  readonly headers: PollHeaders
  readonly response: ServerResponse
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

  constructor(isProxy: (address: string) => boolean) {
    this.isProxy = isProxy
  }

  /** What answers from now on. */
  use(answer: AnswerFront): void {
    this.#answer = answer
  }

  answers(request: IncomingMessage, response: ServerResponse): boolean {
    if (request.method !== 'GET') return false
    const [, escaped, , delta] = address.exec(request.url ?? '') ?? []
    if (escaped === undefined) return false
    const project = escaped.includes('%') ? escaped.replaceAll(/%2[Ff]/g, '/') : escaped
    const polled = delta === undefined ? 'features' : 'delta'
    try {
      const headers = pollHeaders(request)
      const ip = clientAddress(request.socket.remoteAddress, headers['x-forwarded-for'], this.isProxy)
      return this.#answer({ project, polled, headers, response, ip })
    } catch {
      // The route meets the same fault, and tells it.
      return response.headersSent
    }
  }
}
