// Whose stream it is: it ends with the token that began it.
import type { FastifyRequest } from 'fastify'
import type { Instance } from '../../instance/instance.js'
import { isLive } from '../../tokens/tokens.js'

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
  { token }: FastifyRequest,
  instance: Pick<Instance, 'tokens'>,
  now: () => number,
): StreamHolder | null {
  if (token === null) return null
  return {
    key: token.id,
    endsAt: token.expiresAt,
    async isAlive() {
      const found = await instance.tokens.find(token.id)
      return found !== null && isLive(found, new Date(now()))
    },
  }
}
