// Sign-ins, one-time codes and keys in memory.
import { randomBytes } from 'node:crypto'
import {
  type KeyName,
  mostPruned,
  type NewSignIn,
  type SignInRecord,
  type SignInStore,
  signInTimes,
} from '../sign-ins.js'
import type { TokenStore } from '../store.js'

interface Kept extends NewSignIn {
  readonly createdAt: Date
  readonly seenAt: Date
  readonly expiresAt: Date
}

interface Key {
  readonly key: Buffer
  readonly day: number
}

const { lifeMs, idleMs, codeMs } = signInTimes
const touchEveryMs = 60_000
const dayMs = 86_400_000

export function memorySignIns(now: () => Date, tokens: Pick<TokenStore, 'find'>): SignInStore {
  const kept = new Map<string, Kept>()
  const keys = new Map<KeyName, readonly Key[]>()
  const isOver = ({ kind, seenAt, expiresAt }: Kept) =>
    expiresAt <= now() || (kind === 'session' && now().getTime() - seenAt.getTime() >= idleMs)
  const add = (signIn: NewSignIn) => {
    const key = signIn.idHash.toString('hex')
    if (kept.has(key)) return
    const at = now()
    const expiresAt = new Date(at.getTime() + (signIn.kind === 'code' ? codeMs : lifeMs))
    kept.set(key, { ...signIn, createdAt: at, seenAt: at, expiresAt })
  }
  const removeWhere = (test: (one: Kept) => boolean, most = Number.POSITIVE_INFINITY) => {
    const gone = [...kept].filter(([, one]) => test(one)).slice(0, most)
    for (const [key] of gone) kept.delete(key)
    return gone.length
  }
  const find = async (idHash: Buffer): Promise<SignInRecord | null> => {
    const one = kept.get(idHash.toString('hex'))
    if (one === undefined || one.kind === 'code' || isOver(one)) return null
    const { person, scopes, createdAt, expiresAt } = one
    if (one.tokenId === null) return { token: null, person, scopes, createdAt, expiresAt }
    const found = await tokens.find(one.tokenId)
    if (found === null || found.revokedAt !== null || (found.expiresAt !== null && found.expiresAt <= now()))
      return null
    const { digest: _, ...token } = found
    const ends = Math.min(expiresAt.getTime(), token.expiresAt?.getTime() ?? Number.POSITIVE_INFINITY)
    const given = scopes.filter((scope) => token.scopes.includes(scope))
    return { token, person: person ?? token.person, scopes: given, createdAt, expiresAt: new Date(ends) }
  }
  return {
    find,
    async create(signIn) {
      add(signIn)
    },
    async redeem(codeHash, idHash) {
      const code = kept.get(codeHash.toString('hex'))
      if (code?.kind === 'code' && !isOver(code)) {
        kept.delete(codeHash.toString('hex'))
        add({ ...code, kind: 'session', idHash })
      }
      return find(idHash)
    },
    async touch(idHash) {
      const key = idHash.toString('hex')
      const one = kept.get(key)
      if (one === undefined || now().getTime() - one.seenAt.getTime() < touchEveryMs) return
      kept.set(key, { ...one, seenAt: now() })
    },
    async end(idHash) {
      return kept.delete(idHash.toString('hex'))
    },
    async endAll(owner) {
      return removeWhere(({ tokenId, person }) =>
        owner.tokenId === null ? tokenId === null && person === owner.person : tokenId === owner.tokenId,
      )
    },
    async keys(name) {
      const today = Math.floor(now().getTime() / dayMs)
      const good = (keys.get(name) ?? []).filter(({ day }) => day > today - 2)
      const isNew = good.some(({ day }) => day === today)
      const all = isNew ? good : [{ key: randomBytes(32), day: today }, ...good]
      keys.set(name, all)
      return all.map(({ key }) => key)
    },
    async prune() {
      return removeWhere(isOver, mostPruned)
    },
  }
}
