// One change inside one transaction, up to COMMIT but without it. Rows end up as Flipper's ActiveRecord adapter would leave
// them. It does not touch rows that are already right, so that a change without effect makes no position.
//
// Locks, in this order: the features' rows by key, then (in the deferred triggers) the row of feature_state. Reads for a
// decision are in statements after the lock: in READ COMMITTED each statement sees what was committed when it began.
import { type ClientBase, escapeLiteral } from 'pg'
import { optOutSuffix } from '../../actors/stored-id.js'
import { fields, readCurrent, readPosition, textOrNull } from './parse-rows.js'
import type { Layout } from './existing-tables.js'
import { deleteOtherRows, deleteRows, type GatesTable, insertRows, replaceRows } from './gate-rows.js'
import { query, type Done, type Values } from './query.js'
import { foundActors, lookupTexts, rowsOf } from '../storable.js'
import type { Position } from '../../state/state.js'
import type { ChangeOrigin } from '../change-origin.js'
import type { Change, Current, Operation, Step } from '../store.js'

export interface WriteTimeouts {
  /** For one statement; writing many rows is allowed more. */
  readonly statementMs: number
  readonly lockMs: number
}

/** The result of a transaction, ready to be committed. */
export interface Written {
  readonly changed: boolean
  readonly position: Position | null
  /** Its id in Postgres, for asking about its outcome later; null if nothing was written. */
  readonly transaction: string | null
}

/** Another writer has removed a row that existed: the whole transaction is tried once more. */
export class LostRow extends Error {}

/** A row costs its triggers about 50 µs; a large write may take six times that before it counts as stuck. */
const msPerRow = 0.3

/** The server gives up a little earlier than the client: its error leaves the connection usable, the client's does not. */
export function serverLimit(timeoutMs: number): string {
  return String(Math.ceil(timeoutMs * 0.9))
}

/** Begins a transaction under the settings of a change: its author for the history, and its limits. */
export function beginSql({ author, source, reason, id }: ChangeOrigin, timeoutMs: number, lockMs: number): string {
  // Settings of the transaction only: a session's settings would stay with the next user of the pooled connection. UTC,
  // because a Rails application's timestamp columns have no zone and hold UTC.
  const settings = {
    timezone: 'UTC',
    statement_timeout: String(Math.ceil(timeoutMs)),
    lock_timeout: String(lockMs),
    idle_in_transaction_session_timeout: String(Math.ceil(timeoutMs)),
    'sluice.author': author,
    'sluice.source': source,
    'sluice.reason': reason ?? '',
    'sluice.change_id': id,
  }
  // Quoted, and not as parameters: several statements fit in one message only without parameters, and each message costs a
  // quarter of a millisecond on both sides.
  const set = Object.entries(settings).map(([name, value]) => `set_config('${name}', ${escapeLiteral(value)}, true)`)
  return `begin isolation level read committed; select ${set.join(', ')}`
}

/** Begins a transaction and writes. Throws the error of a step's check, LostRow, or an error of pg. */
export async function writeChange(
  client: ClientBase,
  layout: Layout,
  change: Change,
  timeouts: WriteTimeouts,
): Promise<Written> {
  const rows = change.steps.reduce((sum, step) => sum + rowsOf(step.operation).length, 0)
  const writer = new ChangeTransaction(client, layout, timeouts.statementMs + rows * msPerRow)
  await writer.begin(change, timeouts.lockMs)
  let written = 0
  for (const step of change.steps) written += await writer.apply(step)
  return writer.settle(written, timeouts.statementMs + written * msPerRow)
}

class ChangeTransaction {
  readonly #client: ClientBase
  readonly #layout: Layout
  readonly #timeoutMs: number
  /** Features whose row this transaction has locked. */
  readonly #locked = new Set<string>()
  /** The first step's feature, if there was no row of it to lock when the transaction began. */
  #absent: string | null = null

  constructor(client: ClientBase, layout: Layout, timeoutMs: number) {
    this.#client = client
    this.#layout = layout
    this.#timeoutMs = timeoutMs
  }

  async begin(change: Change, lockMs: number): Promise<void> {
    const first = change.steps[0]?.feature
    const lock = first === undefined ? '' : `; ${this.#lockSql(escapeLiteral(first))}`
    const { rowCount } = await this.#run(`${beginSql(change, this.#timeoutMs, lockMs)}${lock}`, [])
    if (first === undefined) return
    if (rowCount > 0) this.#locked.add(first)
    else this.#absent = first
  }

