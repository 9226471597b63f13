// The order in which an experiment decides, which is the whole meaning of it:
//
//   1. the flag or all experiments are off    control, not exposed; rows stay
//   2. the actor is excluded                  control, not exposed, also where a row is kept
//   3. there is no actor                      control, not exposed: there is nothing to compute from
//   4. a row is kept                          its variant, whatever gates and weights are now
//   5. a segment names a variant              that one, and it is kept
//   6. the gates of the flag are closed       control, exposed and not kept: a rollout that grows lets the actor in later
//   7. the weights                            the computed variant, and it is kept
import { actorDigest, computedVariant } from './assignment.js'
import type { KeptVariants } from './kept-variants.js'
import { control, type Variants } from './variants.js'

export interface ExperimentQuestion {
  readonly experiment: string
  /** The actor's flipperId; null for none. */
  readonly id: string | null
  readonly variants: Variants
  /** Whether the flag has an open gate at all, and experiments are not switched off. */
  readonly isOn: boolean
  /** Whether the gates let this actor in. */
  readonly isOpen: boolean
  readonly isExcluded: () => Promise<boolean>
  /** The variant that a segment names; null for none. */
  readonly segment: () => Promise<string | null>
  /** Where rows are kept; null for an actor that does not come back. */
  readonly kept: Pick<KeptVariants, 'find' | 'keep'> | null
  readonly request: object | null
  /** A row names a variant that the code does not have any more. */
  readonly gone: (variant: string) => void
}

export interface AssignedVariant {
  readonly variant: string
  readonly excluded: boolean
  /** Whether a row keeps the variant, so that it stays when gates or weights change. */
  readonly sticky: boolean
  readonly isExposed: boolean
}

const unexposed: AssignedVariant = { variant: control, excluded: false, sticky: false, isExposed: false }

export async function assignVariant(question: ExperimentQuestion): Promise<AssignedVariant> {
  const { experiment, id, variants, isOn, isOpen, kept, gone } = question
  if (!isOn) return unexposed
  if (await question.isExcluded()) return { ...unexposed, excluded: true }
  if (id === null) return unexposed
  const actor = actorDigest(id)
  const rows = kept === null ? null : await kept.find(actor, question.request)
  const row = rows?.get(experiment)
  if (row !== undefined && variants.names.has(row)) return exposed(row, true)
  if (row !== undefined) gone(row)
  const segment = await question.segment()
  if (segment === null && !isOpen) return exposed(control, false)
  const variant = segment ?? computedVariant(experiment, id, variants)
  // A row of a variant that is gone stays: another version of the application, which still has it, may be running.
  if (kept === null || rows === null || row !== undefined) return exposed(variant, false)
  const first = await kept.keep({ actor, experiment, variant })
  if (first === null) return exposed(variant, false)
  if (!variants.names.has(first)) {
    gone(first)
    return exposed(variant, false)
  }
  rows.set(experiment, first)
  return exposed(first, true)
}

function exposed(variant: string, sticky: boolean): AssignedVariant {
  return { variant, excluded: false, sticky, isExposed: true }
}
