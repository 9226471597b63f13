// What an SDK is told that gets no answer. One that is told 401 may stop asking for good, so only a credential that the store has just not
// had gets it: whatever else fails is not the fault of the SDK.
import type { FastifyReply } from 'fastify'
import { errorTable, errorText, FeatureError } from '../../errors.js'
import type { Logger } from '../../log.js'
import { headersIn, LimitReached } from '../access/sdk-limits.js'
import { securityHeaders } from '../security-headers.js'

/** For an answer that is given in vain until Postgres is back: SDKs of other makers read it. */
const retryAfterSeconds = '15'

/**
 * Sends 401 for a wrong credential, 429 beyond a limit, `otherwise` for anything else; gives the status. An outage makes no line of log
 * for each poll: the directory logs it once.
 */
export function refuseSdk(error: Error, reply: FastifyReply, logger: Logger, otherwise: 429 | 503 = 503): number {
  const code = error instanceof FeatureError ? error.code : 'internal'
  if (code === 'internal') {
    logger.error({ error: errorText(error), stack: error.stack }, 'http: an SDK was not answered')
  }
  const message = code === 'unauthorized' ? '401 Unauthorized' : errorTable[code].meaning
  const status = code === 'unauthorized' ? 401 : code === 'rate_limited' ? 429 : otherwise
  if (status !== 401) void reply.header('retry-after', retryAfterSeconds)
  if (error instanceof LimitReached) void reply.headers(headersIn(error.headers))
  const body = Buffer.from(JSON.stringify({ message, code }))
  void reply.code(status).headers(securityHeaders).type('application/json').send(body)
  return status
}
