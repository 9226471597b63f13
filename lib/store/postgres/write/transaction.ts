// One change inside one transaction, up to COMMIT but without it. Rows end up as Flipper's ActiveRecord adapter would leave
// them. It does not touch rows that are already right, so that a change without effect makes no position.
//
// Locks, in this order: the features' rows by key, then (in the deferred triggers) the row of feature_state. Reads for a
// decision are in statements after the lock: in READ COMMITTED each statement sees what was committed when it began, also one of
// several in a message.
//
// A short change of one flag, which is nearly every change, takes three messages: everything up to the decision, the rows with the
// deferred triggers, COMMIT. Each message costs both sides as much as a statement or two.
import { type ClientBase, escapeLiteral } from 'pg'
import { optOutSuffix } from '../../../actors/stored-id.js'
import { ExpectedRevisions } from '../expected-revisions.js'
import { fields, readCurrent, readPosition, readStoredRows, textOrNull } from '../parse-rows.js'
import type { Layout } from '../existing-tables.js'
import { deleteOtherRows, deleteRows, type GatesTable, insertRows, replaceRows } from './gate-rows.js'
import { type Done, query, queryEach, type TextValues, withLiterals } from '../query.js'
import { foundActors, lookupTexts } from '../../storable.js'
import { type Operation, rowsOf } from '../../../state/operations.js'
import { gatesOf } from '../../../state/rows-after.js'
import type { Position } from '../../../state/state.js'
import { rowsAnswer, rowsSql } from '../sql-parts.js'
import type { ChangeDetails } from '../../change-origin.js'
import { beginSql, beginStatements, serverLimit } from './begin.js'
import { detailsInsertSql, detailsValues } from './change-details.js'
import { type FeatureLock, lockOf, lockOrMakeSql, lockSql } from './feature-lock.js'
import { stepsInTurn, workedOut } from './together.js'
import type { Change, Current, Step } from '../../store.js'

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

/** Longer lists are sent as values, and more rows are written under a limit of their own, known once they are counted. */
const few = 100

/** Begins a transaction and writes. Throws the error of a step's check, LostRow, or an error of pg. */
export async function writeChange(
  client: ClientBase,
  layout: Layout,
  change: Change,
  timeouts: WriteTimeouts,
): Promise<Written> {
  const rows = change.steps.reduce((sum, step) => sum + rowsOf(step.operation).length, 0)
  const writer = new ChangeTransaction(client, layout, rows, timeouts, change.expect)
  await writer.begin(change, timeouts.lockMs)
  let written = 0
  const { details, steps } = change
  const settles = (step: Step) => step === steps.at(-1) && written <= few && details === undefined
  for (const [step, ...more] of stepsInTurn(steps)) {
    written += more.length === 0 ? await writer.apply(step, settles(step)) : await writer.applyTogether([step, ...more])
  }
  if (details !== undefined && written > 0) await writer.tell(change.id, details)
  return writer.settle(written)
}

/** What the first message has found out for the first step. */
interface First {
  /** Null if another writer was quicker: what was read is then of the time before the lock. */
  readonly lock: FeatureLock | null
  /** The answer to `#currentSql`; undefined if it was not asked. */
  readonly current: unknown
}

class ChangeTransaction {
  readonly #client: ClientBase
  readonly #layout: Layout
  readonly #timeoutMs: number
  readonly #settleMs: number
  /** Features whose row this transaction has locked. */
  readonly #locked = new Set<string>()
  readonly #expected: ExpectedRevisions
  #first: First | null = null
  /** The answer of the settling statement that went with the last rows. */
  #settled: unknown = undefined

  constructor(
    client: ClientBase,
    layout: Layout,
    rows: number,
    { statementMs }: WriteTimeouts,
    expect: Change['expect'],
  ) {
    this.#expected = new ExpectedRevisions(layout, expect)
    this.#client = client
    this.#layout = layout
    this.#timeoutMs = statementMs + rows * msPerRow
    this.#settleMs = statementMs
  }

