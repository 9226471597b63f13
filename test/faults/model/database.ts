// A database in memory that can do what faults do to a real one: go back to a backup, fail over, lose its history's old
// end, be emptied, be out of reach, and answer late. What it answers is one moment's truth, however late it arrives.
import { randomUUID } from 'node:crypto'
import { StoreUnavailable } from '../../../lib/errors.js'
import type { Clock } from '../../../lib/replica/clock.js'
import { digestOf } from '../../../lib/store/digest.js'
import { MemoryStore } from '../../../lib/store/memory.js'
import {
  type Position,
  samePosition,
  type Store,
  type StoredFeature,
  type StoredState,
} from '../../../lib/store/store.js'

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
}

export class ModelDatabase {
  readonly databaseId = randomUUID()
  down = false
  /** What each position has ever stood for, on whatever line of history. */
  readonly everMade = new Map<string, ReadonlyMap<string, StoredFeature>>()
  readonly #options: ModelDatabaseOptions
  #made: Made[]
  #pruned = 0
  #writes = 0

  constructor(options: ModelDatabaseOptions) {
    this.#options = options
    this.#made = [this.#remember({ position: { version: '0', nonce: randomUUID() }, touched: [], features: new Map() })]
  }

  get newest(): Made {
    const newest = this.#made.at(-1)
    if (newest === undefined) throw new Error('a database always has a position')
    return newest
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
      tokens: inner.tokens,
      open: async () => {},
      close: async () => {},
      apply: (change) => inner.apply(change),
      history: (query) => inner.history(query),
      listen: () => null,
      head: (mine) =>
        this.#answer(() => ({
          position: this.newest.position,
          databaseId: this.databaseId,
          inRecovery: false,
          known: mine !== null && this.#indexOf(mine) >= 0,
        })),
      readAll: () =>
        this.#read(
          () => ({ position: this.newest.position }),
          () => this.#whole(),
        ),
      readSince: (mine) =>
        this.#read(
          () => {
            const index = this.#indexOf(mine)
            if (index < 0) return null
            const passed = this.#made.slice(index + 1)
            return { position: this.newest.position, via: passed.map(({ position }) => position), passed }
          },
          (since) => {
            if (since === null) return null
            const names = new Set(since.passed.flatMap(({ touched }) => touched))
            const changed = new Map([...names].map((name) => [name, this.newest.features.get(name) ?? null]))
            return { position: since.position, via: since.via, changed }
          },
        ),
      digest: async () => {
        const { position, features } = await this.#answer(() => this.newest)
        return { position, text: await digestOf(features.values()), inRecovery: false }
      },
    }
  }

  #add(touched: readonly string[], features: ReadonlyMap<string, StoredFeature>): void {
    const version = String(BigInt(this.newest.position.version) + 1n)
    this.#made.push(this.#remember({ position: { version, nonce: randomUUID() }, touched, features }))
  }

  #remember(made: Made): Made {
    this.everMade.set(made.position.nonce, made.features)
    return made
  }

  #whole(): StoredState {
    return {
      position: this.newest.position,
      databaseId: this.databaseId,
      inRecovery: false,
      features: [...this.newest.features.values()],
    }
  }

  #indexOf(position: Position): number {
    const index = this.#made.findIndex((made) => samePosition(made.position, position))
    return index >= this.#pruned ? index : -1
  }

  /** Position and content of one moment; or, with the mistake, of two. */
  async #read<P extends { readonly position: Position } | null, T>(
    place: () => P,
    content: (place: P) => T,
  ): Promise<T> {
    if (this.#options.twoStatements !== true) return this.#answer(() => content(place()))
    const first = await this.#answer(place)
    const second = await this.#answer(() => content(first))
    return first === null || second === null ? second : { ...second, position: first.position }
  }

  async #answer<T>(read: () => T): Promise<T> {
    const answer = this.down ? null : { value: read() }
    await this.#wait()
    if (answer === null) throw new StoreUnavailable('store_unavailable', 'the model database is down')
    return answer.value
  }

  /** The answer is as old as the question when it arrives. */
  #wait(): Promise<void> {
    const { clock, latencyMs } = this.#options
    const ms = latencyMs()
    return ms === 0 ? Promise.resolve() : new Promise((resume) => clock.after(ms, resume))
  }
}
