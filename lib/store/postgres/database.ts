// One database as the statements see it: a pool of connections, and which tables exist. It remembers no more than the tables.
import type { Pool } from 'pg'
import { FeatureError } from '../../errors.js'
import type { Clock } from '../../time/clock.js'
import { keepIdle } from './connection/pool.js'
import { isStaleLayout, storeError } from './errors.js'
import { type Layout, layoutSql, type OwnTables, readLayout, withoutTable } from './existing-tables.js'
import { query } from './query.js'
import type { Place, Reading } from './reads.js'
import { ownTables, type TableNames } from './table-names.js'

export interface DatabaseOptions {
  readonly pool: Pool
  readonly tables: TableNames
  /** Names the database in messages. */
  readonly place: () => string
  /** As configured; part of the identity. */
  readonly namespace: string | null
  readonly clock: Clock
  /** For a short statement. */
  readonly statementMs: number
  /** When an unused connection is closed; the second while this process writes. */
  readonly closeIdleAfterMs: number
  readonly closeIdleAfterWriteMs: number
}

export class Database {
  readonly #options: DatabaseOptions
  #layout: Layout | null = null
  #wroteAtMs = Number.NEGATIVE_INFINITY
  #isClosed = false

  constructor(options: DatabaseOptions) {
    this.#options = options
  }

  get pool(): Pool {
    return this.#options.pool
  }

  /** The next change may follow, and finds the connection open. */
  noteWrite(): void {
    this.#wroteAtMs = this.#options.clock.now()
  }

  /** Refuses further work. */
  refuse(): void {
    this.#isClosed = true
  }

  /** Closes the connections when the work under way has ended. To be called once. */
  async close(): Promise<void> {
    this.refuse()
    await this.pool.end()
  }

  /** Reads by one statement; null if the layout has no such statement. */
  async read<T>(statement: (place: Place) => Reading<T>, timeoutMs: number): Promise<T>
  async read<T>(statement: (place: Place) => Reading<T> | null, timeoutMs: number): Promise<T | null>
  async read<T>(statement: (place: Place) => Reading<T> | null, timeoutMs: number): Promise<T | null> {
    const { namespace } = this.#options
    return this.withLayout(async (layout) => {
      const reading = statement({ layout, namespace })
      if (reading === null) return null
      const { answer } = await query(this.pool, reading.sql, reading.values, timeoutMs)
      return await reading.read(answer)
    })
  }

  /** Does work that needs to know the tables; does it once more if they turn out to have changed. */
  async withLayout<T>(work: (layout: Layout) => Promise<T>): Promise<T> {
    if (this.#isClosed) {
      throw new FeatureError('not_started', { problem: 'the store is closed', remedy: 'call start() first' })
    }
    this.#limitIdleness()
    try {
      try {
        return await work(await this.#findLayout())
      } catch (error) {
        if (!isStaleLayout(error)) throw error
        this.#layout = null
        return await work(await this.#findLayout())
      }
    } catch (error) {
      throw storeError(error, this.#options.place())
    }
  }

  /** The tables as they are now. */
  async readLayout(): Promise<Layout> {
    const { tables, place, statementMs } = this.#options
    const { answer } = await query(this.pool, layoutSql, [tables.features.quoted, tables.gates.quoted], statementMs)
    const layout = readLayout(answer, tables, place())
    if (layout.own !== null && layout.tokens !== null) this.#layout = layout
    return layout
  }

  /** Position and history. Throws StoreUnavailable (`not_migrated`) or FeatureError (`store_rejected`). */
  ownOf(layout: Layout): OwnTables {
    if (layout.own !== null) return layout.own
    throw withoutTable(layout, [ownTables.history, ownTables.state], this.#options.place())
  }

  /** Remembers the layout once it is complete; until then every call looks again, so that a migration is noticed. */
  async #findLayout(): Promise<Layout> {
    return this.#layout ?? this.readLayout()
  }

  #limitIdleness(): void {
    const { clock, closeIdleAfterMs, closeIdleAfterWriteMs } = this.#options
    const isWriting = clock.now() - this.#wroteAtMs < closeIdleAfterWriteMs
    keepIdle(this.pool, isWriting ? closeIdleAfterWriteMs : closeIdleAfterMs)
  }
}
