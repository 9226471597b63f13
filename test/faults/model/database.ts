// A database in memory that can do what faults do to a real one: go back to a backup, fail over, lose its history's old
// end, be emptied, be out of reach, and answer late. What it answers is one moment's truth, however late it arrives.
import { randomUUID } from 'node:crypto'
import { StoreUnavailable } from '../../../lib/errors.js'
import type { Clock } from '../../../lib/time/clock.js'
import { digestOf } from '../../../lib/state/digest.js'
import { MemoryStore } from '../../../lib/store/memory/store.js'
import { type Position, samePosition, type StoredFeature, type StoredWhole } from '../../../lib/state/state.js'
import type { Since, SinceQuestion, Standing, Store } from '../../../lib/store/store.js'

interface Made {
  readonly position: Position
  /** The features that this change touched. */
  readonly touched: readonly string[]
  readonly features: ReadonlyMap<string, StoredFeature>
}

export interface ModelDatabaseOptions {
  readonly clock: Clock
  /** How late an answer arrives. */
  readonly latencyMs: () => number
  /** The mistake of reading the position in one statement and the content in another, some time later. */
  readonly twoStatements?: boolean
  /** The mistake of believing a history with a gap. */
  readonly overGaps?: boolean
}

export class ModelDatabase {
  /** Another one after a dump was restored beside its source; the same after a restore in place. */
  readonly identity = randomUUID().replaceAll('-', '')
  down = false
  /** What each position has ever stood for, on whatever line of history. */
  readonly everMade = new Map<string, ReadonlyMap<string, StoredFeature>>()
  readonly #options: ModelDatabaseOptions
  #made: Made[]
  #pruned = 0
  #writes = 0

  /** `source`: the database of which this one is a dump, with its position and history. */
  constructor(options: ModelDatabaseOptions, source?: ModelDatabase) {
    this.#options = options
    const first = { position: { version: '0', nonce: randomUUID() }, touched: [], features: new Map() }
    this.#made = source === undefined ? [this.#remember(first)] : source.#made.map((made) => this.#remember(made))
    this.#pruned = source === undefined ? 0 : source.#pruned
  }

  get newest(): Made {
    const newest = this.#made.at(-1)
    if (newest === undefined) throw new Error('a database always has a position')
    return newest
  }

  /** The positions made so far, oldest first. */
  get line(): readonly Position[] {
    return this.#made.map(({ position }) => position)
  }

  /** One transaction that writes these features, each a value that no other write has. */
  write(names: readonly string[]): void {
    const features = new Map(this.newest.features)
    for (const key of names) {
      this.#writes += 1
      features.set(key, { key, gates: new Map([['actors', [`User:${this.#writes}`]]]) })
    }
    this.#add(names, features)
  }

  remove(name: string): void {
    if (!this.newest.features.has(name)) return
    const features = new Map(this.newest.features)
    features.delete(name)
    this.#add([name], features)
  }

  truncate(): void {
    if (this.newest.features.size > 0) this.#add([...this.newest.features.keys()], new Map())
  }

  /** As a write with the triggers off: other content, under the same position. */
  writeUnseen(names: readonly string[]): void {
    const features = new Map(this.newest.features)
    for (const key of names) {
      this.#writes += 1
      features.set(key, { key, gates: new Map([['actors', [`Unseen:${this.#writes}`]]]) })
    }
    const newest = { ...this.newest, features }
    this.#made = [...this.#made.slice(0, -1), newest]
  }

  /** As `migrate` does after it has repaired the triggers: a position that no history row names. */
  repair(): void {
    this.#add([], this.newest.features)
  }

