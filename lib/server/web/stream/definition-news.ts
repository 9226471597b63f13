// Which definitions differ from those of before, faults of their files included. Files are read again in development alone.
import type { Catalog } from '../../../definition/catalog.js'
import type { Definition } from '../../../definition/definition.js'
import type { Fault } from '../../../definition/fault.js'
import { faultsByFlag } from '../flag-rows.js'

type Source = Pick<Catalog, 'all' | 'faults'>

interface Seen {
  readonly definitions: ReadonlyMap<string, Definition>
  readonly faults: readonly Fault[]
}

export class DefinitionNews {
  #seen: Seen

  constructor(catalog: Source) {
    this.#seen = seenIn(catalog)
  }

  /** The flags whose definition or fault differs since the last call. */
  take(catalog: Source): readonly string[] {
    const [before, now] = [this.#seen, seenIn(catalog)]
    if (before.definitions === now.definitions && before.faults === now.faults) return []
    this.#seen = now
    const [faultsBefore, faultsNow] = [faultsByFlag(before), faultsByFlag(now)]
    const names = new Set([
      ...before.definitions.keys(),
      ...now.definitions.keys(),
      ...faultsBefore.keys(),
      ...faultsNow.keys(),
    ])
    return [...names].filter(
      (name) =>
        JSON.stringify(before.definitions.get(name)) !== JSON.stringify(now.definitions.get(name)) ||
        faultsBefore.get(name)?.message !== faultsNow.get(name)?.message,
    )
  }
}

function seenIn(catalog: Source): Seen {
  return { definitions: catalog.all(), faults: catalog.faults }
}
