// What stands before every route of the API: how often, who, and whether they may. Runs before the body is read.
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import type { TokenRecord } from '../store/store.js'
import { type Auth, checkScope, readCredential, unauthorized } from './auth.js'
import type { RateGuard } from './rate-limits.js'

declare module 'fastify' {
  interface FastifyRequest {
    /** Whose request it is; null outside of the API. */
    token: TokenRecord | null
  }
}

/** Guards all routes added to `scope`. Throws FeatureError `unauthorized`, `forbidden` or `rate_limited` there. */
export function guardAccess(scope: FastifyInstance, auth: Auth, rates: RateGuard): void {
  scope.addHook('onRequest', async (request, reply) => {
    await rates.request(request, reply)
    const token = await findToken(request, reply, auth, rates)
    request.token = token
    checkScope(token, request.method)
    if (request.method !== 'GET' && request.method !== 'HEAD') await rates.write(request, reply)
  })
}

/** After too many wrong tokens an address is answered without asking the store; known tokens from there still work. */
async function findToken(
  request: FastifyRequest,
  reply: FastifyReply,
  auth: Auth,
  rates: RateGuard,
): Promise<TokenRecord> {
  const credential = readCredential(request.raw)
  const known = auth.known(credential)
  if (known !== null) return known
  await rates.guessing(request, reply)
  const found = await auth.find(credential)
  if (found !== null) return found
  await rates.failure(request)
  throw unauthorized()
}
