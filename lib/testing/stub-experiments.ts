// Variants of experiments for one test, whatever flags, gates and rows say.
import { FeatureError, InvalidFeatureFlagError } from '../errors.js'
import { isVariantName } from '../experiments/variants.js'
import type { ExperimentName } from '../feature/experiment/experiment-call.js'
import { pinnedVariants } from '../feature/experiment/pinned-variants.js'
import { scopeInForce } from '../feature/scope/scopes.js'
import { rulesOfStubs } from '../feature/scope/stub-rules.js'
import { quoted } from '../text/printable.js'

/** The variant of each of some experiments. */
export type ExperimentStubs = { readonly [Name in ExperimentName]?: string }

/**
 * Gives each actor this variant in the test under way, whatever flag, gates, segments and rows say; `exclude` is still asked, and
 * `onExposure` is called each time. To be called in a test or in a hook before each one; with the test the variants are gone. A second
 * variant of an experiment replaces the first. Throws InvalidFeatureFlagError (`unknown_flag`, `flag_type_mismatch`) and FeatureError:
 * `no_test_scope` outside of a test, `invalid_arguments`.
 *
 * @example
 * import { stubExperiments } from 'sluice/testing'
 * stubExperiments({ one_click_order: 'candidate' })
 */
export function stubExperiments(stubs: ExperimentStubs): void {
  const given = readStubs(stubs)
  const scope = scopeInForce('stubExperiments', () => false)
  if (scope?.isOpen !== true) throw outsideOfTests()
  pinnedVariants.set(scope, new Map([...(pinnedVariants.get(scope) ?? []), ...given]))
}

function readStubs(stubs: unknown): readonly (readonly [string, string])[] {
  if (typeof stubs !== 'object' || stubs === null || Array.isArray(stubs)) throw wrong(`was given ${quoted(stubs)}`)
  return Object.entries(stubs).map(([name, variant]: [string, unknown]) => {
    refuseOthers(name)
    if (typeof variant !== 'string' || !isVariantName(variant)) {
      throw wrong(`was given ${quoted(variant)} as the variant of ${quoted(name)}`)
    }
    return [name, variant]
  })
}

/** A name that is no experiment of any instance of this process. */
function refuseOthers(name: string): void {
  const [first, ...others] = rulesOfStubs()
  if (first === undefined) return
  if ([first, ...others].some(({ catalog }) => catalog.get(name)?.type === 'experiment')) return
  const fault = first.catalog.usageFault(name, first.catalog.get(name) === undefined ? undefined : 'experiment')
  if (fault === null) return
  const code = fault.code === 'flag_type_mismatch' ? 'flag_type_mismatch' : 'unknown_flag'
  throw new InvalidFeatureFlagError(code, { problem: `stubExperiments: ${fault.problem}`, remedy: fault.remedy })
}

function wrong(what: string): FeatureError {
  const remedy = "write stubExperiments({ the_experiment: 'candidate' })"
  return new FeatureError('invalid_arguments', { problem: `stubExperiments ${what}`, remedy })
}

function outsideOfTests(): FeatureError {
  return new FeatureError('no_test_scope', {
    problem: 'stubExperiments was called outside of a test',
    remedy:
      'load the setup file of the runner (sluice/testing/vitest or sluice/testing/jest; for node:test import test and the hooks from sluice/testing/node) and call it in a test or in beforeEach',
  })
}
