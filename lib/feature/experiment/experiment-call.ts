// What `Feature.experiment` takes and gives: types alone, precise where flags are declared.
import type { Actor, SpecialActor } from '../../actors/actor.js'
import type { GivenVariants } from '../../experiments/variants.js'
import type { OneActor } from '../check/check-call.js'
import type { DeclarationOf, FlagName, FlagNames, KindOf } from '../flag-name.js'

/** The names of the flags that are experiments: any text where no flags are declared. */
export type ExperimentName = [keyof FlagNames] extends [never]
  ? string
  : { [Name in FlagName]: IsExperiment<Name> extends true ? Name : never }[FlagName]

/** A flag of which nothing but the name is declared may be one. */
export type IsExperiment<Name extends FlagName> = [DeclarationOf<Name>] extends [never]
  ? true
  : 'experiment' extends DeclarationOf<Name>['type']
    ? true
    : false

/** The names of variants that are given, and `control`, which is always one. */
export type VariantOf<Given extends GivenVariants> =
  | 'control'
  | (Given extends readonly (infer Name)[] ? Name & string : keyof Given & string)

/** The variants where none are given. */
export type UsualVariants = readonly ['control', 'candidate']

/** Whom an experiment is about: one actor, or none. */
export type ExperimentActor<Name extends string> = OneActor<KindOf<Name>> | null | undefined

/** The function of a segment: the variant for those actors that belong to it, and otherwise nothing. */
export type Segment<Who, Variant extends string> = (
  actor: Who,
) => Variant | null | undefined | false | Promise<Variant | null | undefined | false>

/** The actor as the functions of an experiment get it: a special actor as its object. */
export type AskedActor<Who> = Who extends SpecialActor ? Actor : NonNullable<Who>

/** The options of `Feature.experiment`. */
export interface ExperimentCall<Who, Given extends GivenVariants> {
  /** Who takes part; without an actor the answer is `control`, and nothing is kept. */
  readonly actor: Who
  /**
   * The variants: a list of names, or each with the per cent of actors that get it. Without weights the actors that the flag lets in
   * share the variants beside `control` evenly. Default: `['control', 'candidate']`.
   */
  readonly variants?: Given
  /** Keeps an actor out: `control`, and no exposure, even where it had a variant before. A function is asked for an actor alone. */
  readonly exclude?: boolean | ((actor: AskedActor<Who>) => boolean | Promise<boolean>)
  /** Give a variant to those who belong to a segment, whatever the gates and the weights are; the first that gives one counts. */
  readonly segments?:
    | Segment<AskedActor<Who>, VariantOf<NoInfer<Given>>>
    | readonly Segment<AskedActor<Who>, VariantOf<NoInfer<Given>>>[]
  /** Is told of an actor that sees a variant, once in this process; what it throws is logged. */
  readonly onExposure?: (exposure: Exposure<VariantOf<NoInfer<Given>>>) => unknown
  /**
   * The variant that a tester asks for, as text from a query or a cookie: `name:candidate`, in production only as
   * `signExperimentOverride` makes it. What does not count is ignored.
   */
  readonly override?: unknown
}

/** The variant of an actor. */
export interface ExperimentResult<Variant extends string = string> {
  readonly experiment: string
  readonly variant: Variant
  /** Stands for the actor in events and pages: 64 hexadecimal digits, others in each experiment. Null without an actor. */
  readonly key: string | null
  /** Whether `exclude` keeps the actor out. */
  readonly excluded: boolean
  /** Whether the variant is kept, and stays when gates and weights change. */
  readonly sticky: boolean
}

/** What `onExposure` gets: the result, of an actor. */
export interface Exposure<Variant extends string = string> extends ExperimentResult<Variant> {
  readonly key: string
}
