// The directory of the projects in a store without SQL, read by listing all of them. Its position changes with its content, and it
// remembers no changes: each one is read with everything.
import { digestOf } from '../state/digest.js'
import { type Position, type StoredFeature, type StoredWhole, samePosition } from '../state/state.js'
import type { Head, Since, SinceQuestion, StoreReader } from '../store/store.js'
import { listedRows } from './directory.js'
import type { ProjectStore } from './store/store.js'

export class ListedDirectory implements StoreReader {
  readonly #store: Pick<ProjectStore, 'projects' | 'instanceIds'>
  #position: Position = { version: '0', nonce: 'empty' }

  constructor(store: Pick<ProjectStore, 'projects' | 'instanceIds'>) {
    this.#store = store
  }

  async head(mine: Position | null): Promise<Head> {
    const { items: _, digest: _digest, ...standing } = await this.readAll()
    return { ...standing, known: samePosition(mine, standing.position) }
  }

  async readAll(): Promise<StoredWhole & { readonly guard: null }> {
    const items: StoredFeature[] = []
    for (const project of await this.#store.projects()) {
      items.push(listedRows(project, await this.#store.instanceIds(project.id)))
    }
    const digest = await digestOf(items)
    const { version, nonce } = this.#position
    if (nonce !== digest) this.#position = { version: String(Number(version) + 1), nonce: digest }
    return { position: this.#position, identity: 'listed', inRecovery: false, guard: null, items, digest }
  }

  async readSince(from: Position | null, { also = [] }: SinceQuestion = {}): Promise<Since> {
    const { items, ...standing } = await this.readAll()
    const stored = new Map(items.map((item) => [item.key, item]))
    const isSame = samePosition(from, standing.position)
    return {
      ...standing,
      delta: isSame && from !== null ? { position: from, via: [], changed: new Map() } : null,
      leftOut: [],
      also: new Map(also.map((key) => [key, stored.get(key) ?? null])),
    }
  }

  async inspectTriggers() {
    return { state: 'sound' as const, faults: [] }
  }

  listen(): null {
    return null
  }
}
