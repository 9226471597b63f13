// The store in Postgres: the truth. It remembers only which tables exist.
import type { Tables } from '../../config/config.js'
import type { Logger } from '../../log.js'
import { inspectTriggers } from '../triggers/guard.js'
import { type Clock, systemClock } from '../../time/clock.js'
import { holding } from '../../time/hold.js'
import { type Layout, withoutTable } from './existing-tables.js'
import { commitChange, findChange, type CommitOptions } from './write/commit.js'
import { Database } from './database.js'
import { PostgresHistory } from './history/history.js'
import { postgresHistoryFeed } from './history/history-feed.js'
import { PostgresListener } from './listen.js'
import { connectionOf, isSource, openPool, databaseLabel, type Reach } from './connection/pool.js'
import { defaultTimes, type PostgresTimes } from './connection/times.js'
import { allReading, featureReading, headReading, stillReading } from './reads.js'
import { type Done, query, type Values } from './query.js'
import { expectedReading, sinceReading } from './since.js'
import { postgresAssignments } from './assignments.js'
import { askDesk } from './desk/ask.js'
import { postgresSignIns } from './desk/sign-ins.js'
import { type AskTokens, postgresTokens } from './desk/tokens.js'
import { postgresProjectSql } from './projects/project-sql.js'
import { projectDirectory } from './projects/directory.js'
import { programName } from '../../text/program-name.js'
import { storableChange, storableText } from '../storable.js'
import type { HistoryFeed } from '../history/feed.js'
import type { FeatureNow } from '../../state/revision.js'
import type { Listening, Position, StoredWhole } from '../../state/state.js'
import type { SignInStore } from '../sign-ins.js'
import type * as contract from '../store.js'
import { checkTables, ownTables } from './table-names.js'
import { WriteQueue } from './write/write-queue.js'

const defaultIdleMs = 30_000

export interface PostgresStoreOptions {
  /** A source that is a function must have answered before the first query: `open` makes sure of it. */
  readonly connection: Reach
  readonly tables: Tables
  readonly logger: Logger
  /** Part of the database's identity, for copies that otherwise look the same. Default: null. */
  readonly namespace?: string | null
  /** `embedded`: the other side is PGlite, which sends no notifications. */
  readonly kind?: 'postgres' | 'embedded'
  /** When an unused connection is closed; default 30 s. */
  readonly closeIdleAfterMs?: number
  /** The same while this process writes, because the next change may follow. Default: no difference. */
  readonly closeIdleAfterWriteMs?: number
  readonly times?: Partial<PostgresTimes>
  /** Time and chance; tests replace them. Default: the system's. */
  readonly clock?: Clock
  /** Called before the outcome of a lost COMMIT is asked for; makes the database reachable again. */
  readonly reconnect?: () => Promise<void>
}

/** Flags in a Postgres database; connects at the first query. The constructor throws ConfigurationError for bad names. */
export class PostgresStore implements contract.Store {
  readonly kind: 'postgres' | 'embedded'
  readonly tokens: contract.TokenStore
  readonly assignments: contract.AssignmentStore
  readonly signIns: SignInStore
  readonly feed: HistoryFeed
  readonly projects: contract.StoredProjects
  readonly #options: PostgresStoreOptions
  readonly #times: PostgresTimes
  readonly #clock: Clock
  readonly #database: Database
  readonly #history: PostgresHistory
  readonly #writes = new WriteQueue()
  readonly #listeners = new Set<PostgresListener>()
  #warnedUntold = false
  #closing: Promise<void> | null = null

