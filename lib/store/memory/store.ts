// The store in memory, for tests and for trying things out: the same contract, shared by all readers of one instance; its
// content ends with the process.
import { randomUUID } from 'node:crypto'
import { digestOf } from '../../state/digest.js'
import type { HistoryFeed } from '../history/feed.js'
import { identityOf } from '../identity.js'
import { MemoryHistory } from './history.js'
import { memoryChanges } from './changes.js'
import { memoryAssignments } from './assignments.js'
import { type Gates, storedFeature } from '../../state/rows-after.js'
import { MemoryWriter } from './rows.js'
import { memorySignIns } from './sign-ins.js'
import { pastOf } from '../history/past.js'
import { memoryPast } from './past.js'
import { memoryTokens } from './tokens.js'
import { checkChangesQuestion, checkLimit } from '../history/changes.js'
import type { SignInStore } from '../sign-ins.js'
import { repeated } from '../repeated-change.js'
import { changedMeanwhile } from '../changed-meanwhile.js'
import { storableChange, storableText } from '../storable.js'
import { type FeatureNow, revisionOf, sameRevision } from '../../state/revision.js'
import type { Listening, Position, StoredFeature, StoredWhole } from '../../state/state.js'
import type * as contract from '../store.js'
import { compareTexts } from '../../state/text-order.js'

export interface MemoryStoreOptions {
  readonly now?: () => Date
  /** Part of the store's identity. Default: null. */
  readonly namespace?: string | null
}

/** Flags in this process's memory. Closing ends nothing: other readers may share the instance. */
export class MemoryStore implements contract.Store {
  readonly kind = 'memory'
  readonly tokens: contract.TokenStore
  readonly assignments: contract.AssignmentStore
  readonly signIns: SignInStore
  readonly feed: HistoryFeed
  readonly projects = null
  readonly #identity: string
  readonly #listeners = new Set<contract.ListenEvents>()
  readonly #history: MemoryHistory
  /** A feature that a change does not touch stays the same object, so values derived from it are kept. */
  readonly #stored = new WeakMap<Gates, StoredFeature>()
  #features: ReadonlyMap<string, Gates> = new Map()