  /** Begins, and does for the first step all that comes before its decision. */
  async begin(change: Change, lockMs: number): Promise<void> {
    const begin = beginSql(change, this.#timeoutMs, lockMs)
    const step = change.steps[0]
    if (step === undefined) {
      await this.#run(begin, [])
      return
    }
    const { feature } = step
    const key = escapeLiteral(feature)
    const lookup = lookupTexts(step)
    const isAlone = (stepsInTurn(change.steps)[0] ?? []).length === 1
    const makes = isAlone && step.operation.kind !== 'remove'
    const looks = isAlone && step.check !== undefined && lookup.length <= few
    const lock = makes ? lockOrMakeSql(this.#layout, key) : lockSql(this.#layout, key)
    const look = looks ? [withLiterals(this.#currentSql(), [feature, lookup])] : []
    const done = await queryEach(this.#client, [begin, lock, ...look], this.#timeoutMs)
    const found = lockOf(done[beginStatements])
    if (found.persisted) this.#locked.add(feature)
    const wasQuicker = makes && !found.persisted && found.inserted === 0
    this.#first = { lock: wasQuicker ? null : found, current: looks ? done.at(-1)?.answer : undefined }
  }

  /** Applies one step and returns how many rows changed; with `settles`, short ones are settled in the same message. */
  async apply(step: Step, settles: boolean): Promise<number> {
    const { feature, operation } = step
    const first = this.#first
    this.#first = null
    const lock = first?.lock ?? (await this.#lock(feature, operation.kind !== 'remove'))
    await this.#expected.compareContent(feature, lock.persisted, (sql) => this.#run(sql, []))
    const answer = first?.lock ? first.current : undefined
    const current = step.check === undefined ? null : await this.#current(step, lock.persisted, answer)
    const refusal = current === null ? null : (step.check?.(current) ?? null)
    if (refusal !== null) throw refusal
    const isShort = current !== null && current.actorCount <= few && rowsOf(operation).length <= few
    return lock.inserted + (await this.#write(feature, operation, settles && isShort))
  }

  /** Applies steps of one feature that may touch the same rows, and returns how many rows changed. */
  async applyTogether(steps: readonly [Step, ...Step[]]): Promise<number> {
    const [{ feature }] = steps
    const { persisted } = this.#first?.lock ?? (await this.#lock(feature, false))
    this.#first = null
    await this.#expected.compareContent(feature, persisted, (sql) => this.#run(sql, []))
    const rows = rowsSql(this.#layout, (column) => `${column}::text = $1::text`)
    const { answer } = await this.#run(`select to_json(${rowsAnswer(rows)})::text as answer`, [feature])
    const [stored] = await readStoredRows(answer)
    const { after, clears, gone, made } = workedOut(steps, stored === undefined ? null : gatesOf(stored))
    if (after === null) return stored === undefined ? 0 : this.#write(feature, { kind: 'remove' }, false)
    const { inserted } = persisted ? { inserted: 0 } : await this.#lock(feature, true)
    // Another writer has made the feature since it was read.
    if (!persisted && inserted === 0) throw new LostRow()
    if (clears) {
      const gates = new Map([...after].map(([gate, values]) => [gate, [...values]]))
      return inserted + (await this.#write(feature, { kind: 'replace', gates }, false))
    }
    const table: GatesTable = { gates: this.#layout.gates, run: (sql, values) => this.#run(sql, values) }
    const deleted = gone.length === 0 ? 0 : await deleteRows(table, feature, gone)
    return inserted + deleted + (await insertRows(table, feature, made))
  }

  /** Writes what is told of the change beside its rows, where our login may. */
  async tell(id: string, details: ChangeDetails): Promise<void> {
    const { changesToWrite } = this.#layout
    if (changesToWrite !== null) await this.#run(detailsInsertSql(changesToWrite), detailsValues(id, details))
  }

  /** Fires the deferred triggers, so that a refusal of theirs is known before COMMIT, and reads the position that they took. */
  async settle(written: number): Promise<Written> {
    if (written === 0) {
      await this.#expected.compareUnwritten((sql) => this.#run(sql, []))
      return { changed: false, position: null, transaction: null }
    }
    const settled = fields(this.#settled ?? (await this.#settle(written)), 'transaction')
    const transaction = textOrNull(settled['transaction'], 'transaction')
    // Without triggers the setting is empty, or left over from elsewhere.
    const [taker, version, nonce] = (textOrNull(settled['position'], 'position') ?? '').split(' ')
    const taken = this.#layout.own !== null && taker === transaction
    this.#expected.compareWritten(settled)
    return { changed: true, position: taken ? readPosition({ version, nonce }) : null, transaction }
  }

  async #settle(written: number): Promise<unknown> {
    const timeoutMs = this.#settleMs + written * msPerRow
    return (await queryEach(this.#client, this.#settleStatements(timeoutMs), timeoutMs)).at(-1)?.answer
  }

  /** Locks the feature's row, and makes it first if it is missing and wanted. */
  async #lock(feature: string, make: boolean): Promise<FeatureLock> {
    if (this.#locked.has(feature)) return { inserted: 0, persisted: true }
    const first = await this.#runLock(make ? lockOrMakeSql(this.#layout, '$1') : lockSql(this.#layout, '$1'), feature)
    if (first.persisted || first.inserted > 0 || !make) return first
    // Another writer was quicker.
    const second = await this.#runLock(lockSql(this.#layout, '$1'), feature)
    if (!second.persisted) throw new LostRow()
    return second
  }

  async #runLock(sql: string, feature: string): Promise<FeatureLock> {
    const lock = lockOf(await this.#run(sql, [feature]))
    if (lock.persisted) this.#locked.add(feature)
    return lock
  }

  /** `known` is the answer of the statement, where it was asked before. */
  async #current(step: Step, persisted: boolean, known: unknown): Promise<Current> {
    const answer = known ?? (await this.#run(this.#currentSql(), [step.feature, lookupTexts(step)])).answer
    const { current, found } = readCurrent(answer, persisted)
    return { ...current, actors: foundActors(step, (text) => found.has(text)) }
  }

  #currentSql(): string {
    return `select json_build_object(
        'boolean', max(coalesce(value, '')) filter (where key = 'boolean'),
        'time', max(coalesce(value, '')) filter (where key = 'percentage_of_time'),
        'actors', count(*) filter (where key = 'actors'),
        'opt_outs', count(*) filter (where key = 'actors' and right(value, ${optOutSuffix.length}) = '${optOutSuffix}'),
        'found', coalesce(json_agg(value) filter (where key = 'actors' and value = any($2::text[])), '[]')
      )::text as answer
      from ${this.#layout.gates}
      where feature_key = $1`
  }

  async #write(feature: string, operation: Operation, settles: boolean): Promise<number> {
    const { features, gates } = this.#layout
    const run = (sql: string, values: TextValues) => this.#run(sql, values)
    const runLast = settles ? (sql: string, values: TextValues) => this.#runAndSettle(sql, values) : run
    const table: GatesTable = { gates, run: runLast }
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
        const gone = await deleteOtherRows({ gates, run }, feature, rows, null)
        return gone + (await runLast(`delete from ${features} where key = $1`, [feature])).rowCount
      }
    }
  }

  #settleStatements(timeoutMs: number): readonly string[] {
    // No limit for COMMIT: while it waits for a replica, a limit would make it succeed without that replica.
    const parts = [
      `'transaction', pg_current_xact_id_if_assigned()::text`,
      `'position', current_setting('sluice.position', true)`,
      `'limit', set_config('statement_timeout', '0', true)`,
      ...this.#expected.writtenSql,
    ]
    const longer = timeoutMs > this.#timeoutMs ? [`set local statement_timeout = ${serverLimit(timeoutMs)}`] : []
    return [
      ...longer,
      'set constraints all immediate',
      `select json_build_object(
      ${parts.join(',\n      ')}
    )::text as answer`,
    ]
  }

  #run(sql: string, values: TextValues): Promise<Done> {
    return query(this.#client, sql, values, this.#timeoutMs)
  }

  async #runAndSettle(sql: string, values: TextValues): Promise<Done> {
    const statements = [withLiterals(sql, values), ...this.#settleStatements(this.#settleMs)]
    const done = await queryEach(this.#client, statements, this.#timeoutMs)
    this.#settled = done.at(-1)?.answer
    return done[0] ?? { rowCount: 0, answer: undefined }
  }
}
