// What a change asks of its caller on routes that also answer with previews: a preview is a look, so only here is it known which of the
// two a request is.
import type { FastifyReply, FastifyRequest } from 'fastify'
import type { RateGuard } from './rate-limits.js'
import { checkRight } from './route-scope.js'

export interface GuardedChange {
  /** What the request asks for, such as `a change`. */
  readonly what: string
  readonly force: boolean
}

/** Throws FeatureError (`forbidden`, `rate_limited`). The route declares `scope: 'read'` and `isReading: true`. */
export async function guardChange(
  request: FastifyRequest,
  reply: FastifyReply,
  rates: RateGuard,
  { what, force }: GuardedChange,
): Promise<void> {
  checkRight(request, what, 'write')
  if (force) checkRight(request, 'force', 'admin')
  await rates.write(request, reply)
}
