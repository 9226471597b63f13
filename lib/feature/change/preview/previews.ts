// Previews of changes, from what is stored at the moment. They read Postgres and not the snapshot: what they show is what a change would
// meet.
import { isProduction } from '../../../config/environment-name.js'
import { changedMeanwhile } from '../../../store/changed-meanwhile.js'
import { type FeatureNow, type Revision, revisionOf, revisionText, sameRevision } from '../../../state/revision.js'
import type { ChangeStore, History } from '../../../store/store.js'
import { ChangeGuard, type GuardOptions } from '../change-guard.js'
import { explainConflict } from '../conflict.js'
import { type FlagOperation, planOperations } from '../operations.js'
import type { PlannedStep } from '../plan.js'
import { type FlagPreview, type Preview, previewOf, type PreviewOptions, previewRows } from './preview.js'

export interface PreviewsOptions extends GuardOptions {
  readonly store: ChangeStore & History
  readonly env: string
}

/** What of a change is more than its operations. */
export interface PreviewTerms {
  /** As of a change: also for a flag without a definition, and without the warning of the default-on trap. Default: false. */
  readonly force?: boolean
  /** Whether an opt-out that is to be taken back must be there, as in GitLab's API. Default: false. */
  readonly optOutMustExist?: boolean
  /** The revision that the flag must have. Default: any. */
  readonly expected?: Revision
}

export class Previews {
  readonly #store: ChangeStore & History
  readonly #options: PreviewOptions

  constructor(options: PreviewsOptions) {
    const { store, catalog, replica, env } = options
    this.#store = store
    this.#options = { catalog, replica, guard: new ChangeGuard(options), isProduction: isProduction(env) }
  }

  /** Rejects with what the change would be refused with, FlagChanged included, and with StoreUnavailable. Nothing is written. */
  async ofOperations(name: string, operations: readonly FlagOperation[], terms: PreviewTerms = {}): Promise<Preview> {
    const { force = false, optOutMustExist = false, expected } = terms
    const planned = planOperations(name, operations, { optOutMustExist })
    const now = await this.#store.readFeature(name)
    if (expected !== undefined && !sameRevision(expected, revisionOf(now))) {
      const steps = planned.map(({ step }) => step)
      const expect = new Map([[name, expected]])
      throw await explainConflict(changedMeanwhile(name), { store: this.#store, steps, expect })
    }
    return previewOf({ name, operations, planned, force, now }, this.#options)
  }

  /** What is stored of a flag now. Rejects with StoreUnavailable. */
  stored(name: string): Promise<FeatureNow> {
    return this.#store.readFeature(name)
  }

  /** The revision that a flag has now. Rejects with StoreUnavailable. */
  async revision(name: string): Promise<string> {
    return revisionText(revisionOf(await this.stored(name)))
  }

  /** Steps of one flag on what was read of it. Throws what the change would be refused with. */
  ofSteps(name: string, planned: readonly PlannedStep[], now: FeatureNow): FlagPreview {
    return previewRows({ name, operations: [], planned, force: true, now }, this.#options)
  }
}
