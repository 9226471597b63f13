// Experiments of one instance: what was given is judged as by a check, the order of experiments/experiment.ts decides, and an exposure is
// told once. In production nothing here rejects: what is wrong is reported once, and the answer is `control`.
import type { Actor, SpecialActor } from '../../actors/actor.js'
import type { Config } from '../../config/config.js'
import { isProduction } from '../../config/environment-name.js'
import type { Catalog } from '../../definition/catalog.js'
import { experimentTypeName } from '../../definition/types.js'
import { type ErrorParts, errorText, InvalidFeatureFlagError } from '../../errors.js'
import { contextKey } from '../../experiments/context-key.js'
import { type AssignedVariant, assignVariant } from '../../experiments/experiment.js'
import { Exposures } from '../../experiments/exposures.js'
import type { KeptVariants } from '../../experiments/kept-variants.js'
import { type OverrideRules, overriddenVariant } from '../../experiments/override.js'
import { control, type Variants } from '../../experiments/variants.js'
import { gateState } from '../../gates/flag-state.js'
import { quoted } from '../../text/printable.js'
import { describeThing, hasId, idOf, isSpecial, listOf } from '../check/arguments.js'
import type { Checker } from '../check/check.js'
import type { Misuse } from '../check/misuse.js'
import type { Requests } from '../request-scope.js'
import type { ExperimentResult, Exposure } from './experiment-call.js'
import { type AskActor, type ReadCall, readCall } from './options.js'
import { pinnedVariant } from './pinned-variants.js'

export interface ExperimentsOptions {
  readonly config: Pick<Config, 'env' | 'experiments' | 'strict'>
  readonly catalog: Pick<Catalog, 'experimentFault'>
  readonly checker: Checker
  readonly misuse: Misuse
  readonly requests: Pick<Requests, 'underWay'>
  readonly special: (kind: SpecialActor) => Actor
  /** Null where there is no store: before start(). */
  readonly kept: KeptVariants | null
  readonly now: () => number
}

/** The actor of a call. */
interface Participant {
  /** Null for none. */
  readonly id: string | null
  readonly actor: Actor | null
  /** Whether it may come back, so that a row is worth keeping. */
  readonly comesBack: boolean
}

const noActor: Participant = { id: null, actor: null, comesBack: false }

export class Experiments {
  readonly #options: ExperimentsOptions
  readonly #exposures = new Exposures()
  readonly #overrides: OverrideRules
  readonly #secret: string | null

  constructor(options: ExperimentsOptions) {
    this.#options = options
    const { env, experiments } = options.config
    const secrets = experiments.secrets()
    this.#secret = secrets[0] ?? null
    this.#overrides = { secrets, allowsUnsigned: !isProduction(env), now: options.now }
  }

  /** Rejects with InvalidFeatureFlagError in strict mode only. */
  async run(name: string, given: unknown): Promise<ExperimentResult> {
    if (this.#options.config.strict) return this.#run(name, given)
    try {
      return await this.#run(name, given)
    } catch (error) {
      // What is left is an argument that throws when it is read, such as a name that is no text.
      this.#options.misuse.once('invalid_arguments', name, () => `experiment ${quoted(name)}: ${errorText(error)}`)
      return this.#result(name, null, absent)
    }
  }

  async #run(name: string, given: unknown): Promise<ExperimentResult> {
    const call = readCall(given)
    if ('fault' in call) {
      this.#refuse('invalid_arguments', name, call.fault)
      return this.#result(name, null, absent)
    }
    if (!this.#isExperiment(name)) return this.#result(name, null, absent)
    const participant = this.#participant(name, call.actor)
    const isOpen = this.#options.checker.decide(name, participant.actor, { type: experimentTypeName }).value
    const pinned = pinnedVariant(name)
    if (pinned !== null) return this.#pinned(name, call, participant, pinned)
    const overridden = overriddenVariant(call.override, name, this.#overrides)
    if (overridden !== null && call.variants.names.has(overridden)) {
      return this.#result(name, participant.id, { ...absent, variant: overridden })
    }
    const assigned = await this.#assign(name, call, participant, isOpen)
    const result = this.#result(name, participant.id, assigned)
    if (assigned.isExposed && call.onExposure !== null) this.#expose(result, call.onExposure)
    return result
  }

  /** In a test that wants this variant: each call is told of, because other tests may have asked for the same actor. */
  async #pinned(name: string, call: ReadCall, { id, actor }: Participant, variant: string): Promise<ExperimentResult> {
    if (await this.#isExcluded(name, call.exclude, actor)) return this.#result(name, id, { ...absent, excluded: true })
    if (!call.variants.names.has(variant)) {
      const problem = `the pinned variant is ${quoted(variant)}, which is no variant of it`
      this.#refuse('invalid_arguments', name, { problem, remedy: `pin one of ${[...call.variants.names].join(', ')}` })
    }
    const result = this.#result(name, id, { ...absent, variant, sticky: true })
    if (call.onExposure !== null && id !== null) this.#tell({ ...result, key: this.#key(name, id) }, call.onExposure)
    return result
  }

  #assign(
    name: string,
    call: ReadCall,
    { id, actor, comesBack }: Participant,
    isOpen: boolean,
  ): Promise<AssignedVariant> {
    const { kept, requests } = this.#options
    return assignVariant({
      experiment: name,
      id,
      variants: call.variants,
      isOn: this.#isOn(name),
      isOpen,
      isExcluded: () => this.#isExcluded(name, call.exclude, actor),
      segment: () => this.#segment(name, call, actor),
      kept: comesBack ? kept : null,
      request: requests.underWay(),
      gone: (variant) => this.#reportGone(name, variant, call.variants),
    })
  }

  /** Whether the flag has an open gate for any actor, and the flag of all experiments is on. */
  #isOn(name: string): boolean {
    const { checker, config } = this.#options
    const flag = checker.flag(name)
    const gates = flag?.gates ?? null
    // In tests a flag may be on by its definition, with nothing stored.
    if (gates === null ? flag?.answer !== true : gateState(gates) === 'off') return false
    const all = config.experiments.flag
    return all === null || checker.enabled(all, undefined, { type: 'ops' })
  }

