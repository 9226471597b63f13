// What a replica gives to and takes from the other processes through the cache. The cache is never the truth: hints and
// blobs make news quick and boots cheap, and the poll of the store finds whatever they got wrong.
//
// A hint is applied only where this process's position is named in it; one that leads to a position already passed is old;
// anything else is a reason to look: into the cache first, then into the store.
import type { Cache, Hint, Pointer, WaitRequest } from '../cache/cache.js'
import { isAhead, type Listening, type Position, type StoredState, samePosition } from '../store/store.js'
import { Announcer } from './announcer.js'
import { BlobUpkeep } from './blob-upkeep.js'
import type { Clock, Timer } from './clock.js'
import { HintChain } from './hint-chain.js'
import { type FlagChange, listChanges, type Refreshed } from './refresh.js'
import { changedSnapshot, type Definitions, type FeatureFault, type Snapshot, wholeSnapshot } from './snapshot.js'

/** What an exchange needs of its replica. */
export interface ExchangeHost {
  readonly clock: Clock
  readonly pollIntervalMs: number
  snapshot(): Snapshot
  definitions(): Definitions
  onFault: FeatureFault
  take(snapshot: Snapshot, changes: readonly FlagChange[], via: readonly Position[]): void
  /** Asks the store for its position, soon. */
  check(): void
}

/** What a look at the pointer has brought. */
export interface SeenPointer {
  readonly pointer: Pointer | null
}

export interface HintCounts {
  readonly heard: number
  readonly applied: number
  /** Led to a position that this process had passed, or came from another database. */
  readonly ignored: number
  /** Did not name this process's position: something was missed, and the cache or the store was asked. */
  readonly missed: number
}

/** Hints reach all processes at once; those that cannot apply one spread their questions over this time at least. */
const spreadMs = 200
/** After an outage of the cache every process has questions, and all of them at once would be the next outage. */
const reconnectSpreadMs = 1_000
/** What large fleets ask of the store for one reason is spread so that a hundred processes a second ask. */
const spreadMsPerProcess = 10
/** Somebody waits for all processes: they ask sooner then, whatever that costs the store. */
const waitedForMs = 2_000
const shortMemory = 256

export class Exchange {
  readonly #cache: Cache
  readonly #host: ExchangeHost
  readonly #blobs: BlobUpkeep
  readonly #announcer: Announcer
  readonly #passed = new Set<string>()
  readonly #counts = { heard: 0, applied: 0, ignored: 0, missed: 0 }
  readonly #heard: { readonly hint: Hint; readonly databaseId: string }[] = []
  #waiting: WaitRequest[] = []
  #listening: Listening | null = null
  #lookTimer: Timer | null = null
  #checkTimer: Timer | null = null
  #heardOnce = false
  #fleet = 1
  #closed = false

  constructor(cache: Cache, host: ExchangeHost) {
    this.#cache = cache
    this.#host = host
    this.#blobs = new BlobUpkeep(cache, host)
    this.#announcer = new Announcer(cache, host.clock)
  }

  /** The newest state in the cache, if it comes within `deadlineMs`; one that comes later is still taken over. Never rejects. */
  async boot(deadlineMs: number): Promise<StoredState | null> {
    const newest = this.#cache.readNewest()
    const timer: { late: Timer | null } = { late: null }
    const late = new Promise<'late'>((resolve) => {
      timer.late = this.#host.clock.deadline(deadlineMs, () => resolve('late'))
    })
    const first = await Promise.race([newest, late])
    timer.late?.cancel()
    if (first !== 'late') return first
    void newest.then((state) => {
      if (state !== null) this.#takeBlob(state)
    })
    return null
  }

