// A process's part in the embedded database: it owns and serves the database, or it is a client of the process that does.
//
//   away ──ensureServed(): another process serves──▶ away (a client)
//   away ──ensureServed(): no process serves, and this one gets the ownership──▶ owning ──broken or robbed of its socket──▶ away
//   any  ──close()──▶ closed
import { setTimeout as delay } from 'node:timers/promises'
import { errorText, FeatureError, StoreUnavailable } from '../errors.js'
import type { Logger } from '../log.js'
import { type Clock, systemClock } from '../time/clock.js'
import { type Claim, isServed, tryToOwn } from './ownership.js'
import { type Engine, openEngine } from './engine.js'
import type { EmbeddedFolder } from './folder.js'
import { EmbeddedServer } from './server.js'

export interface EmbeddedPostgresOptions {
  readonly folder: EmbeddedFolder
  readonly logger: Logger
  /** Gets what a slow start is doing. */
  readonly progress: Pick<Logger, 'info'>
  /** Runs after this process has become the owner and before clients can find it; `port` leads to the database. */
  readonly prepare: (port: number) => Promise<void>
  /** How long to wait for another process that owns the database and does not serve it yet. */
  readonly patienceMs?: number
  /** How long a client may stay silent inside a transaction while the other clients wait. */
  readonly silenceMs?: number
  /** Time and chance; tests replace them. Default: the system's. */
  readonly clock?: Clock
}

interface Owned {
  readonly claim: Claim
  readonly engine: Engine
  readonly server: EmbeddedServer
}

/** A first start on a slow machine takes some seconds. */
const defaultPatienceMs = 30_000
/** Less than a statement may take (10 s), so that clients that wait for a stuck client do not fail with it. */
const defaultSilenceMs = 5_000
/** A transaction under way when the owner leaves may still commit. */
const drainMs = 1_000
const closeEngineMs = 3_000

export class EmbeddedPostgres {
  readonly #options: EmbeddedPostgresOptions
  #owned: Owned | null = null
  #ensuring: Promise<void> | null = null
  #abandoning: Promise<void> | null = null
  #closing: Promise<void> | null = null

  constructor(options: EmbeddedPostgresOptions) {
    this.#options = options
  }

  /** Whether this process serves the database at the moment. */
  get owning(): boolean {
    return this.#owned !== null
  }

  /**
   * Makes sure that a process serves the database: another one, otherwise this one. Throws StoreUnavailable if the database
   * cannot be opened or its owner does not get ready.
   */
  ensureServed(): Promise<void> {
    if (this.#closing) return Promise.reject(closedError())
    this.#ensuring ??= this.#ensureServed().finally(() => {
      this.#ensuring = null
    })
    return this.#ensuring
  }

  /** Leaves within 5 s; another process may take over at once. Safe to call twice. */
  close(): Promise<void> {
    this.#closing ??= this.#close()
    return this.#closing
  }

  async #ensureServed(): Promise<void> {
    const { folder, progress, patienceMs = defaultPatienceMs, clock = systemClock } = this.#options
    const until = clock.now() + patienceMs
    await this.#abandoning // Until then our own socket would look like another owner.
    for (let tries = 0; !(await isServed(folder.sockets)); tries++) {
      if (this.#closing) throw closedError()
      const claim = await tryToOwn(folder.sockets)
      if (claim) return this.#own(claim)
      if (clock.now() > until) throw notReadyError(folder, patienceMs)
      if (tries === 10) progress.info({}, 'Waiting for another process that is starting the embedded Postgres …')
      // If two processes try at the same moment, both give up; a random delay keeps them from colliding again.
      await delay(10 + clock.random() * 40)
    }
  }

  async #own(claim: Claim): Promise<void> {
    const { folder, logger, progress, prepare, silenceMs = defaultSilenceMs, clock = systemClock } = this.#options
    try {
      const engine = await openEngine({ home: folder.home, progress })
      const onBroken = (reason: string) => {
        logger.error({ reason }, 'the embedded database stopped; the next query starts it again')
        this.#abandoning = this.#abandon()
      }
      const { server: sockets, holds: mayServe } = claim
      const server = new EmbeddedServer({ server: sockets, engine, mayServe, silenceMs, clock, onBroken })
      this.#owned = { claim, engine, server }
      await prepare(claim.port)
      await claim.publish()
    } catch (error) {
      await (this.#owned ? this.#leave() : claim.release())
      throw error
    }
    logger.debug({ folder: folder.home }, 'this process owns the embedded database')
  }

  async #close(): Promise<void> {
    // A start under way ends first: its ownership and its engine must not be left behind.
    await this.#ensuring?.catch(() => {}) // The caller of ensureServed() gets this error.
    await this.#abandoning
    await this.#leave()
  }

  /** The ownership lasts until the engine has written everything: the next owner must find finished files. */
  async #leave(): Promise<void> {
    const owned = this.#owned
    if (!owned) return
    this.#owned = null
    await owned.claim.withdraw()
    await owned.server.drain(drainMs)
    if (owned.claim.holds()) await within(closeEngineMs, owned.engine.close())
    await owned.claim.release()
  }

  /** A broken engine must not write any more; its commits are in the log that the next start replays. */
  async #abandon(): Promise<void> {
    const owned = this.#owned
    this.#owned = null
    await owned?.claim.release().catch((error: unknown) => {
      this.#options.logger.warn({ error: errorText(error) }, 'the socket of the embedded database could not be removed')
    })
  }
}

async function within(ms: number, work: Promise<void>): Promise<void> {
  const abort = new AbortController()
  const late = delay(ms, undefined, { signal: abort.signal }).catch(() => {}) // Aborted because the work was done.
  await Promise.race([work.catch(() => {}), late]) // An engine that fails to close counts as a killed one.
  abort.abort()
}

function closedError(): FeatureError {
  return new FeatureError('not_started', { problem: 'the store is closed', remedy: 'call start() first' })
}

function notReadyError(folder: EmbeddedFolder, patienceMs: number): StoreUnavailable {
  return new StoreUnavailable('store_unavailable', {
    problem: `another process has claimed the embedded database in "${folder.home}" and does not serve it after ${patienceMs} ms`,
    remedy: 'end that process if it hangs',
  })
}
