// The entries of one snapshot by name. Its answers never change. The next one shares nearly all of it, because copying a map of
// thousands for each change of one entry would cost a process more than all its other work with the news.
//
// Recent changes lie in a small map over the large one. The small map is copied with each change. It is merged into a new large
// one when it has grown, or when nothing has changed for a while (`compact`): then a look-up needs only one map again.

/** Copying this many takes a microsecond or two. */
const mostRecent = 64

export class Entries<Held extends { readonly name: string }> {
  #base: ReadonlyMap<string, Held>
  /** The differences from `#base`: null in place of an entry that is gone. Null as a whole if there is no difference. */
  #recent: ReadonlyMap<string, Held | null> | null

  /** Takes ownership of `base`; the caller does not change it afterwards. */
  constructor(base: ReadonlyMap<string, Held>, recent: ReadonlyMap<string, Held | null> | null = null) {
    this.#base = base
    this.#recent = recent
  }

  /** The entry of that name. Every check comes here, so each check pays for any added work. */
  get(name: string): Held | undefined {
    if (this.#recent !== null) {
      const entry = this.#recent.get(name)
      if (entry !== undefined) return entry ?? undefined
    }
    return this.#base.get(name)
  }

  *values(): Generator<Held, undefined> {
    const recent = this.#recent
    for (const entry of this.#base.values()) if (recent === null || !recent.has(entry.name)) yield entry
    for (const entry of recent?.values() ?? []) if (entry !== null) yield entry
  }

  *keys(): Generator<string, undefined> {
    for (const { name } of this.values()) yield name
  }

  /** These entries with some replaced, added, or (null) gone. */
  with(changed: ReadonlyMap<string, Held | null>): Entries<Held> {
    const recent = new Map(this.#recent)
    for (const [name, entry] of changed) recent.set(name, entry)
    const next = new Entries(this.#base, recent)
    if (recent.size > mostRecent) next.compact()
    return next
  }

  /** Makes look-ups as quick as possible; their results stay the same. */
  compact(): void {
    if (this.#recent === null) return
    this.#base = this.#merged(this.#recent)
    this.#recent = null
  }

  #merged(recent: ReadonlyMap<string, Held | null>): ReadonlyMap<string, Held> {
    const merged = new Map<string, Held>()
    // Not `new Map(…)`: making a pair of every entry takes half as long again.
    for (const entry of this.#base.values()) merged.set(entry.name, entry)
    for (const [name, entry] of recent) {
      if (entry === null) merged.delete(name)
      else merged.set(entry.name, entry)
    }
    return merged
  }
}