  /** Starts to hear hints. */
  subscribe(): void {
    this.#listening = this.#cache.subscribe({
      hint: (hint, databaseId) => this.#hear(hint, databaseId),
      unsure: () => this.#unsure(),
      wait: (request) => this.#wait(request),
    })
  }

  /**
   * The pointer as it is before the store is read: only against that value may it be moved afterwards. Null where nobody
   * looked: after a write of its own a process asks what changed and not whether a standby answers, so the blob has to wait.
   */
  async lookAtPointer(hasWritten: boolean): Promise<SeenPointer | null> {
    if (hasWritten) return null
    void this.countFleet()
    return { pointer: await this.#cache.readPointer() }
  }

  /** Notes a position that a change of this process has made. */
  wrote(position: Position): void {
    this.#announcer.wrote(position)
  }

  /** Says that this process is alive and counts those that are; the last count where the cache does not tell. Never rejects. */
  async countFleet(): Promise<number> {
    this.#fleet = (await this.#cache.beat()) ?? this.#fleet
    return this.#fleet
  }

  /** The time over which the whole fleet's questions to the store are to be spread. */
  get fleetSpreadMs(): number {
    return Math.min(this.#host.pollIntervalMs, this.#fleet * spreadMsPerProcess)
  }

  /** Tells the others what a refresh has learned, and repairs blob and pointer. Never throws; does not wait. */
  refreshed(result: Refreshed, seen: SeenPointer | null): void {
    const { snapshot, inRecovery } = result
    if (this.#closed || snapshot.position === null || snapshot.databaseId === null) return
    const pointer = seen?.pointer ?? null
    if (result.kind !== 'none') this.#announce(result.from ?? pointer?.position ?? null, result, snapshot.databaseId)
    // What a standby holds may be old: from there the cache is never filled.
    if (inRecovery || samePosition(pointer?.position ?? null, snapshot.position)) return
    if (seen === null) this.#blobs.offerLater()
    else this.#blobs.offer(snapshot, pointer)
  }

  /** Notes the positions that led to the snapshot now in place, and answers who waits for one of them. */
  moved(via: readonly Position[]): void {
    for (const { nonce } of via) {
      this.#passed.delete(nonce)
      this.#passed.add(nonce)
    }
    for (const nonce of this.#passed) {
      if (this.#passed.size <= shortMemory) break
      this.#passed.delete(nonce)
    }
    if (this.#waiting.length === 0) return
    const reached = this.#waiting.filter(({ position }) => this.#hasReached(position))
    this.#waiting = this.#waiting.filter((request) => !reached.includes(request))
    for (const request of reached) void this.#cache.acknowledge(request)
  }

  counts(): HintCounts {
    return { ...this.#counts }
  }

  warning(): string | null {
    return this.#cache.status().warning
  }

  /** Ends the subscription and waits for a blob being written; safe to call twice. The cache stays open. */
  async close(): Promise<void> {
    this.#closed = true
    this.#lookTimer?.cancel()
    this.#checkTimer?.cancel()
    this.#announcer.close()
    await this.#listening?.close()
    await this.#blobs.close()
  }

  /** What comes in one piece of the network is applied as one: who is late catches up by that. */
  #hear(hint: Hint, databaseId: string): void {
    if (this.#closed) return
    this.#counts.heard += 1
    this.#announcer.heard(hint)
    if (this.#heard.push({ hint, databaseId }) === 1) queueMicrotask(() => this.#orLook(() => this.#applyHeard()))
  }

  /** What came from Redis must not end a process, whatever listens here or logs of it. */
  #orLook(apply: () => void): void {
    try {
      apply()
    } catch {
      // An application's logger, say. The store has what this was about.
      this.#lookSoon()
    }
  }

  #applyHeard(): void {
    const heard = this.#heard.splice(0)
    if (this.#closed) return
    const before = this.#host.snapshot()
    const chain = new HintChain(before, (position) => this.#passed.has(position.nonce))
    for (const { hint, databaseId } of heard) {
      const fate = chain.add(hint, databaseId)
      this.#counts[fate] += 1
      if (fate === 'missed') this.#lookSoon()
    }
    const { delta } = chain
    if (delta === null) return
    const snapshot = changedSnapshot(before, delta, this.#host.definitions(), 'redis', this.#host.onFault)
    this.#host.take(snapshot, listChanges(before, snapshot, delta.changed.keys()), delta.via)
  }

  /** The first time it only means that hints are heard from now on: a fleet that starts must not ask the store at once. */
  #unsure(): void {
    const starting = !this.#heardOnce
    this.#heardOnce = true
    if (starting) void this.#lookIntoCache()
    else this.#lookSoon(reconnectSpreadMs)
  }

  #wait(request: WaitRequest): void {
    if (this.#hasReached(request.position)) {
      void this.#cache.acknowledge(request)
      return
    }
    if (this.#waiting.some(({ id }) => id === request.id)) return
    this.#waiting = [...this.#waiting.slice(-shortMemory), request]
    this.#lookSoon()
  }

  #hasReached(position: Position): boolean {
    const mine = this.#host.snapshot().position
    if (mine === null) return false
    return samePosition(mine, position) || this.#passed.has(position.nonce) || isAhead(mine, position)
  }

  #lookSoon(withinMs = spreadMs): void {
    if (this.#closed || this.#lookTimer !== null) return
    const { clock } = this.#host
    this.#lookTimer = clock.after(clock.random() * withinMs, () => {
      this.#lookTimer = null
      void this.#look()
    })
  }

  /** The newest blob where it is ahead, then in any case one look at the store, in turn: only that one is the truth. */
  async #look(): Promise<void> {
    await this.#lookIntoCache()
    this.#checkSoon()
  }

  #checkSoon(): void {
    if (this.#closed) return
    const { clock } = this.#host
    const withinMs = this.#waiting.length > 0 ? Math.min(waitedForMs, this.fleetSpreadMs) : this.fleetSpreadMs
    this.#checkTimer?.cancel()
    this.#checkTimer = clock.after(clock.random() * withinMs, () => {
      this.#checkTimer = null
      this.#host.check()
    })
  }

  async #lookIntoCache(): Promise<void> {
    const pointer = await this.#cache.readPointer()
    const mine = this.#host.snapshot()
    const ahead = pointer !== null && (mine.position === null || isAhead(pointer.position, mine.position))
    if (pointer !== null && ahead && !this.#passed.has(pointer.position.nonce)) {
      const state = await this.#cache.readBlob(pointer.position)
      if (state !== null) this.#takeBlob(state)
    }
  }

  #takeBlob(state: StoredState): void {
    const before = this.#host.snapshot()
    const foreign = before.databaseId !== null && before.databaseId !== state.databaseId
    if (this.#closed || foreign || state.position === null) return
    if (before.position !== null && !isAhead(state.position, before.position)) return
    const { position } = state
    this.#orLook(() => {
      const snapshot = wholeSnapshot(before, state, this.#host.definitions(), 'redis', this.#host.onFault)
      const names = new Set([...before.flags.keys(), ...snapshot.flags.keys()])
      this.#host.take(snapshot, listChanges(before, snapshot, names), [position])
    })
  }

  #announce(from: Position | null, result: Refreshed, databaseId: string): void {
    const to = result.snapshot.position
    if (from === null || to === null || samePosition(from, to)) return
    const changed = result.delta?.changed ?? null
    this.#announcer.announce({ from, via: result.via.slice(0, -1), to, changed }, databaseId)
  }
}
