// The pieces of SQL that the reading statements share.
import type { Layout, OwnTables } from './layout.js'
import type { Position } from './store.js'

/** Which features to read, as SQL over the column that holds a feature's key. */
export type Condition = (column: string) => string
export const everyKey: Condition = () => 'true'

export function stateJson({ own }: Layout): string {
  if (own === null) return 'null'
  return `(select json_build_object('version', version::text, 'nonce', nonce, 'database', database_id) from ${own.state})`
}

/** Whether position ($1, $2) is the state's, in the history, or the one before the first change. */
export function knownSql(own: OwnTables): string {
  return `(
    exists (select from ${own.history} where version = $1::bigint and nonce = $2::uuid)
    or exists (select from ${own.state} where version = $1::bigint and nonce = $2::uuid)
    or (
      $1::bigint = 0
      and exists (select from ${own.state} where origin = $2::uuid)
      and exists (select from ${own.history} where version = 1)
    )
  )`
}

/** A feature that has gates but no row of its own counts: Flipper asks the gates alone. */
export function keysSql({ features, gates }: Layout, condition: Condition): string {
  return `
    select key::text as key from ${features} where ${condition('key')}
    union
    select feature_key::text from ${gates} where ${condition('feature_key')}`
}

export function featuresJson(layout: Layout, condition: Condition): string {
  return `(
    select coalesce(json_agg(json_build_array(key, gates) order by key collate "C"), '[]')
    from (
      select
        names.key,
        coalesce(json_agg(json_build_array(gate.key, gate.texts)) filter (where gate.key is not null), '[]') as gates
      from (${keysSql(layout, condition)}) names
      left join (
        select feature_key::text as feature_key, key::text as key, json_agg(coalesce(value::text, '')) as texts
        from ${layout.gates}
        where ${condition('feature_key')}
        group by 1, 2
      ) gate on gate.feature_key = names.key
      group by names.key
    ) feature
  )`
}

/** A position that cannot be one of ours is known to nobody; it must not become an error in a cast. */
export function positionValues(mine: Position | null): readonly (string | null)[] {
  const isOurs =
    mine !== null && /^\d{1,18}$/.test(mine.version) && /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/.test(mine.nonce)
  return isOurs ? [mine.version, mine.nonce] : [null, null]
}
