// Polls and reports of SDKs that need no question: the caller is known, the flags are in memory. One that is written as SDKs write it is
// answered from its bytes, before Node's parser; another poll before Fastify sees it. Parsing the request and finding its route takes
// longer than the answer. Anything else passes on to the route of the same address (routes/unleash.ts, routes/unleash-reports.ts), which
// gives the same answers.
import type { IncomingMessage, ServerResponse } from 'node:http'
import { clientAddress } from '../access/addresses.js'
import type { AnswerTo, Front } from '../connections/front.js'
import { keepAliveMs } from '../connections/http-server.js'
import { type Outlet, responseOutlet, SocketOutlet } from './outlet.js'
import { simpleReport, simpleRequest } from './simple-request.js'
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

/** What an SDK tells. */
export type Reported = 'register' | 'metrics'

/** A report as it came, whole, before anything is known of it. */
export interface FrontReport {
  readonly project: string
  readonly reported: Reported
  readonly headers: PollHeaders
  readonly body: string
  readonly out: Outlet
  readonly ip: string
}

/** Whether it has answered; otherwise it has counted nothing. */
export type AnswerFront = (poll: FrontPoll) => boolean
export type TakeFront = (report: FrontReport) => boolean

/** The spellings that SDKs use. A query, another escape or a slash too many is the router's work. */
const address =
  /^\/api\/v4\/feature_flags\/unleash\/((?:[\w.~-]|%2[Ff])+)(?:\/(?:client\/)?(features)|\/client\/(delta))?$/
const reportAddress = /^\/api\/v4\/feature_flags\/unleash\/((?:[\w.~-]|%2[Ff])+)\/client\/(register|metrics)$/
const firstOfPost = 'P'.charCodeAt(0)

export class PollFront implements Front {
  readonly isProxy: (address: string) => boolean
  #answer: AnswerFront = () => false
  #take: TakeFront = () => false
  readonly #toSocket = new SocketOutlet(keepAliveMs)

  constructor(isProxy: (address: string) => boolean) {
    this.isProxy = isProxy
  }

  /** What answers polls from now on. */
  use(answer: AnswerFront): void {
    this.#answer = answer
  }

  /** What takes reports from now on. */
  useForReports(take: TakeFront): void {
    this.#take = take
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
    if (bytes[0] === firstOfPost) return this.#takeFrom(bytes)
    const request = simpleRequest(bytes)
    const meant = request === null ? null : meantBy(request.url)
    return request === null || meant === null ? null : this.#answerTo(meant, request.headers)
  }

  #takeFrom(bytes: Buffer): AnswerTo | null {
    const report = simpleReport(bytes)
    const [, project, kind] = report === null ? [] : (reportAddress.exec(report.url) ?? [])
    if (report === null || project === undefined) return null
    const { headers, body } = report
    const meant = { project: decoded(project), reported: kind === 'register' ? 'register' : 'metrics' } as const
    return this.#to(headers, (out, ip) => this.#take({ ...meant, headers, body, out, ip }))
  }

  #answerTo({ project, polled }: Meant, headers: PollHeaders): AnswerTo {
    return this.#to(headers, (out, ip) => this.#answer({ project, polled, headers, out, ip }))
  }

  #to(headers: PollHeaders, answer: (out: Outlet, ip: string) => boolean): AnswerTo {
    return (socket) => {
      const out = this.#toSocket.to(socket)
      try {
        return answer(out, clientAddress(socket.remoteAddress, headers['x-forwarded-for'], this.isProxy))
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
  return { project: decoded(escaped), polled: delta === undefined ? 'features' : 'delta' }
}

function decoded(project: string): string {
  return project.includes('%') ? project.replaceAll(/%2[Ff]/g, '/') : project
}
