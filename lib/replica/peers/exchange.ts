// What a replica gives to and takes from the other processes through the cache. The cache is never the truth: hints and
// blobs make news quick and boots cheap, and the poll of the store finds whatever they got wrong.
//
// All of it belongs to one database, by its identity. That is known from the directory at a boot, or from the store's first
// answer; until then nothing is heard and nothing is told. An address that leads to another database later (an upgrade, a new
// server behind the name) means other keys and another channel.
//
// A hint is applied only where this process's position is named in it; one that leads to a position already passed is old;
// anything else is a reason to look: into the cache first, then into the store.
import type { Cache, CachedState, Found, Hint, Pointer } from '../../cache/cache.js'
import type { Logger } from '../../log.js'
import { isAhead, type Listening, type Position, type StoredWhole, samePosition } from '../../state/state.js'
import { Announcer } from './announcer.js'
import { BlobUpkeep } from './blob-upkeep.js'
import type { Clock, Timer } from '../../time/clock.js'
import { spreadMsPerProcess } from '../fleet-shares.js'
import { HintChain } from './hint-chain.js'
import { Looks } from './looks.js'
import type { Snapshot } from '../snapshot.js'
import { WaitRequests } from './wait-requests.js'

/** What an exchange needs of its replica. */
export interface ExchangeHost {
  readonly clock: Clock
  readonly logger: Logger
  readonly pollIntervalMs: number
  current(): Snapshot
  /** Lays hints over the snapshot, which the chain has judged. */
  hear(hints: readonly Hint[], chain: HintChain): void
  hearBlob(state: CachedState): void
  /** Another process found that these features differ from what the history tells; null: of more than could be named. */
  differs(names: readonly string[] | null): void
  /** Asks the store for its position, soon. */
  check(): void
  readWhole(): Promise<StoredWhole>
  isKnown(position: Position): Promise<boolean>
}

/** What a look at the pointer has brought. */
export interface SeenPointer {
  readonly pointer: Pointer | null
  /** When, by the clock. */
  readonly atMs: number
}

export interface HintCounts {
  readonly heard: number
  readonly applied: number
  /** Led to a position that this process had passed. */
  readonly ignored: number
  /** Did not name this process's position, or did not rise: something was missed, and the cache or the store was asked. */
  readonly missed: number
}

/** After an outage of the cache every process has questions, and all of them at once would be the next outage. */
const reconnectSpreadMs = 1_000
/** A caller waits for all processes: they ask sooner then, whatever that costs the store. */
const waitedForMs = 2_000
const shortMemory = 256
/** Messages with more names than this would not be small. */
const mostNamed = 100

export class Exchange {
  readonly #cache: Cache
  readonly #host: ExchangeHost
  readonly #blobs: BlobUpkeep
  readonly #announcer: Announcer
  readonly #passed = new Set<string>()
  readonly #counts = { heard: 0, applied: 0, ignored: 0, missed: 0 }
  readonly #heard: Hint[] = []
  readonly #waiting: WaitRequests
  readonly #looks: Looks
  #identity: string | null = null
  #isTold = false
  #listening: Listening | null = null
  #heardOnce = false
  #fleet = 1
  #closed = false

