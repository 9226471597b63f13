// What was written past the triggers: found by comparing the newest operation on each row with what is stored, and added to the history.
import { untrackedFunction, type Layout, type OwnTables } from '../existing-tables.js'
import type { Position } from '../../../state/state.js'
import { beganSql, completeSinceSql, operationsSql, recordedSumSql, storedRowsSql, storedSumSql } from './ledger-sql.js'
import { count, fields, list, readPositionOrNull, text } from '../parse-rows.js'
import type { Reading } from '../reads.js'
import { type Condition, everyKey, newestSql } from '../sql-parts.js'

/** The features that have such rows, in the order of their names. */
export function untrackedReading(layout: Layout, own: OwnTables): Reading<readonly string[]> {
  return {
    sql: `
with ${comparedSql(layout, own, everyKey)}
select coalesce(json_agg(distinct feature), '[]')::text as answer
from unlike`,
    values: [],
    read: (answer) => list(answer, 'features').map((key) => text(key, 'feature key')),
  }
}

/** Whether one feature has such rows, and how it stands. */
export function untrackedOfReading(
  layout: Layout,
  own: OwnTables,
  feature: string,
): Reading<{ readonly isUntracked: boolean; readonly ledger: Ledger | null }> {
  return {
    sql: `
with ${comparedSql(layout, own, (column) => `${column}::text = $1::text`)}
, sums as (${storedSumSql(layout, '$1::text')}
)
select json_build_object('untracked', exists (select from unlike), ${ledgerFields(own)})::text as answer
from sums`,
    values: [feature],
    read: (answer) => {
      const read = fields(answer, 'comparison')
      return { isUntracked: read['untracked'] === true, ledger: readLedger(read) }
    },
  }
}

/** How a feature stood when all of its rows agreed with its history. */
export interface Ledger {
  /** Of the newest row of its history. */
  readonly newest: Position
  /** How many rows are stored of it, and the sum of their shares (ledger-sql.ts). */
  readonly amount: string
  readonly sum: string
}

/**
 * How a feature stands now; null if that does not follow from how it stood and from what the history has recorded since: then rows may have been
 * written past the triggers. Of a flag with a long history it reads only what came later.
 */
export function untrackedSinceReading(
  layout: Layout,
  own: OwnTables,
  feature: string,
  { newest, amount, sum }: Ledger,
): Reading<Ledger | null> {
  return {
    sql: `
with sums as (${storedSumSql(layout, '$1::text')}
), recorded as (${recordedSumSql(own, '$1::text', '$2::bigint')}
)
select json_build_object(
  'agrees', sums.amount = $4::numeric + recorded.amount and sums.sum = $5::numeric + recorded.sum
    and exists (select from ${own.history} where feature_key = $1::text and version = $2::bigint and nonce = $3::uuid),
  ${ledgerFields(own)}
)::text as answer
from sums, recorded`,
    values: [feature, newest.version, newest.nonce, amount, sum],
    read: (answer) => {
      const read = fields(answer, 'comparison')
      return read['agrees'] === true ? readLedger(read) : null
    },
  }
}

function ledgerFields(own: OwnTables): string {
  return `'newest', ${newestSql(own, '$1::text', null)}, 'amount', sums.amount::text, 'sum', sums.sum::text`
}

/** Null for a feature without a history: its rows are older, and there is nothing to count from. */
function readLedger(read: Readonly<Record<string, unknown>>): Ledger | null {
  const newest = readPositionOrNull(read['newest'])
  if (newest === null) return null
  return { newest, amount: text(read['amount'], 'amount of rows'), sum: text(read['sum'], 'sum of rows') }
}

/** The rows of which the newest operation does not agree with what is stored, as a table `unlike`. */
function comparedSql(layout: Layout, own: OwnTables, only: Condition): string {
  return `began as materialized (${beganSql(layout, own)}
), told as (
  select distinct on (feature, own, gate, value) *
  from (${operationsSql(own, only)}) operations
  order by feature, own, gate, value, version desc, id desc
), stored as (${storedRowsSql(layout, only)}
), unlike as (
  select feature
  from told
  full join stored using (feature, own, gate, value)
  where (told.operation = 'added' and stored.created_at is null)
  or (told.operation = 'removed' and stored.created_at is not null)
  or (told.operation is null and stored.created_at > ${completeSinceSql(own, 'began')})
)`
}

/** Adds them to the history, and answers how many rows it has added; null where our login may not, and on a standby. */
export function untrackedRecording({ names }: Layout, feature: string): Reading<number | null> {
  return {
    sql: `
select json_build_object('recorded', case
  when not pg_is_in_recovery() and current_setting('transaction_read_only') = 'off'
  then ${untrackedFunction(names)}($1::text)
end)::text as answer`,
    values: [feature],
    read: (answer) => {
      const { recorded } = fields(answer, 'recorded rows')
      return recorded === null ? null : count(recorded, 'recorded rows')
    },
  }
}
