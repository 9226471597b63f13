// The pieces of SQL that compare stored rows with the history of each row: both as (feature, own, gate, value), where `own` is true for the feature's own row.
import type { Layout, OwnTables } from '../existing-tables.js'
import type { Condition } from '../sql-parts.js'

/** The operations on these features. */
export function operationsSql({ history }: OwnTables, only: Condition): string {
  return `
  select feature_key as feature, gate_key is null as own, coalesce(gate_key, '') collate "C" as gate,
    coalesce(value, '') collate "C" as value, operation, version, id, source
  from ${history}
  where ${only('feature_key')}`
}

/** The stored rows of these features, and when each was made. */
export function storedRowsSql({ features, gates }: Layout, only: Condition): string {
  return `
  select feature, own, gate, value, coalesce(max(created_at), '-infinity') as created_at
  from (
    select key::text as feature, true as own, '' collate "C" as gate, '' collate "C" as value, ${zoned('created_at')} as created_at
    from ${features}
    where ${only('key')}
    union all
    select feature_key::text, false, key::text collate "C", coalesce(value::text, '') collate "C", ${zoned('created_at')}
    from ${gates}
    where ${only('feature_key')}
  ) rows
  group by feature, own, gate, value`
}

/** A Rails application's columns have no zone and hold UTC. */
function zoned(column: string): string {
  return `case
      when pg_typeof(${column}) = 'timestamp'::regtype then ${column}::timestamp at time zone 'UTC'
      else ${column}::timestamptz
    end`
}

/** When the history began, and the lowest version that it holds; both may be null. */
export function beganSql({ migrations }: Layout, { history }: OwnTables): string {
  return `
  select
    ${migrations === null ? 'null::timestamptz' : `(select min(applied_at) from ${migrations})`} as at,
    (select min(version) from ${history}) as first`
}

/**
 * The time since which the history has every row that was made, where nothing was written past the triggers: a row without history is older, or left no
 * trace. `began`: the name of a table that `beganSql` gives.
 */
export function completeSinceSql({ history }: OwnTables, began: string): string {
  return `(
      select case
        when at is null or first > 1 then greatest(at, (select min(at) from ${history} where version = first))
        else at
      end
      from ${began}
    )`
}

/** A row's share of the sum of a flag's rows, of columns as above. It does not depend on their order, so a sum needs no sorting. */
const shareSql = `hashtextextended(gate || chr(1) || value, own::int)`

/** How many rows of one flag are stored, and the sum of their shares, as columns `amount` and `sum`. `flag`: as SQL. */
export function storedSumSql({ features, gates }: Layout, flag: string): string {
  return `
  select count(*) as amount, coalesce(sum(${shareSql}), 0) as sum
  from (
    select true as own, '' collate "C" as gate, '' collate "C" as value
    from ${features}
    where key::text = ${flag}
    union all
    select false, key::text collate "C", coalesce(value::text, '') collate "C"
    from ${gates}
    where feature_key::text = ${flag}
  ) rows`
}

/**
 * By how much the recorded operations above a version have changed both, as columns `amount` and `sum`: of each row, from before its first
 * operation to after its last. `flag` and `version`: as SQL.
 */
export function recordedSumSql(own: OwnTables, flag: string, version: string): string {
  return `
  select coalesce(sum(amount), 0) as amount, coalesce(sum(amount * share::numeric), 0) as sum
  from (
    select ${shareSql} as share,
      ((array_agg(operation order by version desc, id desc))[1] = 'added')::int - ((array_agg(operation order by version, id))[1] = 'removed')::int as amount
    from (${operationsSql(own, (column) => `${column} = ${flag}`)} and version > ${version}) operations
    group by own, gate, value
  ) moved`
}
