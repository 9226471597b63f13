// The variants that a test has pinned, each for one experiment. They lie beside the stubs of flags, in the scope of the test.
import { ScopeSlot } from '../scope/scope.js'
import { scopeInForce } from '../scope/scopes.js'
import { quoted } from '../../text/printable.js'

export const pinnedVariants = new ScopeSlot<ReadonlyMap<string, string>>()

/** The variant that the scope in force pins; null for none. Throws as `scopeInForce`. */
export function pinnedVariant(experiment: string): string | null {
  const variantOf = (scope: Parameters<typeof pinnedVariants.get>[0]) => pinnedVariants.get(scope)?.get(experiment)
  const what = `the variant of the experiment ${quoted(experiment)}`
  const scope = scopeInForce(what, (one, other) => variantOf(one) === variantOf(other))
  return scope === null ? null : (variantOf(scope) ?? null)
}