  /** Applies one step and returns how many rows changed. */
  async apply(step: Step): Promise<number> {
    const { feature, operation } = step
    const { inserted, persisted } = await this.#lock(feature, operation.kind !== 'remove')
    const refusal = step.check === undefined ? null : step.check(await this.#current(step, persisted))
    if (refusal !== null) throw refusal
    return inserted + (await this.#write(feature, operation))
  }

  /** Fires the deferred triggers, so that a refusal of theirs is known before COMMIT, and reads the position that they took. */
  async settle(written: number, timeoutMs: number): Promise<Written> {
    if (written === 0) return { changed: false, position: null, transaction: null }
    // No limit for COMMIT: while it waits for a replica, a limit would make it succeed without that replica.
    const { answer } = await query(
      this.#client,
      `set local statement_timeout = ${serverLimit(timeoutMs)};
      set constraints all immediate;
      select json_build_object(
        'transaction', pg_current_xact_id()::text,
        'position', current_setting('sluice.position', true),
        'limit', set_config('statement_timeout', '0', true)
      )::text as answer`,
      [],
      timeoutMs,
    )
    const settled = fields(answer, 'transaction')
    const transaction = textOrNull(settled['transaction'], 'transaction')
    // Without triggers the setting is empty, or left over from elsewhere.
    const [taker, version, nonce] = (textOrNull(settled['position'], 'position') ?? '').split(' ')
    const taken = this.#layout.own !== null && taker === transaction
    return { changed: true, position: taken ? readPosition({ version, nonce }) : null, transaction }
  }

  /** Locks the feature's row, and makes it first if it is missing and wanted. */
  async #lock(feature: string, make: boolean): Promise<{ inserted: number; persisted: boolean }> {
    if (this.#locked.has(feature)) return { inserted: 0, persisted: true }
    const isAbsent = feature === this.#absent
    this.#absent = null
    if (!isAbsent && (await this.#lockStored(feature))) return { inserted: 0, persisted: true }
    if (!make) return { inserted: 0, persisted: false }
    const { features } = this.#layout
    // Not by `on conflict` alone: another application's table may lack the unique index.
    const { rowCount } = await this.#run(
      `insert into ${features} (key, created_at, updated_at)
      select $1::text, now(), now()
      where not exists (select from ${features} where key = $1::text)
      on conflict do nothing`,
      [feature],
    )
    if (rowCount > 0) return { inserted: rowCount, persisted: false }
    // Another writer was quicker.
    if (!(await this.#lockStored(feature))) throw new LostRow()
    return { inserted: 0, persisted: true }
  }

  async #lockStored(feature: string): Promise<boolean> {
    const { rowCount } = await this.#run(this.#lockSql('$1'), [feature])
    if (rowCount > 0) this.#locked.add(feature)
    return rowCount > 0
  }

  #lockSql(key: string): string {
    return `select from ${this.#layout.features} where key = ${key} for update`
  }

  async #current(step: Step, persisted: boolean): Promise<Current> {
    const { gates } = this.#layout
    const { answer } = await this.#run(
      `select json_build_object(
        'boolean', max(coalesce(value, '')) filter (where key = 'boolean'),
        'time', max(coalesce(value, '')) filter (where key = 'percentage_of_time'),
        'actors', count(*) filter (where key = 'actors'),
        'opt_outs', count(*) filter (where key = 'actors' and right(value, ${optOutSuffix.length}) = '${optOutSuffix}'),
        'found', coalesce(json_agg(value) filter (where key = 'actors' and value = any($2::text[])), '[]')
      )::text as answer
      from ${gates}
      where feature_key = $1`,
      [step.feature, lookupTexts(step)],
    )
    const { current, found } = readCurrent(answer, persisted)
    return { ...current, actors: foundActors(step, (text) => found.has(text)) }
  }

  async #write(feature: string, operation: Operation): Promise<number> {
    const { features } = this.#layout
    const table: GatesTable = { gates: this.#layout.gates, run: (sql, values) => this.#run(sql, values) }
    const rows = rowsOf(operation)
    switch (operation.kind) {
      case 'add':
        return insertRows(table, feature, rows)
      case 'drop':
        return deleteRows(table, feature, rows)
      case 'set':
        return replaceRows(table, feature, rows, operation.gate)
      case 'enable':
      case 'replace':
        return replaceRows(table, feature, rows, null)
      case 'disable':
        return deleteOtherRows(table, feature, rows, null)
      case 'remove': {
        this.#locked.delete(feature)
        const gone = await deleteOtherRows(table, feature, rows, null)
        return gone + (await this.#run(`delete from ${features} where key = $1`, [feature])).rowCount
      }
    }
  }

  #run(sql: string, values: Values): Promise<Done> {
    return query(this.#client, sql, values, this.#timeoutMs)
  }
}
