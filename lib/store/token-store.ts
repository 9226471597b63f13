// The part of the contract of a store that keeps the tokens of the HTTP API.
import type { TokenScope } from './token-scope.js'

export interface TokenRecord {
  readonly id: string
  readonly name: string
  readonly scopes: readonly TokenScope[]
  readonly createdAt: Date
  readonly expiresAt: Date | null
  readonly lastUsedAt: Date | null
  readonly revokedAt: Date | null
  /** Who holds it; null if that was not said. One person may hold several. */
  readonly person: string | null
}

/** Tokens of the HTTP API: only digests are stored. */
export interface TokenStore {
  /** Whether the login of this process may make tokens; the role of an application may not. */
  mayCreate(): Promise<boolean>
  create(token: {
    id: string
    name: string
    digest: Buffer
    scopes: readonly TokenScope[]
    expiresAt: Date | null
    /** Default: null. */
    person?: string | null
  }): Promise<void>
  /** Null for an unknown id; a revoked or expired token is returned as such. */
  find(id: string): Promise<(TokenRecord & { readonly digest: Buffer }) | null>
  list(): Promise<readonly TokenRecord[]>
  /** False if there is no such token; revoking twice is allowed. */
  revoke(idOrName: string): Promise<boolean>
  /** Notes a use; stores write at most once a minute. */
  touch(id: string): Promise<void>
}
