// Whose stream it is: it ends with the token, or with the sign-in, that began it.
import type { FastifyRequest } from 'fastify'
import type { Instance } from '../../../instance/instance.js'
import { isLive } from '../../../tokens/tokens.js'

export interface StreamHolder {
  /** The same for all streams of one holder. */
  readonly key: string
  /** When it ends at the latest; null: it does not end by itself. */
  readonly endsAt: Date | null
  /** Whether it may still look. Rejects where that cannot be asked. */
  isAlive(): Promise<boolean>
}

/** Null for a request without a token. */
export function holderOf(
  { token, signIn }: Pick<FastifyRequest, 'token' | 'signIn'>,
  instance: Pick<Instance, 'tokens' | 'signIns'>,
  now: () => number,
): StreamHolder | null {
  if (token === null) return null
  if (signIn !== null) {
    const { idHash, record } = signIn
    return {
      key: `sign-in ${idHash.toString('hex')}`,
      endsAt: record.expiresAt,
      isAlive: async () => (await instance.signIns.find(idHash)) !== null,
    }
  }
  return {
    key: `token ${token.id}`,
    endsAt: token.expiresAt,
    async isAlive() {
      const found = await instance.tokens.find(token.id)
      return found !== null && isLive(found, new Date(now()))
    },
  }
}
