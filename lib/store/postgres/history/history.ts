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
import { untrackedReading, untrackedRecording } from './untracked.js'

export class PostgresHistory {
  readonly #database: Database
  readonly #bulkMs: number
  readonly #large = new LargeChanges()

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
    const key = feature === undefined ? undefined : storableText(feature)
    return this.#database.read(
      ({ layout }) => untrackedReading(layout, this.#database.ownOf(layout), key),
      this.#bulkMs,
    )
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
