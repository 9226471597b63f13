// The actors that stored lists name, by class. A page asks for a preview at each step of a slider, and in between hardly a flag changes: so the ids of
// a flag are sorted by class once for as long as its rows are those, and those of all flags once a snapshot.
import type { ActorClasses } from '../../../actors/classes.js'
import { optOutSuffix } from '../../../actors/stored-id.js'
import type { FlagSnapshot } from '../../../replica/flag-content.js'
import type { StoredFeature } from '../../../state/state.js'
import { classOfId, type KnownActor } from './read-sample.js'

/** The actors of a class that all flags together name. */
export interface ListedActors {
  readonly ids: ReadonlySet<string>
  /** In the order of their ids. */
  readonly actors: readonly KnownActor[]
}

type ByClass = ReadonlyMap<string | null, readonly string[]>

interface Last extends ListedActors {
  readonly snapshot: FlagSnapshot
  readonly className: string
}

export class ListsOfActors {
  readonly #classes: ActorClasses
  readonly #ofFlag = new WeakMap<StoredFeature, ByClass>()
  #last: Last | null = null

  constructor(classes: ActorClasses) {
    this.#classes = classes
  }

  /** Those of the class, opted-out ones included. */
  of(className: string, snapshot: FlagSnapshot): ListedActors {
    const last = this.#last
    if (last !== null && last.snapshot === snapshot && last.className === className) return last
    const ids = new Set<string>()
    for (const { stored } of snapshot.entries.values()) {
      if (stored === null || !stored.gates.has('actors')) continue
      for (const id of this.#byClass(stored).get(className) ?? []) ids.add(id)
    }
    const made = { snapshot, className, ids, actors: [...ids].sort().map((id) => ({ id, actor: null })) }
    this.#last = made
    return made
  }

  #byClass(stored: StoredFeature): ByClass {
    const known = this.#ofFlag.get(stored)
    if (known !== undefined) return known
    const byClass = new Map<string | null, string[]>()
    for (const value of stored.gates.get('actors') ?? []) {
      const id = withoutSuffix(value)
      const className = classOfId(id, this.#classes)
      const ids = byClass.get(className)
      if (ids === undefined) byClass.set(className, [id])
      else ids.push(id)
    }
    this.#ofFlag.set(stored, byClass)
    return byClass
  }
}

function withoutSuffix(value: string): string {
  return value.endsWith(optOutSuffix) ? value.slice(0, -optOutSuffix.length) : value
}
