// For how many of the known actors a flag is on, now and at each share.
import { knownActors } from '../../feature/change/preview/effect.js'
import { listsOf } from '../../feature/change/preview/gate-changes.js'
import { actorBucket } from '../../gates/bucket.js'
import { chanceOf } from '../../gates/chance.js'
import type { CompiledGates } from '../../gates/compile.js'
import { crc32State } from '../../gates/crc32.js'
import type { Definition } from '../../definition/definition.js'
import type { FlagSnapshot } from '../../replica/flag-content.js'

export interface KnownEffect {
  readonly actor_class: string | null
  readonly known: number | null
  readonly sample: number | null
  readonly of: string | null
  /** Of the sample. */
  readonly on: number
  /** Of the sample, at 0, 1 … 100 percent of actors while the other gates stay; null where none are known. */
  readonly by_percent: readonly number[] | null
}

export interface EffectQuestion {
  readonly name: string
  readonly gates: CompiledGates | null
  readonly definition: Definition | null
  readonly snapshot: FlagSnapshot
}

const steps = 101

export function knownEffect({ name, gates, definition, snapshot }: EffectQuestion): KnownEffect {
  const { actors, never } = listsOf(gates)
  const { actorClass, ids } = knownActors([...actors, ...never], definition?.actor ?? [], snapshot)
  if (actorClass === null) return { actor_class: null, known: null, sample: null, of: null, on: 0, by_percent: null }
  const isOnByDefault = definition?.defaultEnabled === true
  const on = ids.filter((id) => chanceOf(gates, isOnByDefault, id, () => null) === 1).length
  return {
    actor_class: actorClass,
    known: ids.length,
    sample: ids.length,
    of: 'actors in lists',
    on,
    by_percent: byPercent(name, gates, ids),
  }
}

/** An id whose bucket is below the share is on there, unless the flag is denied to it; one that is listed is on at every share. */
function byPercent(name: string, gates: CompiledGates | null, ids: readonly string[]): readonly number[] {
  const opensAt = new Array<number>(steps).fill(0)
  const start = crc32State(name)
  for (const id of ids) {
    if (gates?.optOuts?.has(id) === true) continue
    const isOpen = gates?.boolean === true || (gates?.percentageOfTime ?? 0) >= 100 || gates?.actors?.has(id) === true
    const at = isOpen ? 0 : Math.floor(actorBucket(start, id) / 1_000) + 1
    opensAt[at] = (opensAt[at] ?? 0) + 1
  }
  let total = 0
  return opensAt.map((count) => {
    total += count
    return total
  })
}
