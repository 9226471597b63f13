// Explanations of flags. They read the store and not the snapshot: what they say is what is stored.
import type { Actor } from '../../actors/actor.js'
import type { Catalog } from '../../definition/catalog.js'
import { StoreUnavailable } from '../../errors.js'
import { Flag } from '../../replica/flag.js'
import type { StoredFeature } from '../../state/state.js'
import type { History } from '../../store/store.js'
import { timeSlices } from '../../time/time-slices.js'
import type { Checker } from '../check/check.js'
import type { GroupMembership, GroupQuestions } from '../group-questions.js'
import type { PointText } from '../history/point.js'
import type { Scope } from '../scope/scope.js'
import { type AllExplained, type ExplainedFlag, isWanted, type OnlyFlags } from './all-explained.js'
import type { AskGroup, Asked } from './answer.js'
import { type Decided, decidingChange } from './deciding-change.js'
import { defaultStep, type DefinitionFacts } from './default-step.js'
import type { DecidingChange, ExplainedAnswer, ExplainedAsOf, Explanation } from './explanation.js'
import { type AnswerRules, answerOfFlag, type FlagAnswer } from './flag-answer.js'
import { type Source, Sources, type SourcesOptions } from './sources.js'
import { decidingRows, gateSteps } from './steps.js'
import { dependsOnUncertain } from './uncertain-answer.js'

export interface ExplanationsOptions extends SourcesOptions {
  readonly store: SourcesOptions['store'] & Pick<History, 'recordedRows'>
  readonly catalog: DefinitionFacts & Pick<Catalog, 'all' | 'get'>
  readonly checker: Pick<Checker, 'scopeAround' | 'whileDeciding'>
  readonly groups: Pick<GroupQuestions, 'oneByOne'>
}

export interface ExplainTerms {
  /** An earlier time. Default: now. */
  readonly at?: PointText | undefined
  /** The answer for a flag without a definition of which nothing is stored. Default: false. */
  readonly defaultIfUndefined?: boolean | undefined
}

/** Whom all flags are explained for. */
export interface AllAsked {
  readonly asked: Asked
  /** An earlier time. Default: now. */
  readonly at?: PointText | undefined
}

export interface AllTerms extends AllAsked {
  /** Others, or another time, to compare with. */
  readonly than?: AllAsked | undefined
  /** Default: every flag that is defined or stored. */
  readonly only?: OnlyFlags | undefined
}

export class Explanations {
  readonly #options: ExplanationsOptions
  readonly #sources: Sources

  constructor(options: ExplanationsOptions) {
    this.#options = options
    this.#sources = new Sources(options)
  }

  /**
   * Why a check of this flag answers what it answers, or would have. Rejects with FeatureError (`tests_disagree`) and, of the past,
   * FeatureError (`invalid_point`, `not_in_history`) and StoreUnavailable.
   */
  async of(name: string, asked: Asked, { at, defaultIfUndefined }: ExplainTerms = {}): Promise<Explanation> {
    const { catalog } = this.#options
    const scope = this.#scope(name, at)
    const stub = scope?.stubs.get(name)
    const source = stub === undefined ? await this.#sources.ofFlag(name, at) : this.#sources.ofStub(stub)
    const { asOf, isPast } = source
    const inGroup = this.#options.groups.oneByOne()
    const rules = { isPast, defaults: scope?.defaults, defaultIfUndefined, inGroup }
    const { byGates, ...answer } = this.#answer(name, source, asked, rules)
    const stored = source.stored.get(name) ?? null
    const definition = catalog.get(name) ?? null
    const facts = { name, definition, rules, from: asOf.from, value: answer.value, isStored: byGates !== null }
    const byDefault = defaultStep(facts, catalog)
    const given = { name, actors: asked.ids, ...answer, asOf }
    if (byGates === null || stored === null) return { ...given, steps: [byDefault], by: null }
    const gates = { stored, gates: byGates.gates }
    const by = await this.#by({ name, asked, rows: decidingRows(gates, asked, byGates) }, asOf)
    return { ...given, steps: [...gateSteps(gates, asked, byGates), byDefault], by }
  }

