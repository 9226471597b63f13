// Whether a change of a flag only takes away: decided from the gates alone, so it needs to know no actor, no group and no other process.
//
// What turns a flag off in an emergency is let through where other changes must wait, so a wrong "yes" here would let anything through. Each
// rule below holds for checks without an actor, with one, and with several at once.
import { optOutSuffix } from '../actors/stored-id.js'
import type { CompiledGates } from './compile.js'

/** A flag at one moment. */
export interface Side {
  /** Null: nothing is stored, and the default counts. */
  readonly gates: CompiledGates | null
  readonly isOnByDefault: boolean
}

/**
 * True only where no check can gain the flag: none that answered false answers true, and none answers true more often. False where that
 * is not certain. No actor has an id that ends in `:opt_out`, which cannot be stored either.
 */
export function narrows(before: Side, after: Side): boolean {
  // With several actors, the opt-out of one closes the flag for the others too.
  if (!isWithin(before.gates?.optOuts, after.gates?.optOuts)) return canNeverOpen(after)
  if (isForEverybody(before)) return true
  if (isForEverybody(after)) return false
  if (share(after, 'percentageOfTime') > share(before, 'percentageOfTime')) return false
  // Any check with an actor was open: the rest of the gates ask for actors.
  if (share(before, 'percentageOfActors') >= 100) return true
  if (share(after, 'percentageOfActors') > share(before, 'percentageOfActors')) return false
  const added = allowed(after).filter((id) => before.gates?.actors?.has(id) !== true)
  if (!added.every((id) => after.gates?.optOuts?.has(id) === true)) return false
  return (after.gates?.groups ?? []).every((group) => before.gates?.groups?.includes(group) === true)
}

function canNeverOpen(side: Side): boolean {
  return (
    !isForEverybody(side) &&
    share(side, 'percentageOfActors') === 0 &&
    share(side, 'percentageOfTime') === 0 &&
    allowed(side).length === 0 &&
    side.gates?.groups == null
  )
}

/** Apart from those that have opted out. */
export function isForEverybody({ gates, isOnByDefault }: Side): boolean {
  return gates === null ? isOnByDefault : gates.boolean || gates.percentageOfTime >= 100
}

/** Nothing is open below 0. */
function share({ gates }: Side, of: 'percentageOfActors' | 'percentageOfTime'): number {
  return Math.max(gates?.[of] ?? 0, 0)
}

function allowed({ gates }: Side): readonly string[] {
  return [...(gates?.actors ?? [])].filter((value) => !value.endsWith(optOutSuffix))
}

function isWithin(
  ids: ReadonlySet<string> | null | undefined,
  others: ReadonlySet<string> | null | undefined,
): boolean {
  return [...(ids ?? [])].every((id) => others?.has(id) === true)
}
