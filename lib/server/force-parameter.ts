// The refusals that `force` lifts, with the next step in the words of a request.
import type { Catalog } from '../definition/catalog.js'
import { undefinableName } from '../definition/name.js'
import { FeatureError, InvalidFeatureFlagError, InvalidOperation } from '../errors.js'

/** Why the flag was not changed: what `force` lifts gets the parameter as remedy, any other error stays as it is. */
export function refusedChange(
  error: unknown,
  catalog: Pick<Catalog, 'brokenFault' | 'suggest'>,
  name: string,
): unknown {
  if (!(error instanceof FeatureError)) return error
  const { code, problem } = error
  if (code === 'default_on_trap') return new InvalidOperation(code, { problem, remedy: trapRemedy, cause: error })
  // A flag whose definition is broken has another remedy: to correct the file.
  if (code !== 'unknown_flag' || catalog.brokenFault(name) !== null) return error
  const near = catalog.suggest(name)
  const meant = near === null ? '' : `did you mean "${near}"? Otherwise `
  const undefinable = undefinableName(name)
  const remedy = `${meant}${undefinable === null ? 'define it first, or send force=true' : `send force=true; ${undefinable}`}`
  return new InvalidFeatureFlagError(code, { problem, remedy, cause: error })
}

const trapRemedy =
  'enable it for everybody first (then opt actors out), or send force=true to turn it off for the others'
