// What a server tells the page that it is about to send: the answers of flags, and the variants of experiments. A flag that is not
// pushed is never in a page. In strict mode a push that could not arrive throws; in production it is reported once, and the page does without.
import { camelCase } from '../definition/camel-case.js'
import { flagNameFault } from '../definition/name.js'
import { type ErrorCodeOf, type ErrorParts, FeatureError, InvalidFeatureFlagError } from '../errors.js'
import type { CheckActor, CheckOptions } from '../feature/check/arguments.js'
import { type FeatureFlags, LifecycleFlags } from '../feature/feature.js'
import type { FlagName } from '../feature/flag-name.js'
import type { Lifecycle, Runtime } from '../feature/runtime.js'
import { gonScript, isNonce } from '../text/gon-script.js'
import { isRecord } from '../text/json.js'
import { quoted } from '../text/printable.js'
import type { Frontend, GonScriptOptions } from './calls.js'
import { type Page, pageOf } from './page.js'
import type { PushedExperiment, PushedFeatures } from './page-flags.js'

type Code = ErrorCodeOf<'InvalidFeatureFlagError'> | 'invalid_arguments' | 'invalid_name'

/**
 * The same functions for flags that `createFeature` made. What they push belongs to the requests of these flags: give them to the
 * adapter too. Throws FeatureError (`invalid_arguments`) for what is no such instance.
 *
 * @example
 * import { createFrontend } from 'sluice/frontend'
 * const { pushFrontendFeatureFlag, gonScript } = createFrontend(createFeature({ root: '/srv/billing' }))
 */
export function createFrontend(feature: FeatureFlags): Frontend {
  const pushes = new Pushes(feature)
  return {
    pushFrontendFeatureFlag: (name: FlagName, thing?: CheckActor | CheckOptions | null, options?: CheckOptions) =>
      pushes.ask(name, thing, options),
    pushForceFrontendFeatureFlag: (name, value) => pushes.force(name, value),
    pushExperiment: (result) => pushes.experiment(result),
    pushedFeatures: () => pushes.features(),
    gonScript: (options) => pushes.script(options),
  }
}

/** The holder of the runtime of these flags, which is made when it is read. Throws FeatureError (`invalid_arguments`). */
export function lifecycleOf(feature: FeatureFlags): Pick<Lifecycle, 'runtime'> {
  const lifecycle = LifecycleFlags.lifecycleOf(feature)
  if (lifecycle !== null) return lifecycle
  const problem = 'pages were to get flags of something that is not an instance of them'
  throw new FeatureError('invalid_arguments', { problem, remedy: 'give Feature, or what createFeature() returned' })
}

class Pushes {
  readonly #feature: FeatureFlags
  readonly #lifecycle: Pick<Lifecycle, 'runtime'>

  constructor(feature: FeatureFlags) {
    this.#feature = feature
    this.#lifecycle = lifecycleOf(feature)
  }

  ask(name: FlagName, thing: CheckActor | CheckOptions | null | undefined, options: CheckOptions | undefined): void {
    const value = this.#feature.enabled(name, thing, options)
    this.#push(name, value)
  }

  force(name: FlagName, value: boolean): void {
    if (typeof value !== 'boolean') {
      this.#refuse('invalid_arguments', name, {
        problem: `the flag ${quoted(name)} was to be pushed as ${quoted(value)}`,
        remedy: 'give true or false; await a promise first',
      })
    }
    this.#push(name, value === true)
  }

  experiment(result: PushedExperiment): void {
    // Untyped callers may give anything, such as the promise of a result.
    const { experiment = '', variant, key, excluded }: Partial<PushedExperiment> = isRecord(result) ? result : {}
    const name = `the experiment ${quoted(experiment)}`
    const hasKey = typeof key === 'string' || key === null
    if (typeof variant !== 'string' || !hasKey || typeof excluded !== 'boolean') {
      this.#refuse('invalid_arguments', experiment, {
        problem: `${name} was to be pushed without a variant, a key and whether its actor is excluded`,
        remedy: 'await Feature.experiment(), and give what it resolves to',
      })
    } else if (this.#isName(experiment, name)) {
      this.#openPage(experiment, name)?.experiments.set(experiment, { experiment, variant, key, excluded })
    }
  }

  features(): PushedFeatures {
    const flags = this.#pageToTell('pushedFeatures')?.flags ?? []
    return Object.freeze(Object.fromEntries([...flags].map(([camel, { value }]) => [camel, value])))
  }

  script({ nonce }: GonScriptOptions = {}): string {
    const page = this.#pageToTell('gonScript')
    const flags = [...(page?.flags ?? [])].map(([camel, { value }]) => [camel, value] as const)
    const content = {
      features: Object.fromEntries(flags),
      experiment: Object.fromEntries(page?.experiments ?? []),
      strict: this.#runtime.config.strict,
    }
    return gonScript(content, nonce === undefined ? null : this.#checkedNonce(nonce))
  }

  get #runtime(): Runtime {
    return this.#lifecycle.runtime
  }

  #push(name: string, value: boolean): void {
    const what = `the flag ${quoted(name)}`
    if (!this.#isName(name, what)) return
    const page = this.#openPage(name, what)
    if (page === null) return
    const camel = camelCase(name)
    const other = page.flags.get(camel)?.name ?? name
    if (other === name) page.flags.set(camel, { name, value })
    else {
      const problem = `the flags ${quoted(other)} and ${quoted(name)} are both ${quoted(camel)} in a page`
      this.#refuse('invalid_push', name, { problem, remedy: 'give one of them another name' })
    }
  }

  #isName(name: string, what: string): boolean {
    const fault = flagNameFault(name)
    if (fault === null) return true
    this.#refuse('invalid_name', name, {
      problem: `${what} was pushed, whose name ${fault}`,
      remedy: 'correct the name',
    })
    return false
  }

  /** The page, as long as something can still be added to it. */
  #openPage(name: string, what: string): Page | null {
    const page = pageOf(this.#runtime.requests)
    if (page === null) {
      this.#refuse('invalid_push', name, {
        problem: `${what} was pushed outside of a request`,
        remedy:
          'register the adapter of sluice/frontend for your framework and push in what handles a request, or push inside Feature.withRequest()',
      })
    } else if (page.isSent()) {
      this.#refuse('invalid_push', name, {
        problem: `${what} was pushed after the headers of the answer were sent`,
        remedy: 'push it before the page is rendered',
      })
      return null
    }
    return page
  }

  /** A page that shows an error may be rendered outside of a request; everything else would lose its flags, so that is said once. */
  #pageToTell(caller: string): Page | null {
    const page = pageOf(this.#runtime.requests)
    if (page !== null) return page
    const problem = `${caller}() was called outside of a request: what it gives has no flags`
    this.#runtime.misuse.once('invalid_push', caller, () => `${problem}; call it in what handles a request`)
    return null
  }

  #checkedNonce(nonce: unknown): string | null {
    if (isNonce(nonce)) return nonce
    const problem = nonce === '' ? 'the nonce of the script is empty' : `the nonce ${quoted(nonce)} is not one`
    const remedy = "make one for each answer, such as randomBytes(16).toString('base64'), or leave it out"
    this.#refuse('invalid_arguments', 'gonScript', { problem, remedy })
    return null
  }

  #refuse(code: Code, name: string, parts: ErrorParts): void {
    const { misuse, config } = this.#runtime
    if (config.strict) misuse.throw(new InvalidFeatureFlagError(code, parts))
    misuse.once(code, name, () => `${parts.problem}; ${parts.remedy}`)
  }
}
