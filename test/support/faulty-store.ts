// A memory store whose answers a test can fail, hold back or replace.
import { StoreUnavailable } from '../../lib/errors.js'
import { MemoryStore } from '../../lib/store/memory.js'
import type {
  Applied,
  Change,
  Digest,
  Head,
  HistoryEntry,
  HistoryQuery,
  ListenEvents,
  Listening,
  Position,
  Store,
  StoredDelta,
  StoredState,
} from '../../lib/store/store.js'

export class FaultyStore implements Store {
  readonly kind = 'memory'
  readonly #inner = new MemoryStore()
  readonly tokens = this.#inner.tokens
  /** While set, reads fail. */
  down = false
  /** As a standby answers. */
  standby = false
  /** Without our own tables. */
  unpositioned = false
  readonly reads: string[] = []
  #gate: Promise<void> | null = null
  #open: (() => void) | null = null

  /** Holds reads back until `release`. */
  hold(): void {
    this.#gate = new Promise((resolve) => {
      this.#open = resolve
    })
  }

  release(): void {
    this.#open?.()
    this.#gate = null
  }

  async head(mine: Position | null): Promise<Head> {
    await this.#enter('head')
    const head = await this.#inner.head(mine)
    return { ...head, inRecovery: this.standby, ...(this.unpositioned ? { position: null, known: false } : {}) }
  }

  async readAll(): Promise<StoredState> {
    await this.#enter('whole')
    const state = await this.#inner.readAll()
    return { ...state, inRecovery: this.standby, position: this.unpositioned ? null : state.position }
  }

  async readSince(mine: Position): Promise<StoredDelta | null> {
    await this.#enter('delta')
    return this.#inner.readSince(mine)
  }

  async digest(): Promise<Digest> {
    await this.#enter('digest')
    const digest = await this.#inner.digest()
    return { ...digest, position: this.unpositioned ? null : digest.position }
  }

  open(): Promise<void> {
    return this.#inner.open()
  }

  apply(change: Change): Promise<Applied> {
    return this.#inner.apply(change)
  }

  history(query: HistoryQuery): Promise<readonly HistoryEntry[]> {
    return this.#inner.history(query)
  }

  listen(events: ListenEvents): Listening | null {
    return this.#inner.listen(events)
  }

  close(): Promise<void> {
    return this.#inner.close()
  }

  async #enter(read: string): Promise<void> {
    this.reads.push(read)
    await this.#gate
    if (this.down) throw new StoreUnavailable('store_unavailable', 'the database cannot be reached')
  }
}
