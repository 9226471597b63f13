// How likely a check for one actor answers true: for a change, who gains a flag and who loses it is the chance that rises or falls.
import { bucketIsOpen } from './bucket.js'
import type { CompiledGates } from './compile.js'

/** Whether an actor is in a group; null where it cannot be told, as for a group that is not registered here. */
export type Membership = (group: string) => boolean | null

/**
 * From 0 to 1, for a check of this actor alone; null where it depends on a group that cannot be told. `gates` null: nothing is stored,
 * and the default counts. `id` null: a check without an actor.
 */
export function chanceOf(
  gates: CompiledGates | null,
  isOnByDefault: boolean,
  id: string | null,
  inGroup: Membership,
): number | null {
  if (gates === null) return isOnByDefault ? 1 : 0
  if (id !== null && gates.optOuts?.has(id) === true) return 0
  if (gates.boolean) return 1
  if (id !== null && (gates.actors?.has(id) === true || bucketIsOpen(gates.threshold, gates.crcState, id))) return 1
  const byTime = Math.min(Math.max(gates.percentageOfTime / 100, 0), 1)
  if (id === null || gates.groups === null || byTime === 1) return byTime
  const memberships = gates.groups.map(inGroup)
  if (memberships.includes(true)) return 1
  return memberships.includes(null) ? null : byTime
}