  constructor(options: PostgresStoreOptions) {
    const { connection, logger, closeIdleAfterMs = defaultIdleMs } = options
    this.#options = options
    this.#times = { ...defaultTimes, ...options.times }
    this.#clock = options.clock ?? systemClock
    this.kind = options.kind ?? 'postgres'
    const tables = checkTables(options.tables)
    const pool = openPool({ reach: connection, logger, closeIdleAfterMs, connectTimeoutMs: this.#times.connectMs })
    this.#database = new Database({
      pool,
      tables,
      place: () => this.#place,
      namespace: options.namespace ?? null,
      clock: this.#clock,
      statementMs: this.#times.statementMs,
      closeIdleAfterMs,
      closeIdleAfterWriteMs: options.closeIdleAfterWriteMs ?? closeIdleAfterMs,
    })
    this.#history = new PostgresHistory(this.#database, this.#times)
    const askTokens: AskTokens = (sql, values) =>
      this.#database.withLayout((layout) => {
        const { tokens } = layout
        if (tokens === null) throw withoutTable(layout, [ownTables.tokens], this.#place)
        return query(this.#database.pool, sql.replaceAll(':tokens', tokens), values, this.#times.statementMs)
      })
    this.tokens = postgresTokens(askTokens, () => this.#database.withLayout(async ({ mayMakeTokens }) => mayMakeTokens))
    this.assignments = postgresAssignments((sql, values) => this.#askAssignments(sql, values))
    this.signIns = postgresSignIns((sql, values) =>
      this.#database.withLayout((layout) => {
        const ask = (named: string) => query(this.#database.pool, named, values, this.#times.statementMs)
        return askDesk(sql, layout, this.#place, ask)
      }),
    )
    this.feed = postgresHistoryFeed((reading) => {
      return this.#database.read(({ layout: { own } }) => (own === null ? null : reading(own)), this.#times.bulkMs)
    })
    // A right that is given later is found without a restart.
    const withProjects = <T>(work: (layout: Layout) => Promise<T>) =>
      this.#database.withLayout(async (layout) => work(layout.hasProjects ? layout : await this.#database.readLayout()))
    const sql = postgresProjectSql(() => ({
      commit: this.#commitOptions,
      withLayout: withProjects,
      inTurn: (write) => this.#writes.run(write),
    }))
    const directory = projectDirectory({
      read: (statement) =>
        withProjects(async (layout) => {
          const { namespace = null } = options
          const reading = statement({ layout, namespace }, this.#place)
          const { answer } = await query(this.#database.pool, reading.sql, reading.values, this.#times.bulkMs)
          return await reading.read(answer)
        }),
      listen: (events) => this.#listenTo('project_state', events),
    })
    this.projects = { ...sql, directory }
  }

  async open(): Promise<void> {
    const { connection } = this.#options
    if (isSource(connection)) await connection.resolveOnce()
  }

  head(mine: Position | null, { guard = true }: contract.HeadQuestion = {}): Promise<contract.Head> {
    return this.#database.read((place) => headReading(place, mine, guard), this.#times.statementMs)
  }

  readAll({ digest = false }: { readonly digest?: boolean } = {}): Promise<StoredWhole> {
    return this.#database.read((place) => allReading(place, digest), this.#times.bulkMs)
  }

  async readSince(from: Position | null, question: contract.SinceQuestion = {}): Promise<contract.Since> {
    const { also = [], digest = false, most, guard = true } = question
    if (from !== null && digest && also.length === 0) {
      const still = await this.#database.read((place) => stillReading(place, from), this.#times.bulkMs)
      if (still !== null) return still
    }
    if (from !== null && !digest && also.length > 0 && most === undefined) {
      const expected = await this.#database.read(
        (place) => expectedReading(place, from, also, guard),
        this.#times.bulkMs,
      )
      if (expected !== null) return expected
    }
    return this.#database.read((place) => sinceReading(place, from, question), this.#times.bulkMs)
  }

  inspectTriggers(): Promise<contract.TriggerReport> {
    return this.#database.withLayout((layout) =>
      inspectTriggers(layout.names, (sql, values) => query(this.#database.pool, sql, values, this.#times.statementMs)),
    )
  }

  async apply(change: contract.Change): Promise<contract.Applied> {
    const storable = storableChange(change)
    return this.#writes.run(() => {
      this.#database.noteWrite()
      return this.#database.withLayout(async (known) => {
        // The table may have been made since the layout was read.
        const layout =
          storable.details === undefined || known.changesToWrite !== null ? known : await this.#database.readLayout()
        if (storable.details !== undefined && layout.changesToWrite === null) this.#warnUntold()
        return commitChange(this.#commitOptions, layout, storable)
      })
    })
  }

  /** Once: each change would say the same. */
  #warnUntold(): void {
    if (this.#warnedUntold) return
    this.#warnedUntold = true
    const message =
      `feature flags: what is told of a change beside its rows is lost, because this login may not add to "${ownTables.changes}" of ` +
      `"${this.#place}", or it is missing. Run ${programName()} migrate, with --grant ROLE for the role of an application`
    this.#options.logger.warn({}, message)
  }

  async readFeature(feature: string): Promise<FeatureNow> {
    const key = storableText(feature)
    return this.#database.read(({ layout }) => featureReading(layout, key), this.#times.bulkMs)
  }

  history(query: contract.HistoryQuery): Promise<readonly contract.HistoryEntry[]> {
    return this.#history.entries(query)
  }

  changes(question: contract.ChangesQuestion): Promise<contract.ChangesFound> {
    return this.#history.changes(question)
  }

  readPast(question: contract.PastQuestion): Promise<contract.Past> {
    return this.#history.readPast(question)
  }

  recordedRows(query: contract.RecordedRowsQuery): Promise<readonly contract.HistoryEntry[]> {
    return this.#history.recorded(query)
  }

  untracked(feature?: string): Promise<readonly string[]> {
    return this.#history.untracked(feature)
  }

  recordUntracked(feature: string): Promise<number | null> {
    return this.#history.recordUntracked(feature)
  }

  /** The position that a change made, by its id; null if the history does not have it. Throws as `head`. */
  findChange(id: string): Promise<Position | null> {
    return this.#database.withLayout(async ({ own }) => {
      if (own === null) return null
      return (await findChange(this.#database.pool, own.history, id, this.#times.statementMs))?.position ?? null
    })
  }

  listen(events: contract.ListenEvents): Listening | null {
    return this.#listenTo('feature_state', events)
  }

  #listenTo(channel: string, events: contract.ListenEvents): Listening | null {
    if (this.kind === 'embedded') return null
    const { connection, logger } = this.#options
    const listener = new PostgresListener({
      channel,
      connection: () => connectionOf(connection),
      logger,
      events,
      clock: this.#clock,
      times: { ...this.#times, connectTimeoutMs: this.#times.connectMs },
      notify: async (channel) => {
        await query(this.#database.pool, 'select pg_notify($1, $2)', [channel, ''], this.#times.statementMs)
      },
    })
    this.#listeners.add(listener)
    return listener
  }

  /** Reads and writes of experiments come often: their connection stays open for a while, as that of a change. */
  #askAssignments(sql: string, values: Values): Promise<Done> {
    this.#database.noteWrite()
    return this.#database.withLayout(async (known) => {
      const layout = known.assignments === null ? await this.#database.readLayout() : known
      const { assignments, features } = layout
      if (assignments === null) throw withoutTable(layout, [ownTables.assignments], this.#place)
      const named = sql.replaceAll(':assignments', assignments).replaceAll(':features', features)
      return query(this.#database.pool, named, values, this.#times.statementMs)
    })
  }

  get #commitOptions(): CommitOptions {
    const { reconnect } = this.#options
    return { pool: this.#database.pool, place: this.#place, timeouts: this.#times, clock: this.#clock, reconnect }
  }

  get #place(): string {
    return databaseLabel(this.#options.connection)
  }

  close(): Promise<void> {
    this.#database.refuse()
    this.#closing ??= holding(this.#close())
    return this.#closing
  }

  async #close(): Promise<void> {
    this.#database.refuse()
    await Promise.all([...this.#listeners].map((listener) => listener.close()))
    await this.#database.close()
  }
}
