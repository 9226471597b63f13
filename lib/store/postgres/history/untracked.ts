// What was written past the triggers: found by comparing the newest operation on each row with what is stored, and added to the history.
import { untrackedFunction, type Layout, type OwnTables } from '../existing-tables.js'
import { beganSql, completeSinceSql, operationsSql, storedRowsSql } from './ledger-sql.js'
import { count, fields, list, text } from '../parse-rows.js'
import type { Reading } from '../reads.js'
import type { Condition } from '../sql-parts.js'

/** The features that have such rows, in the order of their names; undefined: of all. */
export function untrackedReading(layout: Layout, own: OwnTables, feature?: string): Reading<readonly string[]> {
  const only: Condition = feature === undefined ? () => '$1::text is null' : (column) => `${column}::text = $1::text`
  return {
    sql: `
with began as materialized (${beganSql(layout, own)}
), told as (
  select distinct on (feature, own, gate, value) *
  from (${operationsSql(own, only)}) operations
  order by feature, own, gate, value, version desc, id desc
), stored as (${storedRowsSql(layout, only)}
)
select coalesce(json_agg(distinct feature), '[]')::text as answer
from told
full join stored using (feature, own, gate, value)
where (told.operation = 'added' and stored.created_at is null)
or (told.operation = 'removed' and stored.created_at is not null)
or (told.operation is null and stored.created_at > ${completeSinceSql(own, 'began')})`,
    values: [feature ?? null],
    read: (answer) => list(answer, 'features').map((key) => text(key, 'feature key')),
  }
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
