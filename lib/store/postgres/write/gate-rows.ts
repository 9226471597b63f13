// Gate rows of one feature: one statement inserts or deletes any number of them. A null value, which only other programs write,
// counts as empty text.
import type { Done, TextValues } from '../query.js'

export interface GatesTable {
  /** Its quoted name. */
  readonly gates: string
  run(sql: string, values: TextValues): Promise<Done>
}

export type Rows = readonly (readonly [gate: string, value: string])[]

/** Each row can be compared with this many; more need a statement that takes longer to plan. */
const few = 20

/** Inserts the rows that are not there yet, and returns their number. */
export async function insertRows({ gates, run }: GatesTable, feature: string, rows: Rows): Promise<number> {
  if (rows.length === 0) return 0
  const { rowCount } = await run(insertSql(gates), [feature, ...columns(rows)])
  return rowCount
}

/** Deletes these rows, and returns the number of those that existed. */
export async function deleteRows({ gates, run }: GatesTable, feature: string, rows: Rows): Promise<number> {
  const { rowCount } = await run(
    `delete from ${gates} stored
    where stored.feature_key = $1
    and exists (
      select
      from unnest($2::text[], $3::text[]) listed (key, value)
      where listed.key = stored.key and listed.value = coalesce(stored.value, '')
    )`,
    [feature, ...columns(rows)],
  )
  return rowCount
}

/** Deletes all rows except these, of one gate or (null) of all, and returns the number of deleted rows. */
export async function deleteOtherRows(
  { gates, run }: GatesTable,
  feature: string,
  rows: Rows,
  gate: string | null,
): Promise<number> {
  const { rowCount } = await run(deleteOthersSql(gates, rows), [feature, ...columns(rows), gate])
  return rowCount
}

/** Leaves exactly these rows, of one gate or (null) of all, and returns the numbers of deleted and inserted rows. */
export async function replaceRows(
  { gates, run }: GatesTable,
  feature: string,
  rows: Rows,
  gate: string | null,
): Promise<number> {
  // One statement, because the way to the server and back is most of the cost of either half.
  const { answer } = await run(
    `with gone as (${deleteOthersSql(gates, rows)} returning 1), made as (${insertSql(gates)} returning 1)
    select ((select count(*) from gone) + (select count(*) from made))::text as answer`,
    [feature, ...columns(rows), gate],
  )
  return Number(answer)
}

function insertSql(gates: string): string {
  // Not by `on conflict` alone: another application's table may lack the unique index.
  return `insert into ${gates} (feature_key, key, value, created_at, updated_at)
    select $1::text, wanted.key, wanted.value, now(), now()
    from unnest($2::text[], $3::text[]) wanted (key, value)
    where not exists (
      select from ${gates} stored
      where stored.feature_key = $1::text and stored.key = wanted.key and coalesce(stored.value, '') = wanted.value
    )
    on conflict do nothing`
}

function deleteOthersSql(gates: string, { length }: Rows): string {
  if (length <= few) {
    return `delete from ${gates} stored
    where stored.feature_key = $1::text
    and ($4::text is null or stored.key = $4::text)
    and not exists (
      select
      from unnest($2::text[], $3::text[]) kept (key, value)
      where kept.key = stored.key and kept.value = coalesce(stored.value, '')
    )`
  }
  // By groups and not by a join: if the server's statistics still know few rows of the feature, it would compare each row with
  // each (10,000 actors replaced right after they were added: 20 s).
  return `delete from ${gates}
    where ctid = any(array(
      select unnest(array_agg(place))
      from (
        select ctid as place, key, coalesce(value, '') as value
        from ${gates}
        where feature_key = $1::text and ($4::text is null or key = $4::text)
        union all
        select null, kept.key, kept.value from unnest($2::text[], $3::text[]) kept (key, value)
      ) rows
      group by key, value
      having count(*) = count(place)
    ))`
}

function columns(rows: Rows): readonly [gates: string[], values: string[]] {
  return [rows.map(([gate]) => gate), rows.map(([, value]) => value)]
}
