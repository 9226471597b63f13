// Finds who is signed in by the cookie of a request, and signs people in and out. As with tokens, the store's answer is kept for ten
// seconds at most: so a sign-in ends that soon after it was ended elsewhere, or after its token was revoked.
import { createHash, randomBytes } from 'node:crypto'
import { errorText } from '../../errors.js'
import type { Logger } from '../../log.js'
import type { SignInRecord, SignInStore } from '../../store/sign-ins.js'
import type { TokenRecord } from '../../store/store.js'
import type { Auth } from '../access/auth.js'
import { keepNewest } from '../access/keep-newest.js'

/** A person who is signed in. */
export interface SignIn {
  /** The SHA-256 of the cookie's secret. */
  readonly idHash: Buffer
  readonly record: SignInRecord
  /** The record as that of a token, whose scopes are those of the sign-in: routes ask nothing else. */
  readonly token: TokenRecord
  /** The author of changes. */
  readonly author: string
}

/** A sign-in that was just made; `secret` belongs into the cookie. */
export interface NewlySignedIn {
  readonly secret: string
  readonly signIn: SignIn
}

export interface SignInsOptions {
  readonly store: SignInStore
  readonly auth: Auth
  readonly logger: Logger
  /** Milliseconds of a clock that is never set. */
  readonly elapsed: () => number
}

interface Kept {
  /** The time of the question, not of the answer: what ends in between must count from then. */
  readonly askedAtMs: number
  readonly signIn: SignIn | null
}

const keepMs = 10_000
/** A secret that is not signed in now never will be: a page that goes on asking with an old cookie costs nothing. */
const keepEndedMs = 600_000
/** For this long, a sign-in that worked is looked up at once, however many wrong tokens its address sends. */
const workedForMs = 3_600_000
const touchEveryMs = 60_000

export class SignIns {
  readonly #options: SignInsOptions
  readonly #kept = new Map<string, Kept>()
  readonly #asking = new Map<string, Promise<SignIn | null>>()
  readonly #touchedAtMs = new Map<string, number>()
  readonly #touching = new Set<Promise<void>>()
  readonly #workedAtMs = new Map<string, number>()

  constructor(options: SignInsOptions) {
    this.#options = options
  }

  /** What is known of the secret without asking the store; undefined if nothing is, null for one that is not signed in. */
  known(secret: string): SignIn | null | undefined {
    const key = hashOf(secret).toString('hex')
    const kept = this.#kept.get(key)
    if (kept === undefined) return undefined
    const ageMs = this.#options.elapsed() - kept.askedAtMs
    if (ageMs >= 0 && ageMs < (kept.signIn === null ? keepEndedMs : keepMs)) return kept.signIn
    this.#kept.delete(key)
    return undefined
  }

  /** Null for one that is not signed in, or no longer. Throws StoreUnavailable: an outage must not look like a sign-out. */
  async find(secret: string): Promise<SignIn | null> {
    const known = this.known(secret)
    const signIn = known === undefined ? await this.#ask(hashOf(secret)) : known
    if (signIn === null) return null
    keepNewest(this.#workedAtMs, signIn.idHash.toString('hex'), this.#options.elapsed())
    this.#touch(signIn.idHash)
    return signIn
  }

  /** Whether the secret was signed in within the last hour; it may have been ended since. */
  workedLately(secret: string): boolean {
    const atMs = this.#workedAtMs.get(hashOf(secret).toString('hex'))
    return atMs !== undefined && this.#options.elapsed() - atMs < workedForMs
  }

  /** Signs the holder of a token in; null for a wrong one. Throws StoreUnavailable. */
  async withToken(text: string): Promise<NewlySignedIn | null> {
    const token = await this.#options.auth.find(text)
    if (token === null) return null
    const { secret, idHash } = newSecret()
    const { id: tokenId, scopes } = token
    await this.#options.store.create({ kind: 'session', idHash, tokenId, person: null, scopes })
    return this.#made(secret, idHash, await this.#options.store.find(idHash))
  }

  /** Signs in whom a one-time code is for; null for one that is wrong, used or too old. Throws StoreUnavailable. */
  async withCode(code: string): Promise<NewlySignedIn | null> {
    const { secret, idHash } = newSecret()
    return this.#made(secret, idHash, await this.#options.store.redeem(hashOf(code), idHash))
  }

  /** Throws StoreUnavailable. */
  async end({ idHash }: SignIn): Promise<void> {
    this.#kept.delete(idHash.toString('hex'))
    await this.#options.store.end(idHash)
  }

  /** Ends all sign-ins of the same token, or of the same person where there is none. Throws StoreUnavailable. */
  async endAll(token: TokenRecord, signIn: SignIn | null): Promise<void> {
    this.#kept.clear()
    const isToken = signIn === null || signIn.record.token !== null
    const owner = isToken ? { tokenId: token.id, person: null } : { tokenId: null, person: signIn.record.person }
    await this.#options.store.endAll(owner)
  }

  /** Waits for the uses that are still being noted. */
  async close(): Promise<void> {
    await Promise.all(this.#touching)
  }

  #made(secret: string, idHash: Buffer, record: SignInRecord | null): NewlySignedIn | null {
    if (record === null) return null
    keepNewest(this.#workedAtMs, idHash.toString('hex'), this.#options.elapsed())
    return { secret, signIn: signInOf(idHash, record) }
  }

  /** Many requests of one page ask the store once. */
  #ask(idHash: Buffer): Promise<SignIn | null> {
    const key = idHash.toString('hex')
    const under = this.#asking.get(key)
    if (under !== undefined) return under
    const asking = this.#askStore(idHash).finally(() => this.#asking.delete(key))
    this.#asking.set(key, asking)
    return asking
  }

  async #askStore(idHash: Buffer): Promise<SignIn | null> {
    const askedAtMs = this.#options.elapsed()
    const record = await this.#options.store.find(idHash)
    const signIn = record === null ? null : signInOf(idHash, record)
    if (signIn === null) this.#workedAtMs.delete(idHash.toString('hex'))
    keepNewest(this.#kept, idHash.toString('hex'), { askedAtMs, signIn })
    return signIn
  }

  /** Notes the use, once a minute and in parallel with the request. */
  #touch(idHash: Buffer): void {
    const { elapsed, store, logger } = this.#options
    const key = idHash.toString('hex')
    const touchedAtMs = this.#touchedAtMs.get(key)
    if (touchedAtMs !== undefined && elapsed() - touchedAtMs < touchEveryMs) return
    keepNewest(this.#touchedAtMs, key, elapsed())
    const touching = store
      .touch(idHash)
      .catch((error: unknown) => logger.warn({ error: errorText(error) }, 'the use of a sign-in could not be noted'))
      .finally(() => this.#touching.delete(touching))
    this.#touching.add(touching)
  }
}

/** 256 random bits: they cannot be guessed, so that a fast hash is enough. */
export function newSecret(): { readonly secret: string; readonly idHash: Buffer } {
  const secret = randomBytes(32).toString('base64url')
  return { secret, idHash: hashOf(secret) }
}

function hashOf(secret: string): Buffer {
  return createHash('sha256').update(secret).digest()
}

function signInOf(idHash: Buffer, record: SignInRecord): SignIn {
  const { token, scopes, expiresAt } = record
  if (token !== null) return { idHash, record, token: { ...token, scopes, expiresAt }, author: `token:${token.name}` }
  const person = record.person ?? 'unknown'
  const { createdAt } = record
  const asToken = { id: person, name: person, scopes, createdAt, expiresAt, lastUsedAt: null, revokedAt: null, person }
  return { idHash, record, token: asToken, author: person }
}
