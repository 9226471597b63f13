import { InvalidFeatureFlagError } from '../errors.js'
import type { FeatureFlags } from '../feature.js'

export interface Unknown {
  /** What is wrong, as `the flag "x" is neither defined nor stored`. */
  readonly problem: string
  /** What to do where no flag has a name like it. */
  readonly remedy: string
}

/** The error for a flag that has no definition: its file is broken, or it is a slip, or it is not defined. */
export function unknownFlag(
  { catalog }: Pick<FeatureFlags, 'catalog'>,
  name: string,
  { problem, remedy }: Unknown,
): InvalidFeatureFlagError {
  const broken = catalog.brokenFault(name)
  if (broken !== null) return broken
  const near = catalog.suggest(name)
  const hint = near === null ? remedy : `did you mean "${near}"?`
  return new InvalidFeatureFlagError('unknown_flag', `${problem}; ${hint}`)
}
