// A memory store whose answers a test can fail, hold back or replace.
import { StoreUnavailable } from '../../lib/errors.js'
import { MemoryStore } from '../../lib/store/memory/store.js'
import type { FeatureNow } from '../../lib/state/revision.js'
import type { HistoryFeed } from '../../lib/store/history/feed.js'
import type { Listening, Position, StoredWhole } from '../../lib/state/state.js'
import type {
  Applied,
  Change,
  Head,
  HistoryEntry,
  ChangesFound,
  ChangesQuestion,
  HistoryQuery,
  Past,
  PastQuestion,
  ListenEvents,
  RecordedRowsQuery,
  Since,
  SinceQuestion,
  Store,
  TriggerReport,
} from '../../lib/store/store.js'

export class FaultyStore implements Store {
  readonly kind = 'memory'
  readonly #inner = new MemoryStore()
  readonly tokens = this.#inner.tokens
  readonly assignments = this.#inner.assignments
  readonly signIns = this.#inner.signIns
  readonly feed: HistoryFeed = {
    changesSince: async (from, most) => {
      await this.#enter('changes')
      return this.#inner.feed.changesSince(from, most)
    },
    positionBefore: async (changes) => {
      await this.#enter('before')
      return this.#inner.feed.positionBefore(changes)
    },
    newestChanges: async () => {
      await this.#enter('newest')
      return this.#inner.feed.newestChanges()
    },
  }
  readonly projects = null
  /** While set, reads fail. */
  down = false
  /** As a standby answers. */
  standby = false
  /** Without our own tables. */
  unpositioned = false
  /** What the triggers are said to be like; another text of `guard` tells that it has changed. */
  triggers: TriggerReport = { state: 'sound', faults: [] }
  guard: string | null = null
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
    return { ...head, ...this.#faults(), guard: this.guard, known: head.known && !this.unpositioned }
  }

  async readAll(question?: { readonly digest?: boolean }): Promise<StoredWhole> {
    await this.#enter('whole')
    return { ...(await this.#inner.readAll(question)), ...this.#faults() }
  }

  /** Noted as `delta`, and as `digest` where one is asked for. */
  async readSince(from: Position | null, question: SinceQuestion = {}): Promise<Since> {
    await this.#enter(question.digest === true ? 'digest' : 'delta')
    const since = await this.#inner.readSince(this.unpositioned ? null : from, question)
    return { ...since, ...this.#faults(), guard: this.guard }
  }

  async inspectTriggers(): Promise<TriggerReport> {
    await this.#enter('triggers')
    return this.triggers
  }

  open(): Promise<void> {
    return this.#inner.open()
  }

  apply(change: Change): Promise<Applied> {
    return this.#inner.apply(change)
  }

  async readFeature(feature: string): Promise<FeatureNow> {
    await this.#enter('feature')
    return this.#inner.readFeature(feature)
  }

  history(query: HistoryQuery): Promise<readonly HistoryEntry[]> {
    return this.#inner.history(query)
  }

  changes(question: ChangesQuestion): Promise<ChangesFound> {
    return this.#inner.changes(question)
  }

  async readPast(question: PastQuestion): Promise<Past> {
    await this.#enter('past')
    return this.#inner.readPast(question)
  }

  recordedRows(query: RecordedRowsQuery): Promise<readonly HistoryEntry[]> {
    return this.#inner.recordedRows(query)
  }

  untracked(): Promise<readonly string[]> {
    return this.#inner.untracked()
  }

  recordUntracked(): Promise<number> {
    return this.#inner.recordUntracked()
  }

  listen(events: ListenEvents): Listening | null {
    return this.#inner.listen(events)
  }

  close(): Promise<void> {
    return this.#inner.close()
  }

  #faults() {
    return { inRecovery: this.standby, ...(this.unpositioned ? { position: null, identity: null } : {}) }
  }

  async #enter(read: string): Promise<void> {
    this.reads.push(read)
    await this.#gate
    if (this.down)
      throw new StoreUnavailable('store_unavailable', { problem: 'the database cannot be reached', remedy: 'wait' })
  }
}
