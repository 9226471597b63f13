// The flags of one snapshot by name. What it answers never changes; the next one shares nearly all of it, because copying a map of
// thousands for each change of one flag would cost a process more than everything else that it does with the news.
//
// What has changed of late lies in a small map over the large one. It is copied with each change, and becomes one with the
// large map when it has grown, or when nothing has changed for a while (`settle`): then a look-up needs one map again.
import { Flag } from './flag.js'

/** Copying as many takes a microsecond or two. */
const mostRecent = 64

/** What `find` gives for a name that was remembered as nobody's. */
export const nobodysFlag = Flag.ofNobody()

export class Flags {
  #base: Map<string, Flag>
  /** What differs from `#base`: null in place of a flag that is gone. Null as a whole where nothing does. */
  #recent: ReadonlyMap<string, Flag | null> | null

  /** The map is theirs from then on. */
  constructor(base: Map<string, Flag>, recent: ReadonlyMap<string, Flag | null> | null = null) {
    this.#base = base
    this.#recent = recent
  }

  get(name: string): Flag | undefined {
    const flag = this.find(name)
    return flag === nobodysFlag ? undefined : flag
  }

  /** The same for the shortest way of a check, which must not look twice: `nobodysFlag` for a name that was remembered. */
  find(name: string): Flag | undefined {
    if (this.#recent !== null) {
      const flag = this.#recent.get(name)
      if (flag !== undefined) return flag ?? undefined
    }
    return this.#base.get(name)
  }

  /**
   * Remembers that nobody has a flag of that name: `find` then needs one look-up to say so. Whoever calls bounds the number.
   * Snapshots that share the large map and have the flag have it in their small one, which comes first.
   */
  remember(name: string): void {
    if (!this.#base.has(name)) this.#base.set(name, nobodysFlag)
  }

  *values(): Generator<Flag, undefined> {
    const recent = this.#recent
    for (const flag of this.#base.values()) {
      if (flag !== nobodysFlag && (recent === null || !recent.has(flag.name))) yield flag
    }
    for (const flag of recent?.values() ?? []) if (flag !== null) yield flag
  }

  *keys(): Generator<string, undefined> {
    for (const { name } of this.values()) yield name
  }

  /** These flags with some replaced, added, or (null) gone. */
  with(changed: ReadonlyMap<string, Flag | null>): Flags {
    const recent = new Map(this.#recent)
    for (const [name, flag] of changed) recent.set(name, flag)
    const next = new Flags(this.#base, recent)
    if (recent.size > mostRecent) next.settle()
    return next
  }

  /** Makes look-ups as quick as they can be; what they find stays the same. */
  settle(): void {
    if (this.#recent === null) return
    this.#base = this.#merged()
    this.#recent = null
  }

  #merged(): Map<string, Flag> {
    const merged = new Map<string, Flag>()
    // Not `new Map(…)`: making a pair of every entry takes half as long again.
    for (const flag of this.#base.values()) if (flag !== nobodysFlag) merged.set(flag.name, flag)
    for (const [name, flag] of this.#recent ?? []) {
      if (flag === null) merged.delete(name)
      else merged.set(flag.name, flag)
    }
    return merged
  }
}