  /** Whether there is such an experiment; otherwise refuses the call, or reports it. */
  #isExperiment(name: string): boolean {
    const { catalog, checker, config, misuse } = this.#options
    const definition = checker.flag(name)?.definition ?? null
    if (definition?.type === experimentTypeName) return true
    const fault = catalog.experimentFault(name)
    if (fault === null) return true
    if (config.strict) misuse.throw(fault)
    misuse.once(fault.code, name, () => fault.message)
    return false
  }

  #participant(name: string, thing: unknown): Participant {
    if (thing === null) return noActor
    if (isSpecial(thing)) {
      const actor = this.#options.special(thing)
      return { id: actor.flipperId, actor, comesBack: thing !== 'request' }
    }
    const id = idOf(thing)
    if (id !== null && hasId(thing, id)) return { id: id.toWellFormed(), actor: thing, comesBack: true }
    this.#refuse('invalid_actor', name, listOf(thing) !== null ? several : describeThing(thing))
    return noActor
  }

  async #isExcluded(name: string, exclude: boolean | AskActor, actor: Actor | null): Promise<boolean> {
    if (typeof exclude === 'boolean') return exclude
    if (actor === null) return false
    try {
      return Boolean(await exclude(actor))
    } catch (error) {
      // Who might be excluded must not be counted.
      this.#reportFailure(name, 'exclude', 'the actor counts as excluded', error)
      return true
    }
  }

  async #segment(name: string, { segments, variants }: ReadCall, actor: Actor | null): Promise<string | null> {
    for (const segment of segments) {
      const variant = await this.#askSegment(name, segment, actor)
      if (variant === undefined || variant === null || variant === false || variant === '') continue
      if (typeof variant === 'string' && variants.names.has(variant)) return variant
      const problem = `a segment gave ${quoted(variant)}, which is no variant of it`
      this.#refuse('invalid_arguments', name, {
        problem,
        remedy: `give one of ${[...variants.names].join(', ')}, or nothing`,
      })
    }
    return null
  }

  async #askSegment(name: string, segment: AskActor, actor: Actor | null): Promise<unknown> {
    try {
      return await segment(actor)
    } catch (error) {
      this.#reportFailure(name, 'segments', 'it counts as if it gave nothing', error)
      return null
    }
  }

  #expose(result: ExperimentResult, onExposure: (exposure: unknown) => unknown): void {
    const { key } = result
    if (key === null || !this.#exposures.isFirst(key)) return
    this.#tell({ ...result, key }, onExposure)
  }

  #tell(exposure: Exposure, onExposure: (exposure: unknown) => unknown): void {
    const failed = (error: unknown) =>
      this.#reportFailure(exposure.experiment, 'onExposure', 'the exposure is lost', error)
    // Not awaited: what counts must not hold up what is counted.
    void (async () => onExposure(exposure))().catch(failed)
  }

  #result(experiment: string, id: string | null, { variant, excluded, sticky }: AssignedVariant): ExperimentResult {
    const key = id === null ? null : this.#key(experiment, id)
    return { experiment, variant, key, excluded, sticky }
  }

  #key(experiment: string, id: string): string {
    return contextKey(experiment, id, this.#secret)
  }

  #refuse(code: 'invalid_arguments' | 'invalid_actor', name: string, { problem, remedy }: ErrorParts): void {
    const { config, misuse } = this.#options
    const error = new InvalidFeatureFlagError(code, { problem: `experiment ${quoted(name)}: ${problem}`, remedy })
    if (config.strict) misuse.throw(error)
    misuse.once(code, name, () => error.message)
  }

  #reportGone(name: string, variant: string, { names }: Variants): void {
    this.#options.misuse.once('unknown_variant', name, () => {
      const known = [...names].join(', ')
      return `experiment ${quoted(name)}: an actor is kept in the variant ${quoted(variant)}, which it no longer has (it has ${known}); its variant is computed anew`
    })
  }

  #reportFailure(name: string, key: string, meaning: string, error: unknown): void {
    const text = () => `experiment ${quoted(name)}: the function ${key} failed, and ${meaning}: ${errorText(error)}`
    this.#options.misuse.once('callback_failed', name, text)
  }
}

const absent: AssignedVariant = { variant: control, excluded: false, sticky: false, isExposed: false }

const several: ErrorParts = {
  problem: 'a list of actors was given as the actor',
  remedy: 'give the one actor that the variant is for',
}
