// What explanations are made from: the rows of one flag or of all, as the store has them now or had them. Where it cannot be reached, what
// this process holds is all that is known of now, and nothing is of the past.
import { StoreUnavailable } from '../../errors.js'
import { parsePoint, type PointText } from '../history/point.js'
import type { UntrackedWrites } from '../history/untracked-writes.js'
import type { FlagReplica } from '../../replica/flag-content.js'
import type { StoredFeature } from '../../state/state.js'
import type { UncertainRow } from '../../state/past.js'
import type { ChangeStore, History, Past, StoreReader } from '../../store/store.js'
import type { ExplainedAsOf } from './explanation.js'

export interface SourcesOptions {
  readonly store: Pick<ChangeStore, 'readFeature'> & Pick<StoreReader, 'readAll'> & Pick<History, 'readPast'>
  readonly replica: Pick<FlagReplica, 'snapshot' | 'status'>
  /** Adds to the history what is found to be written past the triggers, so that it is found once. Default: it is marked alone. */
  readonly untracked?: Pick<UntrackedWrites, 'record' | 'lookLater'>
  /** Default: the system's clock. */
  readonly now?: () => Date
}

/** Rows as of one moment. */
export interface Source {
  /** By flag; one of which nothing is stored is not in it. */
  readonly stored: ReadonlyMap<string, StoredFeature>
  readonly asOf: ExplainedAsOf
  readonly isPast: boolean
  /** Rows of the past of which it is not known whether they were stored. */
  readonly uncertain: readonly UncertainRow[]
}

export class Sources {
  readonly #options: SourcesOptions
  readonly #now: () => Date

  constructor(options: SourcesOptions) {
    this.#options = options
    this.#now = options.now ?? (() => new Date())
  }

  /** One flag, in one statement. Rejects, of the past, with FeatureError (`invalid_point`, `not_in_history`) and StoreUnavailable. */
  async ofFlag(name: string, at: PointText | undefined): Promise<Source> {
    if (at !== undefined) {
      const past = await this.#options.store.readPast({ point: parsePoint(at), feature: name })
      if (flagsOf(past.uncertain).length > 0) await this.#options.untracked?.record(name)
      return this.#ofPast(past)
    }
    return this.#orFromMemory(async () => {
      const { stored, position } = await this.#options.store.readFeature(name)
      return this.#ofNow(stored === null ? [] : [stored], this.#fromStore(position))
    })
  }

  /** All flags, in one statement. Rejects as `ofFlag`. */
  async ofAll(at: PointText | undefined): Promise<Source> {
    if (at !== undefined) {
      const past = await this.#options.store.readPast({ point: parsePoint(at) })
      this.#options.untracked?.lookLater(flagsOf(past.uncertain))
      return this.#ofPast(past)
    }
    return this.#orFromMemory(async () => {
      const { items, position } = await this.#options.store.readAll()
      return this.#ofNow(items, this.#fromStore(position))
    })
  }

  /** Rows that a test gives in the place of what is stored. */
  ofStub(stub: StoredFeature): Source {
    return this.#ofNow([stub], this.#asHeld('stub'))
  }

  async #orFromMemory(read: () => Promise<Source>): Promise<Source> {
    try {
      return await read()
    } catch (error) {
      if (!(error instanceof StoreUnavailable)) throw error
      const held = [...this.#options.replica.snapshot.entries.values()]
      const stored = held.map((flag) => flag.stored).filter((rows) => rows !== null)
      return this.#ofNow(stored, this.#asHeld('memory'))
    }
  }

  #ofNow(features: readonly StoredFeature[], asOf: ExplainedAsOf): Source {
    return { stored: new Map(features.map((feature) => [feature.key, feature])), asOf, isPast: false, uncertain: [] }
  }

  #ofPast({ features, version, now, at, uncertain }: Past): Source {
    const nonce = version === now.version ? now.nonce : null
    return { stored: features, asOf: { position: { version, nonce }, at, from: 'store' }, isPast: true, uncertain }
  }

  #asHeld(from: 'memory' | 'stub'): ExplainedAsOf {
    const { position, ageMs } = this.#options.replica.status()
    return { position, at: ageMs === null ? null : new Date(this.#now().getTime() - ageMs), from }
  }

  #fromStore(position: ExplainedAsOf['position']): ExplainedAsOf {
    return { position, at: this.#now(), from: 'store' }
  }
}

/** Those of which the history does not have the rows yet. */
function flagsOf(uncertain: readonly UncertainRow[]): readonly string[] {
  return [...new Set(uncertain.flatMap(({ feature, until }) => (until === null ? [feature] : [])))]
}
