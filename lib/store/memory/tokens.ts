// Tokens of the HTTP API in memory.
import { FeatureError } from '../../errors.js'
import type { TokenRecord, TokenStore } from '../store.js'

const touchEveryMs = 60_000

export function memoryTokens(now: () => Date): TokenStore {
  const tokens = new Map<string, TokenRecord & { readonly digest: Buffer }>()
  const update = (id: string, changes: Partial<TokenRecord>) => {
    const token = tokens.get(id)
    if (token !== undefined) tokens.set(id, { ...token, ...changes })
  }
  return {
    async mayCreate() {
      return true
    },
    async create({ person = null, ...token }) {
      if (tokens.has(token.id)) {
        const problem = `there is a token "${token.id}" already`
        throw new FeatureError('store_rejected', { problem, remedy: 'give it another id' })
      }
      tokens.set(token.id, { ...token, person, createdAt: now(), lastUsedAt: null, revokedAt: null })
    },
    async find(id) {
      return tokens.get(id) ?? null
    },
    async list() {
      return [...tokens.values()].map(({ digest: _, ...record }) => record)
    },
    async revoke(idOrName) {
      const named = [...tokens.values()].filter((token) => token.name === idOrName).map((token) => token.id)
      const ids = tokens.has(idOrName) ? [idOrName] : named
      for (const id of ids) update(id, { revokedAt: tokens.get(id)?.revokedAt ?? now() })
      return ids.length > 0
    },
    async touch(id) {
      const used = tokens.get(id)?.lastUsedAt?.getTime() ?? 0
      if (now().getTime() - used >= touchEveryMs) update(id, { lastUsedAt: now() })
    },
  }
}
