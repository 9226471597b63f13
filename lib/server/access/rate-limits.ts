// Rate limits. They are counted in this process's memory, per minute: they stop runaway scripts and guessing and do not bill,
// so several servers each count for themselves.
import rateLimit, { type FastifyRateLimitStore } from '@fastify/rate-limit'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { FeatureError } from '../../errors.js'
import { countedAddress } from './addresses.js'
import { Guesses } from './guesses.js'
import { MinuteCounts } from './minute-counts.js'

/** The most requests per minute. */
export interface RateLimits {
  /** Of all kinds, per address; those with a token that worked recently count for the token at that address. */
  readonly requests: number
  /** POST and DELETE, per token. */
  readonly writes: number
  /** With a wrong token, per address. */
  readonly failures: number
}

export interface RateGuard {
  /** Counts a request of this address, or of its token there. Throws FeatureError (`rate_limited`), as all of these do. */
  request(request: FastifyRequest, reply: FastifyReply): Promise<void>
  /** Counts a write of the request's token. */
  write(request: FastifyRequest, reply: FastifyReply): Promise<void>
  /** The result of the look-up; null counts as a wrong token. Does not look up if the address has sent too many. */
  guess<T>(request: FastifyRequest, reply: FastifyReply, lookUp: () => Promise<T | null>): Promise<T | null>
}

const timeWindow = 60_000

/** Makes the counters of one app. `elapsed` gives milliseconds of a clock that is never set. */
export async function makeRateGuard(
  app: FastifyInstance,
  limits: RateLimits,
  elapsed: () => number,
): Promise<RateGuard> {
  await app.register(rateLimit, { global: false, store: storeOf(elapsed) })
  // "Banned" from the second refusal of a minute on: one line of log is enough for all of them.
  const requests = app.createRateLimit({ max: limits.requests, timeWindow, keyGenerator: requestKey, ban: 1 })
  const writes = app.createRateLimit({ max: limits.writes, timeWindow, keyGenerator: ({ token }) => token?.id ?? '' })
  const guesses = new Guesses(new MinuteCounts(elapsed), limits.failures)
  return {
    async request(request, reply) {
      const count = await requests(request)
      if (count.isAllowed || !count.isExceeded) return
      request.quiet = count.isBanned
      refuse(reply, count.ttl, `${limits.requests} requests`)
    },
    async write(request, reply) {
      const count = await writes(request)
      if (!count.isAllowed && count.isExceeded) refuse(reply, count.ttl, `${limits.writes} changes with one token`)
    },
    guess(request, reply, lookUp) {
      return guesses.attempt(countedAddress(request.ip), lookUp, ({ ttlMs }) =>
        refuse(reply, ttlMs, `${limits.failures} wrong tokens`),
      )
    },
  }
}

/** A client that floods from an address must not shut out other clients at that address whose tokens are known. */
function requestKey({ ip, token }: FastifyRequest): string {
  const address = countedAddress(ip)
  return token === null ? address : `${address} ${token.id}`
}

/** The plugin's own store reads the wall clock. */
function storeOf(elapsed: () => number): new () => FastifyRateLimitStore {
  return class MonotonicStore implements FastifyRateLimitStore {
    readonly #counts = new MinuteCounts(elapsed)

    incr(key: string, callback: (error: Error | null, result?: { current: number; ttl: number }) => void): void {
      const { count, ttlMs } = this.#counts.add(key)
      callback(null, { current: count, ttl: ttlMs })
    }

    child(): FastifyRateLimitStore {
      return new MonotonicStore()
    }
  }
}

function refuse(reply: FastifyReply, ttlMs: number, what: string): never {
  const wait = Math.max(1, Math.ceil(ttlMs / 1_000))
  void reply.header('retry-after', wait)
  throw new FeatureError('rate_limited', { problem: `more than ${what} a minute`, remedy: `try again in ${wait} s` })
}
