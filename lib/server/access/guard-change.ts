// What a change asks of its caller on routes that also answer with previews: a preview is a look, so only here is it known which of the
// two a request is.
import type { FastifyReply, FastifyRequest } from 'fastify'
import type { Revision } from '../../state/revision.js'
import type { AskedChange, Confirmations } from '../sign-in/confirmations.js'
import type { RateGuard } from './rate-limits.js'
import { checkRight } from './route-scope.js'

export interface GuardedChange extends AskedChange {
  /** What the request asks for, such as `a change`. */
  readonly what: string
  readonly force: boolean
}

export interface ChangeGuards {
  readonly rates: RateGuard
  readonly confirmations: Confirmations
}

/**
 * The revisions that the flags must still have: those that the request asks for, and of a person who is signed in those that were
 * confirmed. Throws FeatureError (`forbidden`, `rate_limited`, `confirmation_needed`). The route declares `scope: 'read'` and
 * `isReading: true`.
 */
export async function guardChange(
  request: FastifyRequest,
  reply: FastifyReply,
  { rates, confirmations }: ChangeGuards,
  { what, force, ...asked }: GuardedChange,
): Promise<ReadonlyMap<string, Revision>> {
  checkRight(request, what, 'write')
  if (force) checkRight(request, 'force', 'admin')
  await rates.write(request, reply)
  return confirmations.demand(request, asked)
}

/**
 * The same for routes of GitLab's, whose requests have no place for a confirmation: a person who is signed in makes no change there. Throws
 * FeatureError (`forbidden`, `rate_limited`, `confirmation_needed`).
 */
export async function guardTokenChange(
  request: FastifyRequest,
  reply: FastifyReply,
  { rates, confirmations }: ChangeGuards,
  what: string,
): Promise<void> {
  checkRight(request, what, 'write')
  if (request.signIn !== null) confirmations.refuse()
  await rates.write(request, reply)
}
