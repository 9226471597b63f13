// The side of the store that reads the history: its rows, the past, and what was written past the triggers.
import {
  type ChangesFound,
  type ChangesQuestion,
  checkChangesQuestion,
  checkLimit,
  type HistoryFilter,
} from '../../history/changes.js'
import { storableText } from '../../storable.js'
import type { HistoryEntry, HistoryQuery, Past, PastQuestion, RecordedRowsQuery } from '../../store.js'
import type { PostgresTimes } from '../connection/times.js'
import type { Database } from '../database.js'
import { changesReading } from './changes.js'
import { LargeChanges } from './large-changes.js'
import { pastReading } from './past.js'
import { historyReading, recordedReading } from '../reads.js'
import {
  type Ledger as FlagLedger,
  untrackedOfReading,
  untrackedReading,
  untrackedRecording,
  untrackedSinceReading,
} from './untracked.js'

/** Flags whose last look is kept, at some 300 bytes each. */
const mostLedgers = 1_000

export class PostgresHistory {
  readonly #database: Database
  readonly #bulkMs: number
  readonly #large = new LargeChanges()
  /** How flags stood when they were last found to agree with their history; the one that was looked at longest ago comes first. */
  readonly #ledgers = new Map<string, FlagLedger>()

  constructor(database: Database, { bulkMs }: Pick<PostgresTimes, 'bulkMs'>) {
    this.#database = database
    this.#bulkMs = bulkMs
  }

  async entries(query: HistoryQuery): Promise<readonly HistoryEntry[]> {
    checkLimit(query.limit)
    const storable = { ...query, ...storableFilter(query) }
    return this.#database.read(({ layout }) => historyReading(this.#database.ownOf(layout), storable), this.#bulkMs)
  }

  async changes(question: ChangesQuestion): Promise<ChangesFound> {
    checkChangesQuestion(question)
    const { search } = question
    const storable = {
      ...question,
      ...storableFilter(question),
      ...(search === undefined ? {} : { search: storableText(search) }),
    }
    return this.#database.read(
      ({ layout }) => changesReading(layout, this.#database.ownOf(layout), storable, this.#large),
      this.#bulkMs,
    )
  }

  async readPast({ point, feature }: PastQuestion): Promise<Past> {
    const question = { point, ...(feature === undefined ? {} : { feature: storableText(feature) }) }
    return this.#database.read(
      ({ layout }) => pastReading(layout, this.#database.ownOf(layout), question),
      this.#bulkMs,
    )
  }

  /** None where our own tables are missing. */
  async recorded(query: RecordedRowsQuery): Promise<readonly HistoryEntry[]> {
    const feature = storableText(query.feature)
    const rows = await this.#database.read(
      ({ layout: { own } }) => (own === null ? null : recordedReading(own, { ...query, feature })),
      this.#bulkMs,
    )
    return rows ?? []
  }

  async untracked(feature?: string): Promise<readonly string[]> {
    if (feature !== undefined) return (await this.#isUntracked(storableText(feature))) ? [feature] : []
    return this.#database.read(({ layout }) => untrackedReading(layout, this.#database.ownOf(layout)), this.#bulkMs)
  }

  /** The history of one flag may be long, and a page asks again at each step: what agreed at the last look is not compared again. */
  async #isUntracked(key: string): Promise<boolean> {
    const known = this.#ledgers.get(key)
    if (known !== undefined) {
      const now = await this.#database.read(
        ({ layout }) => untrackedSinceReading(layout, this.#database.ownOf(layout), key, known),
        this.#bulkMs,
      )
      if (now !== null) {
        this.#keep(key, now)
        return false
      }
    }
    const { isUntracked, ledger } = await this.#database.read(
      ({ layout }) => untrackedOfReading(layout, this.#database.ownOf(layout), key),
      this.#bulkMs,
    )
    this.#keep(key, isUntracked ? null : ledger)
    return isUntracked
  }

  #keep(key: string, ledger: FlagLedger | null): void {
    this.#ledgers.delete(key)
    if (ledger === null) return
    this.#ledgers.set(key, ledger)
    const [oldest] = this.#ledgers.keys()
    if (this.#ledgers.size > mostLedgers && oldest !== undefined) this.#ledgers.delete(oldest)
  }

  async recordUntracked(feature: string): Promise<number | null> {
    const key = storableText(feature)
    const mayRecord = await this.#database.withLayout(async (known) => {
      // The function may have been made since the layout was read.
      const layout = known.mayRecord ? known : await this.#database.readLayout()
      return layout.mayRecord
    })
    return mayRecord ? this.#database.read(({ layout }) => untrackedRecording(layout, key), this.#bulkMs) : null
  }
}

/** The texts as they are stored. Throws FeatureError (`invalid_value`). */
function storableFilter({ feature, changeId, author, source }: HistoryFilter): HistoryFilter {
  const texts = Object.entries({ feature, changeId, author, source })
  return Object.fromEntries(texts.flatMap(([key, text]) => (text === undefined ? [] : [[key, storableText(text)]])))
}
