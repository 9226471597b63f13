// The store in memory, for tests and for trying things out: the same contract, shared by all readers of one instance,
// gone with the process.
import { randomUUID } from 'node:crypto'
import { FeatureError } from '../errors.js'
import { digestOf } from './digest.js'
import { MemoryHistory } from './memory-history.js'
import { type Gates, MemoryWriter } from './memory-rows.js'
import { memoryTokens } from './memory-tokens.js'
import { storableChange } from './storable.js'
import type * as contract from './store.js'

export interface MemoryStoreOptions {
  readonly now?: () => Date
}

/** Flags in this process's memory. Closing ends nothing: other readers may share the instance. */
export class MemoryStore implements contract.Store {
  readonly kind = 'memory'
  readonly tokens: contract.TokenStore
  readonly #databaseId = randomUUID()
  readonly #listeners = new Set<contract.ListenEvents>()
  readonly #history: MemoryHistory
  #features: ReadonlyMap<string, Gates> = new Map()

  constructor(options: MemoryStoreOptions = {}) {
    const now = options.now ?? (() => new Date())
    this.#history = new MemoryHistory(now)
    this.tokens = memoryTokens(now)
  }

  async open(): Promise<void> {}

  async head(mine: contract.Position | null): Promise<contract.Head> {
    const known = mine !== null && this.#history.knows(mine)
    return { position: this.#history.position, databaseId: this.#databaseId, inRecovery: false, known }
  }

  async readAll(): Promise<contract.StoredState> {
    return {
      position: this.#history.position,
      databaseId: this.#databaseId,
      inRecovery: false,
      features: [...this.#features].map(([key, gates]) => stored(key, gates)),
    }
  }

  async readSince(mine: contract.Position): Promise<contract.StoredDelta | null> {
    const passed = this.#history.since(mine)
    if (passed === null) return null
    const changed = [...passed.features].map((key) => {
      const gates = this.#features.get(key)
      return [key, gates === undefined ? null : stored(key, gates)] as const
    })
    return { position: this.#history.position, via: passed.via, changed: new Map(changed) }
  }

  async digest(): Promise<contract.Digest> {
    const { position, features } = await this.readAll()
    return { position, text: await digestOf(features), inRecovery: false }
  }

  async apply(change: contract.Change): Promise<contract.Applied> {
    const storable = storableChange(change)
    const writer = new MemoryWriter(this.#features)
    for (const step of storable.steps) writer.apply(step)
    if (writer.rows.length === 0) return { changed: false, position: null }
    this.#features = writer.features
    const position = this.#history.add(storable, writer.rows)
    for (const events of this.#listeners) queueMicrotask(() => this.#hint(events))
    return { changed: true, position }
  }

  async history(query: contract.HistoryQuery): Promise<readonly contract.HistoryEntry[]> {
    if (!Number.isSafeInteger(query.limit) || query.limit < 0) {
      throw new FeatureError('invalid_arguments', `history's limit is "${query.limit}": give a whole number from 0 on`)
    }
    return this.#history.newest(query)
  }

  listen(events: contract.ListenEvents): contract.Listening {
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

  #hint(events: contract.ListenEvents): void {
    if (this.#listeners.has(events)) events.hint()
  }
}

function stored(key: string, gates: Gates): contract.StoredFeature {
  return { key, gates: new Map([...gates].map(([gate, values]) => [gate, [...values]])) }
}
