// The history: as rows, and as changes.
import type { ChangesFound, ChangesQuestion, RecordedChange } from '../../store/history/changes.js'
import type { ChangeDetails } from '../../store/change-origin.js'
import type { HistoryEntry } from '../../store/history/entry.js'
import type { History } from '../../store/history/history.js'
import type { Position } from '../../state/state.js'
import { untrackedSource } from '../../state/past.js'
import { describeRows } from '../change-sentences.js'
import { type ChangesQuery, filterOf, type HistoryQuery } from './changes-query.js'
import type { UntrackedWrites } from './untracked-writes.js'

/** What a change did to one flag. */
export interface ChangedFlag {
  readonly name: string
  /** Such as `10 → 25 % of actors, removed User:1`. */
  readonly sentence: string
  /** The gates that it touched. */
  readonly gates: readonly string[]
}

/** One change, however many rows and flags it wrote. */
export interface FlagChange {
  /** Null for a change that gave no id, as by psql. */
  readonly changeId: string | null
  readonly position: Position
  readonly at: Date
  readonly author: string
  readonly source: string
  readonly reason: string | null
  /** By name; null where it changed more than 200. Of a question about one flag it is that flag alone. */
  readonly flags: readonly ChangedFlag[] | null
  /** How many flags it changed, and how many rows it added and removed; of a question about one flag the rows of that flag. */
  readonly counts: { readonly flags: number; readonly added: number; readonly removed: number }
  /** Whether it is what was found to be written past the triggers: then it is not known who wrote it, and when. */
  readonly untracked: boolean
  /** What is told of it beside its rows, such as what it undoes; null: nothing, or the login may not read it. */
  readonly details: ChangeDetails | null
}

export interface ChangesPage {
  /** Newest first. */
  readonly changes: readonly FlagChange[]
  /** `before` of the next page; null: this is the last one. With `search` a page may end early, also without a change. */
  readonly next: string | null
}

export interface FlagHistoryOptions {
  readonly store: Pick<History, 'history' | 'changes'>
  readonly untracked: Pick<UntrackedWrites, 'look'>
}

const defaultChanges = 50
/** Beyond these, a change is told by its counts. */
const most = { features: 200, rows: 20 } as const

export class FlagHistory {
  readonly #options: FlagHistoryOptions

  constructor(options: FlagHistoryOptions) {
    this.#options = options
  }

  /** The newest rows first. Rejects with StoreUnavailable and FeatureError (`invalid_point`). */
  async rows(query: HistoryQuery): Promise<readonly HistoryEntry[]> {
    const filter = filterOf(query)
    await this.#look(query)
    return this.#options.store.history({ ...filter, limit: query.limit })
  }

  /** The newest changes first. Rejects with StoreUnavailable and FeatureError (`invalid_point`, `invalid_arguments`). */
  async changes(query: ChangesQuery): Promise<ChangesPage> {
    const { search, before, limit = defaultChanges } = query
    const question: ChangesQuestion = {
      ...filterOf(query),
      ...(search === undefined || search === '' ? {} : { search }),
      ...(before === undefined ? {} : { before }),
      limit,
      ...most,
    }
    await this.#look(query)
    const found: ChangesFound = await this.#options.store.changes(question)
    return { changes: found.changes.map(flagChange), next: found.next }
  }

  async #look({ feature }: { readonly feature?: string }): Promise<void> {
    if (feature !== undefined) await this.#options.untracked.look(feature)
  }
}

function flagChange({ features, counts, source, ...change }: RecordedChange): FlagChange {
  const flags = features?.map(({ feature, rows, hidden }) => ({
    name: feature,
    sentence: describeRows([...rows].reverse(), hidden),
    gates: [...new Set(rows.flatMap(({ gate }) => gate ?? []))],
  }))
  const { features: count, added, removed } = counts
  return {
    ...change,
    source,
    flags: flags ?? null,
    counts: { flags: count, added, removed },
    untracked: source === untrackedSource,
  }
}
