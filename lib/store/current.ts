// What a step's check is told, from the rows of a feature.
import { optOutSuffix } from '../actors/stored-id.js'
import type { Gates } from '../state/rows-after.js'
import { foundActors } from './storable.js'
import type { Current, Step } from './store.js'

/** What is stored before the step. `gates` null: nothing is. */
export function currentOf(step: Step, gates: Gates | null): Current {
  const only = (gate: string) => [...(gates?.get(gate) ?? [])].at(0) ?? null
  const actors = gates?.get('actors') ?? new Set()
  return {
    persisted: gates !== null,
    boolean: only('boolean'),
    percentageOfTime: only('percentage_of_time'),
    actorCount: actors.size,
    optOutCount: [...actors].filter((value) => value.endsWith(optOutSuffix)).length,
    actors: foundActors(step, (text) => actors.has(text)),
  }
}
