// Previews of changes, from what is stored at the moment. They read Postgres and not the snapshot: what they show is what a change would
// meet.
import type { Groups } from '../../../actors/groups.js'
import { isProduction } from '../../../config/environment-name.js'
import { compileGates } from '../../../gates/compile.js'
import type { FlagReplica } from '../../../replica/flag-content.js'
import { type FeatureNow, type Revision, revisionOf, revisionText, sameRevision } from '../../../state/revision.js'
import { changedMeanwhile } from '../../../store/changed-meanwhile.js'
import type { ChangeStore, History, StoreReader } from '../../../store/store.js'
import type { GroupQuestions } from '../../group-questions.js'
import type { UntrackedWrites } from '../../history/untracked-writes.js'
import { ChangeGuard, type GuardOptions } from '../change-guard.js'
import { explainConflict } from '../conflict.js'
import { Misses } from '../misses.js'
import { type FlagOperation, planOperations } from '../operations.js'
import type { PlannedStep } from '../plan.js'
import type { ActorSamples } from './actor-samples.js'
import { countedClasses, knownActors } from './known-actors.js'
import { ListsOfActors } from './listed-actors.js'
import { type FlagOutline, sidesOf } from './outline.js'
import { type PresentEffect, presentEffect } from './present-effect.js'
import { type FlagPreview, ownIds, type Preview, type PreviewOptions, previewOf, previewRows } from './preview.js'

export interface PreviewsOptions extends GuardOptions {
  readonly store: PreviewedStore
  readonly replica: Pick<FlagReplica, 'snapshot'>
  readonly env: string
  /** The actors that the application gives. */
  readonly samples: ActorSamples
  readonly groups: Pick<Groups, 'has'>
  readonly questions: Pick<GroupQuestions, 'ofAll'>
  readonly untracked: Pick<UntrackedWrites, 'look'>
}

type PreviewedStore = ChangeStore & History & Pick<StoreReader, 'readAll'>

/** What of a change is more than its operations. */
export interface PreviewTerms {
  /** As of a change: also for a flag without a definition, and without the warning of the default-on trap. Default: false. */
  readonly force?: boolean
  /** Whether an opt-out that is to be taken back must be there, as in GitLab's API. Default: false. */
  readonly optOutMustExist?: boolean
  /** The revision that the flag must have. Default: any. */
  readonly expected?: Revision
  /** The class of the actors that are counted. Default: the usual one of the flag. */
  readonly actorClass?: string | undefined
}

export class Previews {
  readonly #store: PreviewedStore
  readonly #untracked: Pick<UntrackedWrites, 'look'>
  readonly #samples: ActorSamples
  readonly #options: PreviewOptions

  constructor(options: PreviewsOptions) {
    const { store, catalog, replica, env, samples, groups, questions, untracked } = options
    this.#store = store
    this.#untracked = untracked
    this.#samples = samples
    const lists = new ListsOfActors(samples.classes)
    this.#options = {
      catalog,
      known: (asked) => knownActors(asked, { samples, lists, snapshot: replica.snapshot }),
      groups: questions,
      words: { classes: samples.classes, isGroup: (group) => groups.has(group) },
      guard: new ChangeGuard(options),
      isProduction: isProduction(env),
    }
  }

  /** Rejects with what the change would be refused with, FlagChanged included, and with StoreUnavailable. Nothing is written. */
  async ofOperations(name: string, operations: readonly FlagOperation[], terms: PreviewTerms = {}): Promise<Preview> {
    const { actorClass, force = false, optOutMustExist = false, expected } = terms
    const planned = planOperations(name, operations, { optOutMustExist })
    // Before the revision is read, which may be another one for it.
    await this.#untracked.look(name)
    const now = await this.#store.readFeature(name)
    if (expected !== undefined && !sameRevision(expected, revisionOf(now))) {
      const steps = planned.map(({ step }) => step)
      const expect = new Map([[name, expected]])
      throw await explainConflict(changedMeanwhile(name), { store: this.#store, steps, expect })
    }
    return previewOf({ actorClass, name, operations, planned, force, now }, this.#options)
  }

  /** What is stored of a flag now. Rejects with StoreUnavailable. */
  stored(name: string): Promise<FeatureNow> {
    return this.#store.readFeature(name)
  }

  /** The revision that a flag has now. Rejects with StoreUnavailable. */
  async revision(name: string): Promise<string> {
    return revisionText(revisionOf(await this.stored(name)))
  }

  /** Who has a flag, as it was read, and who would have it at each percentage of actors. Never rejects, and takes a few seconds at most. */
  async presentEffect(
    name: string,
    { stored }: Pick<FeatureNow, 'stored'>,
    actorClass?: string,
  ): Promise<PresentEffect & { readonly classes: readonly string[] }> {
    const { catalog, known, groups } = this.#options
    const definition = catalog.get(name) ?? null
    const gates = stored === null ? null : compileGates(name, stored.gates)
    const asked = { own: ownIds(gates), kinds: definition?.actor ?? [], actorClass }
    const side = { gates, isOnByDefault: definition?.defaultEnabled === true }
    const counted = await known(asked)
    const actors = [...counted.each, ...counted.some].flatMap(({ actor }) => actor ?? [])
    const inGroup = await groups.ofAll(actors, gates?.groups ?? [])
    return { ...presentEffect(name, side, counted, inGroup), classes: countedClasses(asked, this.#samples) }
  }

  /**
   * The rows that an import would leave, of all its flags. Rejects with what it would be refused with, and with StoreUnavailable. Actors are
   * not counted: an import may be of thousands of flags.
   */
  async ofImport(
    planned: readonly PlannedStep[],
    { force }: { readonly force: boolean },
  ): Promise<readonly FlagOutline[]> {
    const { catalog, guard } = this.#options
    // Also what only all steps together are refused for.
    guard.guarded(planned, { force, trap: false }, new Misses(planned, () => []))
    const stored = new Map((await this.#store.readAll()).items.map((item) => [item.key, item]))
    return planned.map((one) => {
      const name = one.step.feature
      const now = { stored: stored.get(name) ?? null, newest: null }
      return sidesOf({ name, operations: [], planned: [one], force, now }, catalog.get(name) ?? null, guard).outline
    })
  }

  /** Steps of one flag on what was read of it. Rejects with what the change would be refused with. */
  async ofSteps(
    name: string,
    planned: readonly PlannedStep[],
    now: FeatureNow,
    { actorClass }: Pick<PreviewTerms, 'actorClass'> = {},
  ): Promise<FlagPreview> {
    return previewRows({ actorClass, name, operations: [], planned, force: true, now }, this.#options)
  }
}
