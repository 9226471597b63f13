// Who changed each flag last, for the list: read once from the history, and kept by what is followed since.
import type { NewestChange } from '../../../store/history/feed.js'
import type { LastChanges } from '../flag-list.js'
import type { LastChange } from '../flag-rows.js'

export class LastChangeBook implements LastChanges {
  readonly #byName = new Map<string, LastChange>()
  /** What was noted while everything is being read: it is newer than what will have been read. */
  #since: Set<string> | null = null
  #version = 0

  get version(): number {
    return this.#version
  }

  of(name: string): LastChange | null {
    return this.#byName.get(name) ?? null
  }

  note(changes: readonly NewestChange[]): void {
    if (changes.length === 0) return
    this.#version += 1
    for (const { feature, at, author } of changes) {
      this.#byName.set(feature, { at, author })
      this.#since?.add(feature)
    }
  }

  /** Reads everything. Rejects as `read`; what is known stays then. */
  async load(read: () => Promise<readonly NewestChange[]>): Promise<void> {
    const noted = new Set<string>()
    this.#since = noted
    try {
      const newest = await read()
      if (this.#since !== noted) return
      for (const name of this.#byName.keys()) if (!noted.has(name)) this.#byName.delete(name)
      for (const { feature, at, author } of newest) if (!noted.has(feature)) this.#byName.set(feature, { at, author })
      this.#version += 1
    } finally {
      if (this.#since === noted) this.#since = null
    }
  }
}
