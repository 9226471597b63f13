// How many of some actors have a flag at each whole percentage of actors: what a slider shows while it moves, without a question.
import { actorBucket } from './bucket.js'
import type { CompiledGates } from './compile.js'
import { crc32State } from './crc32.js'

/** An actor, and whether it is certain to be in one of the flag's groups. */
export interface CountedActor {
  readonly id: string
  readonly isInGroup: boolean
}

/** Whole percentages, 0 to 100. */
const steps = 101
/** Buckets of one percent. */
const bucketsPerPercent = 1_000

/**
 * 101 counts: at index p those whose checks are certain to answer true if the percentage of actors were p and all other gates as they
 * are. They never fall. `gates` null: nothing is stored yet, so the percentage alone decides, and the default no longer counts.
 */
export function countsByPercent(
  name: string,
  gates: CompiledGates | null,
  actors: Iterable<CountedActor>,
): readonly number[] {
  const first = new Array<number>(steps).fill(0)
  const state = gates?.crcState ?? crc32State(name)
  for (const { id, isInGroup } of actors) {
    if (gates?.optOuts?.has(id) === true) continue
    const from = isInGroup || isOpenAnyway(gates, id) ? 0 : firstPercent(state, id)
    first[from] = (first[from] ?? 0) + 1
  }
  let counted = 0
  return first.map((count) => {
    counted += count
    return counted
  })
}

/** Whether the flag is open for the actor whatever the percentage of actors is. */
function isOpenAnyway(gates: CompiledGates | null, id: string): boolean {
  return gates !== null && (gates.boolean || gates.percentageOfTime >= 100 || gates.actors?.has(id) === true)
}

/** The least percentage at which the bucket of the actor is open. */
function firstPercent(stateAfterName: number, id: string): number {
  return Math.floor(actorBucket(stateAfterName, id) / bucketsPerPercent) + 1
}