  /** Back to a copy from some changes ago: a backup, or a standby that lacked the tail. */
  restore(changesAgo: number): void {
    const kept = Math.max(1, this.#made.length - changesAgo)
    this.#made = this.#made.slice(0, kept)
    this.#pruned = Math.min(this.#pruned, kept - 1)
  }

  /** Forgets the oldest changes but `keep`. */
  prune(keep: number): void {
    this.#pruned = Math.max(this.#pruned, this.#made.length - 1 - keep)
  }

  /** A connection to it, as a replica has one. */
  connect(): Store {
    const inner = new MemoryStore()
    return {
      kind: 'memory',
      projects: null,
      tokens: inner.tokens,
      assignments: inner.assignments,
      signIns: inner.signIns,
      feed: inner.feed,
      open: async () => {},
      close: async () => {},
      apply: (change) => inner.apply(change),
      readFeature: (feature) => inner.readFeature(feature),
      history: (query) => inner.history(query),
      changes: (question) => inner.changes(question),
      untracked: () => inner.untracked(),
      recordUntracked: () => inner.recordUntracked(),
      readPast: (question) => inner.readPast(question),
      recordedRows: (query) => inner.recordedRows(query),
      listen: () => null,
      head: (mine) => this.#answer(() => ({ ...this.#standing(), known: mine !== null && this.#indexOf(mine) >= 0 })),
      readAll: async ({ digest = false } = {}) => {
        const whole = await this.#read(
          () => this.newest.position,
          (position) => ({ ...this.#whole(), position }),
        )
        return { ...whole, digest: digest ? await digestOf(whole.items) : null }
      },
      readSince: (from, question = {}) => this.#readSince(from, question),
      inspectTriggers: async () => ({ state: 'sound', faults: [] }),
    }
  }

  async #readSince(from: Position | null, { also = [], most, digest = false }: SinceQuestion): Promise<Since> {
    const { since, features } = await this.#read(
      () => this.#passed(from),
      (passed) => ({ since: passed, features: this.newest.features }),
    )
    const content = (names: Iterable<string>) => new Map([...names].map((name) => [name, features.get(name) ?? null]))
    const names = new Set(since.passed?.flatMap(({ touched }) => touched))
    const isTooMuch = most !== undefined && names.size > most
    const changed = isTooMuch ? new Map() : content(names)
    const via = since.passed?.map(({ position }) => position) ?? []
    return {
      ...since.standing,
      delta: since.passed === null ? null : { position: since.position, via, changed },
      leftOut: isTooMuch ? [...names] : [],
      also: content(also),
      digest: digest ? await digestOf(features.values()) : null,
    }
  }

  /** What was made since; null where the position is not known, or the history has a gap since. */
  #passed(from: Position | null): { position: Position; standing: Standing; passed: readonly Made[] | null } {
    const index = from === null ? -1 : this.#indexOf(from)
    const passed = index < 0 ? null : this.#made.slice(index + 1)
    const hasGap = passed?.some(({ touched }) => touched.length === 0) === true && this.#options.overGaps !== true
    return { position: this.newest.position, standing: this.#standing(), passed: hasGap ? null : passed }
  }

  #standing(): Standing {
    return { position: this.newest.position, identity: this.identity, inRecovery: false, guard: null }
  }

  #add(touched: readonly string[], features: ReadonlyMap<string, StoredFeature>): void {
    const version = String(BigInt(this.newest.position.version) + 1n)
    this.#made.push(this.#remember({ position: { version, nonce: randomUUID() }, touched, features }))
  }

  #remember(made: Made): Made {
    this.everMade.set(made.position.nonce, made.features)
    return made
  }

  #whole(): StoredWhole {
    const { position, identity, inRecovery } = this.#standing()
    const features = [...this.newest.features.values()].sort((a, b) => (a.key < b.key ? -1 : 1))
    return { position, identity, inRecovery, items: features, digest: null }
  }

  #indexOf(position: Position): number {
    const index = this.#made.findIndex((made) => samePosition(made.position, position))
    return index >= this.#pruned ? index : -1
  }

  /** Position and content of one moment; or, with the mistake, of two. */
  async #read<P, T>(place: () => P, content: (place: P) => T): Promise<T> {
    if (this.#options.twoStatements !== true) return this.#answer(() => content(place()))
    const first = await this.#answer(place)
    return this.#answer(() => content(first))
  }

  async #answer<T>(read: () => T): Promise<T> {
    const answer = this.down ? null : { value: read() }
    await this.#wait()
    if (answer === null) {
      throw new StoreUnavailable('store_unavailable', { problem: 'the model database is down', remedy: 'wait' })
    }
    return answer.value
  }

  /** The answer is as old as the question when it arrives. */
  #wait(): Promise<void> {
    const { clock, latencyMs } = this.#options
    const ms = latencyMs()
    return ms === 0 ? Promise.resolve() : new Promise((resume) => clock.after(ms, resume))
  }
}