  constructor(options: MemoryStoreOptions = {}) {
    const now = options.now ?? (() => new Date())
    this.#history = new MemoryHistory(now)
    this.feed = this.#history.feed
    this.tokens = memoryTokens(now)
    this.signIns = memorySignIns(now, this.tokens)
    this.assignments = memoryAssignments((flag) => this.#features.has(flag))
    const { namespace = null } = options
    const place = { databaseOid: '0', systemIdentifier: null, tables: [], namespace }
    this.#identity = identityOf({ databaseId: randomUUID(), ...place })
  }

  async open(): Promise<void> {}

  async head(mine: Position | null): Promise<contract.Head> {
    return { ...this.#standing(), known: mine !== null && this.#history.knows(mine) }
  }

  async readAll({ digest = false }: { readonly digest?: boolean } = {}): Promise<StoredWhole> {
    const { position, identity, inRecovery } = this.#standing()
    const features = this.#allFeatures()
    return { position, identity, inRecovery, items: features, digest: digest ? await digestOf(features) : null }
  }

  async readSince(from: Position | null, question: contract.SinceQuestion = {}): Promise<contract.Since> {
    const { also = [], most = Number.POSITIVE_INFINITY, digest = false } = question
    const changes = this.#changesSince(from, most)
    const asked = new Map(also.map((key) => [key, this.#feature(key)]))
    const standing = this.#standing()
    // Everything is read before the first slice of the digest ends: a change may come after that.
    return { ...standing, ...changes, also: asked, digest: digest ? await digestOf(this.#allFeatures()) : null }
  }

  async inspectTriggers(): Promise<contract.TriggerReport> {
    return { state: 'sound', faults: [] }
  }

  async apply(change: contract.Change): Promise<contract.Applied> {
    const storable = storableChange(change)
    const before = storable.mayRepeat ? this.#history.madeBefore(storable.id) : null
    if (before !== null) return repeated(storable, before)
    for (const [feature, expected] of storable.expect ?? []) {
      if (!sameRevision(expected, revisionOf(this.#now(feature)))) throw changedMeanwhile(feature)
    }
    const writer = new MemoryWriter(this.#features)
    for (const step of storable.steps) writer.apply(step)
    const { features, rows } = writer
    if (rows.length === 0) return { changed: false, position: null }
    this.#features = features
    const position = this.#history.add(storable, rows)
    for (const events of this.#listeners) queueMicrotask(() => this.#hint(events))
    return { changed: true, position }
  }

  async readFeature(feature: string): Promise<FeatureNow> {
    return this.#now(feature)
  }

  async history(query: contract.HistoryQuery): Promise<readonly contract.HistoryEntry[]> {
    checkLimit(query.limit)
    return this.#history.newest(query)
  }

  async changes(question: contract.ChangesQuestion): Promise<contract.ChangesFound> {
    checkChangesQuestion(question)
    return memoryChanges(this.#history, question)
  }

  async readPast({ point, feature }: contract.PastQuestion): Promise<contract.Past> {
    const key = feature === undefined ? undefined : storableText(feature)
    const one = key === undefined ? null : this.#feature(key)
    const features = key === undefined ? this.#allFeatures() : one === null ? [] : [one]
    const { found, ...rows } = memoryPast(this.#history, { point, feature: key ?? null })
    return pastOf(point, found, { ...rows, stored: { features, unowned: new Set() } })
  }

  async recordedRows(query: contract.RecordedRowsQuery): Promise<readonly contract.HistoryEntry[]> {
    return this.#history.rows(query)
  }

  /** Nothing is written past the history. */
  async untracked(): Promise<readonly string[]> {
    return []
  }

  async recordUntracked(): Promise<number> {
    return 0
  }

  listen(events: contract.ListenEvents): Listening {
    const own = { hint: () => events.hint(), heard: (working: boolean) => events.heard(working) }
    this.#listeners.add(own)
    queueMicrotask(() => {
      if (this.#listeners.has(own)) own.heard(true)
      this.#hint(own)
    })
    return {
      close: async () => {
        if (this.#listeners.delete(own)) own.heard(false)
      },
    }
  }

  async close(): Promise<void> {}

  #standing(): contract.Standing {
    return { position: this.#history.position, identity: this.#identity, inRecovery: false, guard: null }
  }

  #changesSince(from: Position | null, most: number): Pick<contract.Since, 'delta' | 'leftOut'> {
    const passed = from === null ? null : this.#history.since(from)
    if (passed === null) return { delta: null, leftOut: [] }
    const { position } = this.#history
    const changed = new Map([...passed.features].map((key) => [key, this.#feature(key)]))
    const rows = [...changed.values()].reduce((sum, feature) => sum + rowsOf(feature), 0)
    if (rows <= Math.max(0, most)) return { delta: { position, via: passed.via, changed }, leftOut: [] }
    return { delta: { position, via: passed.via, changed: new Map() }, leftOut: [...changed.keys()] }
  }

  #allFeatures(): readonly StoredFeature[] {
    const keys = [...this.#features.keys()].sort(compareTexts)
    return keys.flatMap((key) => this.#feature(key) ?? [])
  }

  #feature(key: string): StoredFeature | null {
    const gates = this.#features.get(key)
    if (gates === undefined) return null
    const kept = this.#stored.get(gates) ?? storedFeature(key, gates)
    this.#stored.set(gates, kept)
    return kept
  }

  #now(feature: string): FeatureNow {
    const { position } = this.#history
    return { position, stored: this.#feature(feature), newest: this.#history.newestOf(feature) }
  }

  #hint(events: contract.ListenEvents): void {
    if (this.#listeners.has(events)) events.hint()
  }
}

/** Rows as Postgres counts them: the feature's own row, and one for each value. */
function rowsOf(feature: StoredFeature | null): number {
  if (feature === null) return 0
  return [...feature.gates.values()].reduce((sum, values) => sum + values.length, 1)
}
