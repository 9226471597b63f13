// Who comes by a cookie. It joins how a request came, which cookie counts there, and who is signed in by it.
import type { FastifyReply, FastifyRequest } from 'fastify'
import { FeatureError } from '../../errors.js'
import type { Arrival, Arrivals } from './arrival.js'
import { clearCookie, cookieName, hasCookie, readCookie, setCookie } from './cookies.js'
import { checkPage } from './page-origin.js'
import type { Signatures } from './signatures.js'
import type { SignIn, SignIns } from './sign-ins.js'

export interface DoorOptions {
  readonly arrivals: Arrivals
  readonly signIns: SignIns
  readonly signatures: Signatures
  /** The identity of the database. Throws StoreUnavailable. */
  readonly identity: () => Promise<string>
}

/** Looks a sign-in up, unless the address of the request has sent too many wrong ones. */
type Guess = (lookUp: () => Promise<SignIn | null>) => Promise<SignIn | null>

export class Door {
  readonly arrivals: Arrivals
  readonly signIns: SignIns
  readonly signatures: Signatures
  readonly #ask: () => Promise<string>
  #identity: string | null = null

  constructor({ arrivals, signIns, signatures, identity }: DoorOptions) {
    this.arrivals = arrivals
    this.signIns = signIns
    this.signatures = signatures
    this.#ask = identity
  }

  /** The identity of the database, which is asked for once. Throws StoreUnavailable. */
  async identity(): Promise<string> {
    this.#identity ??= await this.#ask()
    return this.#identity
  }

  /** Who is signed in, without asking the database; null if that is not known. */
  known(request: FastifyRequest): SignIn | null {
    const secret = this.#secretOf(request)
    return secret === null ? null : (this.signIns.known(secret) ?? null)
  }

  /** Whether the sign-in of the request was one here within the last hour. It may have ended since; to ask for it counts as no guess. */
  workedLately(request: FastifyRequest): boolean {
    const secret = this.#secretOf(request)
    return secret !== null && this.signIns.workedLately(secret)
  }

  /** Whether the request has a cookie that may be a sign-in. */
  hasCookie(request: FastifyRequest): boolean {
    return hasCookie(request.raw.headers.cookie, this.arrivals.of(request))
  }

  /** Who is signed in. Throws FeatureError (`unauthorized`) for a cookie that is not, or no longer, and StoreUnavailable. */
  async find(request: FastifyRequest, guess: Guess): Promise<SignIn> {
    const found = await this.#find(request, guess)
    if (found !== null) return found
    throw new FeatureError('unauthorized', {
      problem: 'the sign-in has ended, or is not known here',
      remedy: 'sign in again',
    })
  }

  /** Checks a request that may change something. Throws FeatureError (`csrf`, `unsupported_media_type`) and StoreUnavailable. */
  checkPage(request: FastifyRequest, signIn: SignIn): Promise<void> {
    return checkPage(request, signIn, this)
  }

  /** Gives the cookie. `lasts`: also when the browser is closed in between. */
  async giveCookie(
    request: FastifyRequest,
    reply: FastifyReply,
    secret: string,
    given: { readonly lasts: boolean },
  ): Promise<void> {
    const arrival = this.arrivals.of(request)
    if (arrival !== 'plain') void reply.header('set-cookie', setCookie(await this.#name(arrival), secret, given))
  }

  async takeCookie(request: FastifyRequest, reply: FastifyReply): Promise<void> {
    const arrival = this.arrivals.of(request)
    if (arrival !== 'plain') void reply.header('set-cookie', clearCookie(await this.#name(arrival)))
  }

  async #find(request: FastifyRequest, guess: Guess): Promise<SignIn | null> {
    const arrival = this.arrivals.of(request)
    if (arrival === 'plain') return null
    const secret = readCookie(request.raw.headers.cookie, await this.#name(arrival))
    if (secret === null) return null
    const lookUp = () => this.signIns.find(secret)
    const isKnown = this.signIns.known(secret) !== undefined || this.signIns.workedLately(secret)
    return isKnown ? lookUp() : guess(lookUp)
  }

  /** Without asking the database for the name of the cookie. */
  #secretOf(request: FastifyRequest): string | null {
    const name = this.#knownName(this.arrivals.of(request))
    return name === null ? null : readCookie(request.raw.headers.cookie, name)
  }

  #knownName(arrival: Arrival): string | null {
    if (arrival === 'https') return cookieName(arrival, '')
    return arrival === 'plain' || this.#identity === null ? null : cookieName(arrival, this.#identity)
  }

  async #name(arrival: Exclude<Arrival, 'plain'>): Promise<string> {
    return cookieName(arrival, arrival === 'https' ? '' : await this.identity())
  }
}
