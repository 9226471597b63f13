// Errors of the library in the command line's words: its options in place of parameters, and a remedy that can be typed.
import { undefinableName } from '../../definition/name.js'
import { FeatureError, InvalidFeatureFlagError, InvalidOperation } from '../../errors.js'
import { quoted } from '../../text/printable.js'
import { suggestion } from '../../text/suggest.js'
import type { Instance } from '../../instance/instance.js'
import { UsageError } from '../usage-error.js'

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
    const { folders, options } = catalog
    if (folders.length === 0) {
      const nowhere = `${problem}, and definitionPaths names no folder of definitions`
      return new InvalidFeatureFlagError('unknown_flag', { problem: nowhere, remedy: `name one, then ${remedy}` })
    }
    const found = `${problem}, and no definition files were found under ${folders.join(', ')} of ${options.root}`
    return new InvalidFeatureFlagError('unknown_flag', {
      problem: found,
      remedy: `check the working directory (or --root), then ${remedy}`,
    })
  }
  const near = catalog.suggest(name)
  const hint = near === null ? remedy : `did you mean "${near}"?`
  return new InvalidFeatureFlagError('unknown_flag', { problem, remedy: hint })
}

/** The error for a type that the project does not have. */
export function unknownType(asked: string, types: Iterable<string>): UsageError {
  const known = [...new Set(types)]
  const near = suggestion(asked, known)
  const all = known.join(', ')
  return new UsageError({
    problem: `${quoted(asked)} is not a type of flag`,
    remedy: near === null ? `the types are ${all}` : `did you mean "${near}"? The types are ${all}`,
  })
}

/**
 * The refusal to delete a flag that is stored and that this project does not define: an application that shares the database may use
 * it.
 */
export function foreignFlag({ catalog }: Pick<Instance, 'catalog'>, name: string): InvalidFeatureFlagError {
  const nothing = catalog.all().size === 0 && catalog.faults.length === 0
  const where = nothing ? ` (no definition files were found under ${catalog.folders.join(', ')})` : ''
  return new InvalidFeatureFlagError('unknown_flag', {
    problem: `this project does not define ${quoted(name)}${where}, and another application may use it`,
    remedy: 'use --force to delete what is stored of it all the same',
  })
}

/** Why these flags were not changed: what `force` lifts gets the command line's option as remedy, any other error stays. */
export function refusedChange(error: unknown, instance: Pick<Instance, 'catalog'>, names: readonly string[]): unknown {
  if (!(error instanceof FeatureError)) return error
  const { code, problem } = error
  if (code === 'default_on_trap') return new InvalidOperation(code, { problem, remedy: trapRemedy, cause: error })
  const unknown = code === 'unknown_flag' && names.find((name) => instance.catalog.get(name) === undefined)
  if (typeof unknown !== 'string') return error
  const undefinable = undefinableName(unknown)
  if (undefinable === null)
    return unknownFlag(instance, unknown, { problem, remedy: 'define it first (or use --force)' })
  const near = instance.catalog.suggest(unknown)
  const meant = near === null ? '' : `did you mean "${near}"? Otherwise `
  return new InvalidFeatureFlagError('unknown_flag', {
    problem,
    remedy: `${meant}use --force; ${undefinable}`,
    cause: error,
  })
}

const trapRemedy = 'enable it for everybody first (then opt actors out), or use --force to turn it off for the others'