  /** What checks of all flags answer, from one read of everything for each time. Rejects as `of`. */
  async all({ asked, at, than, only }: AllTerms): Promise<AllExplained> {
    const source = await this.#sources.ofAll(at)
    const thanSource = than === undefined ? null : than.at === at ? source : await this.#sources.ofAll(than.at)
    const names = new Set(this.#options.catalog.all().keys())
    for (const { stored } of [source, thanSource ?? source]) for (const name of stored.keys()) names.add(name)
    const inGroup = this.#options.groups.oneByOne()
    const yieldIfDue = timeSlices()
    const flags: ExplainedFlag[] = []
    for (const name of [...names].sort()) {
      await yieldIfDue()
      const byDefault = this.#options.catalog.get(name)?.defaultEnabled ?? null
      const other = than && thanSource && this.#answerOf(name, thanSource, than, inGroup)
      const own = this.#answerOf(name, source, { asked, at }, inGroup)
      flags.push({ name, ...own, default: byDefault, than: other ?? null })
    }
    const wanted = flags.filter((flag) => isWanted(flag, only))
    return { asOf: source.asOf, thanAsOf: thanSource?.asOf ?? null, flags: wanted }
  }

  /** Whether the name is, or was, that of a flag of which something is stored. Rejects with StoreUnavailable. */
  async wasFlag(name: string): Promise<boolean> {
    const { stored, newest } = await this.#options.store.readFeature(name)
    return stored !== null || newest !== null
  }

  /** One flag among all. */
  #answerOf(name: string, source: Source, { asked, at }: AllAsked, inGroup: GroupMembership): ExplainedAnswer {
    const scope = this.#scope(name, at)
    const stub = scope?.stubs.get(name)
    const own = stub === undefined ? source : this.#sources.ofStub(stub)
    const rules = { isPast: own.isPast, defaults: scope?.defaults, inGroup }
    const { byGates: _, ...answer } = this.#answer(name, own, asked, rules)
    return answer
  }

  /** A test's flags have no past. */
  #scope(name: string, at: PointText | undefined): Scope | null {
    return at === undefined ? this.#options.checker.scopeAround(name) : null
  }

  #answer(name: string, source: Source, asked: Asked, { inGroup, ...rules }: Rules): FlagAnswer {
    const { catalog, checker } = this.#options
    const definition = catalog.get(name) ?? null
    const ask = askOnce(inGroup)
    const answer = (stored: StoredFeature | null) => {
      const flag = definition === null && stored === null ? null : new Flag(name, definition, stored)
      return checker.whileDeciding(name, () => answerOfFlag(flag, asked, { ...rules, ask }))
    }
    const stored = source.stored.get(name) ?? null
    const given = answer(stored)
    if (!dependsOnUncertain({ name, stored, uncertain: source.uncertain, asked }, answer)) return given
    return { ...given, approximate: [...given.approximate, 'untracked'] }
  }

  /** Null also where it cannot be read: the answer is known without it. */
  async #by(decided: Omit<Decided, 'until'>, { from, position }: ExplainedAsOf): Promise<DecidingChange | null> {
    if (from !== 'store' || position === null) return null
    try {
      return await decidingChange(this.#options.store, { ...decided, until: position.version })
    } catch (error) {
      if (error instanceof StoreUnavailable) return null
      throw error
    }
  }
}

type Rules = Omit<AnswerRules, 'ask'> & { readonly inGroup: GroupMembership }

/** Asks for each actor once: a predicate is code of the application. */
function askOnce(inGroup: GroupMembership): AskGroup {
  const known = new Map<string, Map<Actor, boolean | null>>()
  return (group, actor) => {
    const ofGroup = known.get(group) ?? new Map<Actor, boolean | null>()
    known.set(group, ofGroup)
    const before = ofGroup.get(actor)
    if (before !== undefined) return before
    const answer = inGroup(group, actor)
    ofGroup.set(actor, answer)
    return answer
  }
}
