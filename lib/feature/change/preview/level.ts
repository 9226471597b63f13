// How much care a change asks of a person: 0 none, 1 a look, 2 an answer.
import type { CompiledGates } from '../../../gates/compile.js'
import type { Effect } from './effect.js'
import type { Wiped } from './gate-changes.js'

export type Level = 0 | 1 | 2

interface Judged {
  readonly isProduction: boolean
  readonly effect: Effect
  readonly wiped: Wiped
  readonly before: CompiledGates | null
  readonly after: CompiledGates | null
}

/** Fewer known actors than this are few. */
const few = 100
/** Of the known actors; of the share, in points, where none are known. */
const large = 0.1
const largePoints = 10

export function levelOf({ isProduction, effect, wiped, before, after }: Judged): Level {
  if (!isProduction && effect.gain < few) return 0
  const wipes = wiped.actors + wiped.never + wiped.groups > 0
  const isLarge =
    effect.known === null ? shareOf(after) - shareOf(before) >= largePoints : effect.gain >= effect.known * large
  return effect.everybody || wipes || (isLarge && (effect.known === null || effect.gain > 0)) ? 2 : 1
}

/** The larger of the two shares, in percent. */
function shareOf(gates: CompiledGates | null): number {
  if (gates === null) return 0
  return gates.boolean ? 100 : Math.max(gates.percentageOfActors, gates.percentageOfTime)
}
