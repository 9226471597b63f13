// How often SDKs may ask and report. They share addresses (a data centre, a proxy), so they are counted for each project at an
// address, apart from the limit of the other routes. Counted in this process's memory: several servers each count for
// themselves. A wrong ID counts for its address alone; a living one passes however many wrong ones its address sends.
import { FeatureError } from '../../errors.js'
import { countedAddress } from './addresses.js'
import { type Counted, MinuteCounts } from './minute-counts.js'

/** The most per minute. */
export interface SdkLimitsOptions {
  /** GETs of one address for one project. */
  readonly polls: number
  /** POSTs of one address for one project. */
  readonly reports: number
  /** Requests of one address without a living instance ID. */
  readonly wrongIds: number
  /** Milliseconds of a clock that is never set. */
  readonly elapsed: () => number
  /** Milliseconds since 1970: the header of GitLab tells a time of day. */
  readonly now: () => number
}

/** What is left to an address; `resetMs` is the time until counting begins anew. */
export interface Allowance {
  readonly limit: number
  readonly remaining: number
  readonly resetMs: number
}

const mostAddresses = 20_000
const minuteMs = 60_000

/** The refusal of a request beyond a limit, with the headers that GitLab sends. */
export class LimitReached extends FeatureError {
  /** Names and values in turn. */
  readonly headers: readonly string[]

  constructor(what: string, limit: number, waitSeconds: number, headers: readonly string[]) {
    const problem = `more than ${limit} ${what} a minute`
    super('rate_limited', { problem, remedy: `try again in ${waitSeconds} s` })
    this.headers = [...headers, 'retry-after', String(waitSeconds)]
  }
}

export class SdkLimits {
  readonly #options: SdkLimitsOptions
  readonly #polls: ProjectCounts
  readonly #reports: ProjectCounts
  readonly #wrong: MinuteCounts
  /** The same for most polls of a minute. */
  #reset = { seconds: 0, text: '0' }
  /** Each address as it counts: working it out takes longer than all the rest. */
  readonly #counted = new Map<string, string>()

  constructor(options: SdkLimitsOptions) {
    this.#options = options
    this.#polls = new ProjectCounts(options.elapsed)
    this.#reports = new ProjectCounts(options.elapsed)
    this.#wrong = new MinuteCounts(options.elapsed)
  }

  /**
   * Counts one poll of an address for a project. `ip` as the request has it: behind a trusted proxy, the client's. Throws
   * LimitReached, as `report` and `guess` do.
   */
  poll(ip: string, projectId: number): Allowance {
    const counted = this.#polls.add(this.#addressOf(ip), projectId)
    return this.#allow('polls of one project', counted, this.#options.polls)
  }

  /** The same for a poll that goes on to `poll` if it is refused: null beyond the limit. */
  pollAllowed(ip: string, projectId: number): Allowance | null {
    return allowed(this.#polls.add(this.#addressOf(ip), projectId), this.#options.polls)
  }

  /** Counts one report. */
  report(ip: string, projectId: number): Allowance {
    const counted = this.#reports.add(this.#addressOf(ip), projectId)
    return this.#allow('reports for one project', counted, this.#options.reports)
  }

  /** The same for a report that goes on to `report` if it is refused: null beyond the limit. */
  reportAllowed(ip: string, projectId: number): Allowance | null {
    return allowed(this.#reports.add(this.#addressOf(ip), projectId), this.#options.reports)
  }

  /** Before the store is asked for an ID that is not known here. Counts nothing. */
  guess(ip: string): void {
    const { count, ttlMs } = this.#wrong.read(this.#addressOf(ip))
    this.#allow('wrong instance IDs', { count: count + 1, ttlMs }, this.#options.wrongIds)
  }

  /** Counts one wrong ID of the address. Never throws. */
  noteWrong(ip: string): void {
    this.#wrong.add(this.#addressOf(ip))
  }

  /** The headers of GitLab, as a list of names and values: one is made for each poll. */
  headersOf({ limit, remaining, resetMs }: Allowance): readonly string[] {
    const reset = Math.ceil((this.#options.now() + resetMs) / 1_000)
    if (reset !== this.#reset.seconds) this.#reset = { seconds: reset, text: String(reset) }
    const { text } = this.#reset
    return ['ratelimit-limit', String(limit), 'ratelimit-remaining', String(remaining), 'ratelimit-reset', text]
  }

  #allow(what: string, { count, ttlMs }: Counted, limit: number): Allowance {
    const allowance = { limit, remaining: Math.max(0, limit - count), resetMs: ttlMs }
    if (count <= limit) return allowance
    throw new LimitReached(what, limit, Math.max(1, Math.ceil(ttlMs / 1_000)), this.headersOf(allowance))
  }

  #addressOf(ip: string): string {
    const known = this.#counted.get(ip)
    if (known !== undefined) return known
    if (this.#counted.size >= mostAddresses) this.#counted.clear()
    const counted = countedAddress(ip)
    this.#counted.set(ip, counted)
    return counted
  }
}

function allowed({ count, ttlMs }: Counted, limit: number): Allowance | null {
  return count > limit ? null : { limit, remaining: limit - count, resetMs: ttlMs }
}

/** The same list as Fastify takes it. */
export function headersIn(list: readonly string[]): Record<string, string> {
  const names = list.filter((_, index) => index % 2 === 0)
  return Object.fromEntries(names.map((name, index) => [name, list[index * 2 + 1] ?? '']))
}

interface Count {
  count: number
  sinceMs: number
}

/** `MinuteCounts` for each project at an address, in the two steps that cost least: this is done for every poll. */
class ProjectCounts {
  readonly #elapsed: () => number
  readonly #counts = new Map<string, Map<number, Count>>()

  constructor(elapsed: () => number) {
    this.#elapsed = elapsed
  }

  add(address: string, project: number): Counted {
    const nowMs = this.#elapsed()
    const counting = this.#of(address, project, nowMs)
    if (nowMs - counting.sinceMs >= minuteMs) Object.assign(counting, { count: 0, sinceMs: nowMs })
    counting.count += 1
    return { count: counting.count, ttlMs: minuteMs - (nowMs - counting.sinceMs) }
  }

  #of(address: string, project: number, nowMs: number): Count {
    let ofAddress = this.#counts.get(address)
    if (ofAddress === undefined) {
      const [oldest] = this.#counts.size < mostAddresses ? [] : this.#counts.keys()
      if (oldest !== undefined) this.#counts.delete(oldest)
      ofAddress = new Map()
      this.#counts.set(address, ofAddress)
    }
    let counting = ofAddress.get(project)
    if (counting === undefined) {
      counting = { count: 0, sinceMs: nowMs }
      ofAddress.set(project, counting)
    }
    return counting
  }
}
