// Errors of the library in the command line's words: its options in place of parameters, and a remedy that can be typed.
import { FeatureError, InvalidFeatureFlagError } from '../../errors.js'
import type { Instance } from '../../instance/instance.js'
import { quoted } from '../../text/printable.js'

export interface Unknown {
  /** The problem, such as `the flag "x" is neither defined nor stored`. */
  readonly problem: string
  /** The remedy if no flag has a similar name. */
  readonly remedy: string
}

/**
 * The error for a flag without a definition: its file is broken, there are no definitions here, the name is a slip, or the flag
 * is not defined.
 */
export function unknownFlag(
  { catalog }: Pick<Instance, 'catalog'>,
  name: string,
  { problem, remedy }: Unknown,
): InvalidFeatureFlagError {
  const broken = catalog.brokenFault(name)
  if (broken !== null) return broken
  if (catalog.all().size === 0 && catalog.faults.length === 0) {
    const where = `${catalog.folders.join(', ')} of ${catalog.options.root}`
    const found = `no definition files were found under ${where}; is the working directory (or --root) right?`
    return new InvalidFeatureFlagError('unknown_flag', { problem, remedy: `${remedy}; ${found}` })
  }
  const near = catalog.suggest(name)
  const hint = near === null ? remedy : `did you mean "${near}"?`
  return new InvalidFeatureFlagError('unknown_flag', { problem, remedy: hint })
}

/**
 * The reason why a flag was not set: for an unknown flag the known facts about it, for another error the command line's
 * options.
 */
export function refusedSet(error: unknown, instance: Pick<Instance, 'catalog'>, name: string): unknown {
  if (!(error instanceof FeatureError && error.code === 'unknown_flag')) return inOptions(error)
  const problem = `the feature flag ${quoted(name)} has no definition`
  return unknownFlag(instance, name, { problem, remedy: 'define it first (or use --force)' })
}

/** The library's error with the command line's word for its `force`; any other error unchanged. */
export function inOptions(error: unknown): unknown {
  if (!(error instanceof FeatureError && error.message.includes('force the change'))) return error
  return new FeatureError(error.code, error.message.replaceAll('force the change', 'use --force'), { cause: error })
}