  constructor(cache: Cache, host: ExchangeHost) {
    this.#cache = cache
    this.#host = host
    this.#blobs = new BlobUpkeep(cache, {
      ...host,
      isKnown: async (position) => this.#passed.has(position.nonce) || host.isKnown(position),
      fleet: () => this.#fleet,
    })
    this.#announcer = new Announcer(cache, host.clock)
    this.#looks = new Looks({
      clock: host.clock,
      intoCache: () => this.#lookIntoCache(),
      spreadMs: () => (this.#waiting.isEmpty ? this.fleetSpreadMs : Math.min(waitedForMs, this.fleetSpreadMs)),
      intoStore: () => host.check(),
    })
    this.#waiting = new WaitRequests(
      (position) => this.#hasReached(position),
      (request) => {
        if (this.#identity !== null) void cache.acknowledge(this.#identity, request)
      },
    )
  }

  /** What the cache has for a boot, if it comes within `deadlineMs`; `late` gets what comes later. Never rejects. */
  async find(deadlineMs: number, late: (found: Found) => void): Promise<Found | null> {
    const found = this.#cache.find()
    const timer: { late: Timer | null } = { late: null }
    const tooLate = new Promise<null>((resolve) => {
      timer.late = this.#host.clock.deadline(deadlineMs, () => resolve(null))
    })
    const first = await Promise.race([found, tooLate])
    timer.late?.cancel()
    if (first === null) void found.then(late)
    return first
  }

  /** The newest state of that database; null for a miss. Never rejects. */
  readNewest(identity: string): Promise<CachedState | null> {
    return this.#cache.readNewest(identity)
  }

  /**
   * Names the database that this process reads, and hears and tells its news from now on. `told`: the store says so, and not
   * what was found in the cache or on disk.
   */
  async identify(identity: string, told: boolean): Promise<void> {
    if (this.#closed) return
    const [before, wasTold, listening] = [this.#identity, this.#isTold, this.#listening]
    this.#isTold = told
    if (identity === before) return
    this.#identity = identity
    this.#waiting.clear()
    this.#listening = this.#cache.subscribe(identity, {
      hint: (hint) => this.#hear(hint),
      difference: (names) => this.#orLook(() => this.#host.differs(names)),
      unsure: () => this.#unsure(),
      wait: (request) => {
        if (!this.#waiting.add(request)) this.#looks.soon()
      },
    })
    // Who waits for all processes waits for this one from now on; one that found the database in the cache counts anyway.
    if (told) void this.countFleet()
    // A guess that was wrong may be right for others.
    if (before !== null && wasTold) void this.#cache.leave(before)
    await listening?.close()
  }

  /**
   * The pointer as it is before the store is read: only against that value may it be moved afterwards. Null where this process
   * did not look: after a write of its own it asks what changed and not whether a standby answers, so the blob has to wait.
   */
  async lookAtPointer(hasWritten: boolean): Promise<SeenPointer | null> {
    if (hasWritten || this.#identity === null) return null
    void this.countFleet()
    const atMs = this.#host.clock.now()
    return { pointer: await this.#cache.readPointer(this.#identity), atMs }
  }

  /** Notes that the store is asked now; the number is given back with the answer. */
  ask(): number {
    return this.#waiting.ask()
  }

  /** Notes that the primary has answered: who waits for a position and asked before that has what the store holds. */
  answered(question: number): void {
    this.#waiting.answered(question)
  }

  /** Notes a position that a change of this process has made. */
  wrote(position: Position): void {
    this.#announcer.wrote(position)
  }

  /** Says that this process is alive and counts those that are; the last count where the cache does not tell. Never rejects. */
  async countFleet(): Promise<number> {
    if (this.#identity !== null) this.#fleet = (await this.#cache.beat(this.#identity)) ?? this.#fleet
    return this.#fleet
  }

  /** How many processes are alive, as far as is known. */
  get fleet(): number {
    return this.#fleet
  }

  /** The time over which the whole fleet's questions to the store are to be spread. */
  get fleetSpreadMs(): number {
    return Math.min(this.#host.pollIntervalMs, this.#fleet * spreadMsPerProcess)
  }

  /** Tells the others what a refresh has learned. Never throws; does not wait. */
  announce(news: Hint): void {
    if (!this.#closed && this.#identity !== null) this.#announcer.announce(news, this.#identity)
  }

  /** Tells the others of a difference in content: names, or null for more than can be named. */
  tellDifference(names: readonly string[]): void {
    if (this.#closed || this.#identity === null) return
    void this.#cache.tellDifference(this.#identity, names.length > mostNamed ? null : names)
  }

  /**
   * Writes a blob of what the store holds and moves the pointer, which named something else when it was seen; later, where this
   * process did not look. Throws what the store throws.
   */
  async renewBlob(seen: SeenPointer | null): Promise<void> {
    if (this.#closed || this.#identity === null) return
    if (seen === null) this.#blobs.offerLater()
    else await this.#blobs.renew(this.#identity, seen.pointer)
  }

  /** Notes the positions that led to the snapshot now in place, and answers those that wait for one of them. */
  moved(via: readonly Position[]): void {
    for (const { nonce } of via) {
      this.#passed.delete(nonce)
      this.#passed.add(nonce)
    }
    for (const nonce of this.#passed) {
      if (this.#passed.size <= shortMemory) break
      this.#passed.delete(nonce)
    }
    this.#waiting.moved()
  }

  counts(): HintCounts {
    return { ...this.#counts }
  }

  warnings(): readonly (string | null)[] {
    return [this.#cache.status().warning, this.#blobs.warning()]
  }

  /** Ends the subscription and waits for a blob being written; safe to call twice. The cache stays open. */
  async close(): Promise<void> {
    this.#closed = true
    this.#looks.close()
    this.#announcer.close()
    await this.#listening?.close()
    await this.#blobs.close()
  }

  /** What comes in one piece of the network is applied as one: a process that is late catches up by that. */
  #hear(hint: Hint): void {
    if (this.#closed) return
    this.#counts.heard += 1
    this.#announcer.heard(hint)
    if (this.#heard.push(hint) === 1) queueMicrotask(() => this.#orLook(() => this.#applyHeard()))
  }

  /** What came from Redis must not end a process, whatever listens here or logs of it. */
  #orLook(apply: () => void): void {
    try {
      apply()
    } catch {
      // An application's logger, say. The store has what this was about.
      this.#looks.soon()
    }
  }

  #applyHeard(): void {
    const heard = this.#heard.splice(0)
    if (this.#closed) return
    const chain = new HintChain(this.#host.current().position, (position) => this.#passed.has(position.nonce))
    const applied: Hint[] = []
    for (const hint of heard) {
      const fate = chain.add(hint)
      this.#counts[fate] += 1
      if (fate === 'applied') applied.push(hint)
      if (fate === 'missed') this.#looks.soon()
    }
    if (applied.length > 0) this.#host.hear(applied, chain)
  }

  /** The first time it only means that hints are heard now: a fleet that starts must not ask the store at once. */
  #unsure(): void {
    const starting = !this.#heardOnce
    this.#heardOnce = true
    if (starting) void this.#lookIntoCache()
    else this.#looks.soon(reconnectSpreadMs)
  }

  /** By name alone: a higher number proves nothing, as a restored database counts again. */
  #hasReached(position: Position): boolean {
    return samePosition(this.#host.current().position, position) || this.#passed.has(position.nonce)
  }

  async #lookIntoCache(): Promise<void> {
    const identity = this.#identity
    const pointer = identity === null ? null : await this.#cache.readPointer(identity)
    const mine = this.#host.current().position
    const isAheadOfMine = pointer !== null && (mine === null || isAhead(pointer.position, mine))
    if (identity === null || pointer === null || !isAheadOfMine || this.#passed.has(pointer.position.nonce)) return
    const state = await this.#cache.readBlob(identity, pointer)
    if (state !== null && !this.#closed && identity === this.#identity) this.#orLook(() => this.#host.hearBlob(state))
  }
}
