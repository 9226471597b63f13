// Finds the token of a request. The store's answer about a token is kept for ten seconds at most. So a revoked token stops
// working within that time, and a short outage of the store does not lock its users out. A clock that is never set measures the
// ten seconds: a wall clock that is set back would keep a revoked token alive.
import type { IncomingMessage } from 'node:http'
import { errorText, FeatureError } from '../../errors.js'
import type { Logger } from '../../log.js'
import type { TokenRecord, TokenStore } from '../../store/store.js'
import { ForwardClock } from './forward-clock.js'
import { keepNewest } from './keep-newest.js'
import { isLive, isSecretOf, parseToken } from '../../tokens/tokens.js'
import { programName } from '../../text/program-name.js'

type StoredToken = TokenRecord & { readonly digest: Buffer }

interface Kept {
  /** The time of the question, not of the answer: a revocation in between must count from then. */
  readonly askedAtMs: number
  readonly token: StoredToken
}

const keepMs = 10_000
const touchEveryMs = 60_000
/** For this long, a token that worked is looked up at once, however many wrong ones its address sends. */
const workedForMs = 3_600_000

export interface AuthOptions {
  readonly tokens: TokenStore
  readonly logger: Logger
  /** Milliseconds since 1970, for expiry. */
  readonly now: () => number
  /** Milliseconds of a clock that is never set, for every duration. */
  readonly elapsed: () => number
}

export class Auth {
  readonly #options: AuthOptions
  readonly #kept = new Map<string, Kept>()
  readonly #asking = new Map<string, Promise<StoredToken | null>>()
  readonly #touchedAtMs = new Map<string, number>()
  readonly #touching = new Set<Promise<void>>()
  readonly #worked = new Map<string, { readonly digest: Buffer; readonly atMs: number }>()
  readonly #clock: ForwardClock

  constructor(options: AuthOptions) {
    this.#options = options
    this.#clock = new ForwardClock(options.now, options.elapsed)
  }

  /** The live token with this text, without asking the store; null if it is not known. */
  known(text: string): TokenRecord | null {
    const credential = parseToken(text)
    const kept = credential === null ? undefined : this.#keptNow(credential.id)
    return credential === null || kept === undefined ? null : this.#accept(kept, credential.secret)
  }

  /** The live token with this text, otherwise null. Throws StoreUnavailable: an outage must never look like a wrong token. */
  async find(text: string): Promise<TokenRecord | null> {
    const credential = parseToken(text)
    if (credential === null) return null
    const token = this.#keptNow(credential.id) ?? (await this.#ask(credential.id))
    return token === null ? null : this.#accept(token, credential.secret)
  }

  /** Whether exactly this text was a live token within the last hour; it may have been revoked since. */
  workedLately(text: string): boolean {
    const credential = parseToken(text)
    if (credential === null) return false
    const worked = this.#worked.get(credential.id)
    if (worked === undefined || this.#options.elapsed() - worked.atMs >= workedForMs) return false
    return isSecretOf(worked.digest, credential.secret)
  }

  /** Waits for the uses that are still being noted. */
  async close(): Promise<void> {
    await Promise.all(this.#touching)
  }

  #accept(stored: StoredToken, secret: string): TokenRecord | null {
    if (!isSecretOf(stored.digest, secret)) return null
    if (!isLive(stored, new Date(this.#clock.now()))) {
      this.#worked.delete(stored.id)
      return null
    }
    keepNewest(this.#worked, stored.id, { digest: stored.digest, atMs: this.#options.elapsed() })
    this.#touch(stored.id)
    const { digest: _, ...token } = stored
    return token
  }

  #keptNow(id: string): StoredToken | undefined {
    const kept = this.#kept.get(id)
    if (kept === undefined) return undefined
    const ageMs = this.#options.elapsed() - kept.askedAtMs
    // If the clock has gone back all the same, the age means nothing.
    if (ageMs >= 0 && ageMs < keepMs) return kept.token
    this.#kept.delete(id)
    return undefined
  }

  /** Many requests with one token ask the store once. */
  #ask(id: string): Promise<StoredToken | null> {
    const under = this.#asking.get(id)
    if (under !== undefined) return under
    const asking = this.#askStore(id).finally(() => this.#asking.delete(id))
    this.#asking.set(id, asking)
    return asking
  }

  async #askStore(id: string): Promise<StoredToken | null> {
    const askedAtMs = this.#options.elapsed()
    const token = await this.#options.tokens.find(id)
    if (token === null) this.#worked.delete(id)
    else keepNewest(this.#kept, id, { askedAtMs, token })
    return token
  }

  /** Notes the use, once a minute and in parallel with the request: it must neither slow the request down nor fail it. */
  #touch(id: string): void {
    const { elapsed, tokens, logger } = this.#options
    const touchedAtMs = this.#touchedAtMs.get(id)
    if (touchedAtMs !== undefined && elapsed() - touchedAtMs < touchEveryMs) return
    keepNewest(this.#touchedAtMs, id, elapsed())
    const touching = tokens
      .touch(id)
      .catch((error: unknown) =>
        logger.warn({ token: id, error: errorText(error) }, "a token's use could not be noted"),
      )
      .finally(() => this.#touching.delete(touching))
    this.#touching.add(touching)
  }
}

/**
 * The token's text in `PRIVATE-TOKEN` or `Authorization: Bearer`; empty if there is none. Throws FeatureError (`unauthorized`)
 * if there are several that differ, or another scheme.
 */
export function readCredential(request: IncomingMessage): string {
  const texts = new Set<string>()
  // The raw headers: of two Authorization headers Node shows only the first.
  for (let index = 0; index + 1 < request.rawHeaders.length; index += 2) {
    const name = request.rawHeaders[index]?.toLowerCase()
    const value = request.rawHeaders[index + 1] ?? ''
    if (name === 'private-token') texts.add(value)
    if (name === 'authorization') texts.add(/^bearer +(\S+)$/i.exec(value)?.[1] ?? '')
  }
  if (texts.size > 1) throw unauthorized()
  return [...texts][0] ?? ''
}

/** Whether a request brings a credential in a header, of whatever kind: then its cookie does not count. */
export function hasCredential({ headers }: IncomingMessage): boolean {
  return headers['private-token'] !== undefined || headers.authorization !== undefined
}

/** One answer for every reason, so that it does not show which tokens exist. */
export function unauthorized(): FeatureError {
  return new FeatureError('unauthorized', {
    problem: 'a valid token is needed, in the header PRIVATE-TOKEN or as Authorization: Bearer',
    remedy: `${programName()} token create --name NAME makes one`,
  })
}
