// The contract of what a server keeps of the people who use it in a browser: sign-ins, one-time codes, and keys for signatures. Every
// implementation (Postgres, embedded, memory) runs test/contract/sign-ins.contract.ts.
import type { TokenScope } from './token-scope.js'
import type { TokenRecord } from './token-store.js'

/** What was made with a token, or (`token` null) by a command on the database. */
export interface NewSignIn {
  readonly kind: 'session' | 'code'
  /** The SHA-256 of its secret. */
  readonly idHash: Buffer
  readonly tokenId: string | null
  /** Who ran the command, such as `cli:ann`; null for a token, whose own person counts. */
  readonly person: string | null
  readonly scopes: readonly TokenScope[]
}

/** A sign-in that counts. */
export interface SignInRecord {
  /** As it is now; null for a sign-in by a command. */
  readonly token: TokenRecord | null
  readonly person: string | null
  /** Never more than the token has. */
  readonly scopes: readonly TokenScope[]
  readonly createdAt: Date
  /** When it ends at the latest. */
  readonly expiresAt: Date
}

/** A sign-in ends after this time, and earlier after so much time without a request. A code is good for so long. */
export const signInTimes = { lifeMs: 12 * 3_600_000, idleMs: 2 * 3_600_000, codeMs: 10 * 60_000 } as const

/** The most sign-ins and codes that `prune` deletes at once: their rows are locked until it has ended. */
export const mostPruned = 1_000

/** What a key signs. */
export type KeyName = 'csrf' | 'confirm'

/** All of it throws StoreUnavailable: also `not_migrated`, and `server_rights_missing` for a login without the rights. */
export interface SignInStore {
  /** Keeps it. To do so twice is harmless. */
  create(signIn: NewSignIn): Promise<void>
  /** Takes a code away, and makes the sign-in that it stands for; null for a code that is unknown, used or too old. */
  redeem(codeHash: Buffer, idHash: Buffer): Promise<SignInRecord | null>
  /** Null for one that is unknown or has ended, also because its token has. */
  find(idHash: Buffer): Promise<SignInRecord | null>
  /** Notes a use; stores write at most once a minute. */
  touch(idHash: Buffer): Promise<void>
  /** Ends one; true if there was one. */
  end(idHash: Buffer): Promise<boolean>
  /** Ends all of a token, or of a person without one, codes too. Gives their number. */
  endAll(owner: Pick<NewSignIn, 'tokenId' | 'person'>): Promise<number>
  /** The keys that are good now, the newest first: it signs, all of them verify. Makes one where there is none of today. */
  keys(name: KeyName): Promise<readonly Buffer[]>
  /** Deletes keys, sign-ins and codes that have ended, of the latter `mostPruned` at most; gives their number. */
  prune(): Promise<number>
}
