// How often one may ask. Counted in this process's memory, per minute: the limits are there to stop runaway scripts and
// guessing, not to bill, so several servers each count for themselves.
import rateLimit from '@fastify/rate-limit'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { FeatureError } from '../errors.js'

/** Most requests a minute. */
export interface RateLimits {
  /** Of all kinds, per address. */
  readonly requests: number
  /** POST and DELETE, per token. */
  readonly writes: number
  /** With a wrong token, per address. */
  readonly failures: number
}

export const defaultRateLimits: RateLimits = { requests: 1_200, writes: 60, failures: 10 }

export interface RateGuard {
  /** Counts a request of this address. Throws FeatureError (`rate_limited`), as all of these do. */
  request(request: FastifyRequest, reply: FastifyReply): Promise<void>
  /** Counts a write of the token that the request has. */
  write(request: FastifyRequest, reply: FastifyReply): Promise<void>
  /** Refuses an address that has sent too many wrong tokens; counts nothing. */
  guessing(request: FastifyRequest, reply: FastifyReply): Promise<void>
  /** Counts a wrong token. */
  failure(request: FastifyRequest): Promise<void>
}

const timeWindow = 60_000

/** Makes the counters of one app. */
export async function makeRateGuard(app: FastifyInstance, limits: RateLimits): Promise<RateGuard> {
  await app.register(rateLimit, { global: false })
  const requests = app.createRateLimit({ max: limits.requests, timeWindow })
  const failures = app.createRateLimit({ max: limits.failures, timeWindow })
  const writes = app.createRateLimit({ max: limits.writes, timeWindow, keyGenerator: ({ token }) => token?.id ?? '' })
  return {
    async request(request, reply) {
      const count = await requests(request)
      if (!count.isAllowed && count.isExceeded) refuse(reply, count.ttlInSeconds, `${limits.requests} requests`)
    },
    async write(request, reply) {
      const count = await writes(request)
      if (!count.isAllowed && count.isExceeded)
        refuse(reply, count.ttlInSeconds, `${limits.writes} changes with one token`)
    },
    async guessing(request, reply) {
      const count = await failures(request, { increment: false })
      if (!count.isAllowed && count.remaining === 0)
        refuse(reply, count.ttlInSeconds, `${limits.failures} wrong tokens`)
    },
    async failure(request) {
      await failures(request)
    },
  }
}

function refuse(reply: FastifyReply, seconds: number, what: string): never {
  const wait = Math.max(1, seconds)
  void reply.header('retry-after', wait)
  throw new FeatureError('rate_limited', `more than ${what} a minute; try again in ${wait} s`)
}
