// The history of changes, as rows.
import type { HistoryEntry } from '../../store/history-entry.js'
import type { History, HistoryQuery } from '../../store/history.js'
import type { UntrackedWrites } from './untracked-writes.js'

export interface FlagHistoryOptions {
  readonly store: History
  readonly untracked: Pick<UntrackedWrites, 'look'>
}

export class FlagHistory {
  readonly #options: FlagHistoryOptions

  constructor(options: FlagHistoryOptions) {
    this.#options = options
  }

  /** The newest rows first. Rejects with StoreUnavailable. */
  async rows(query: HistoryQuery): Promise<readonly HistoryEntry[]> {
    const { store, untracked } = this.#options
    if (query.feature !== undefined) await untracked.look(query.feature)
    return store.history(query)
  }
}
