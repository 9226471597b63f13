// The pieces of SQL that the reading statements share.
//
// Everything is ordered by its bytes of UTF-8, as a digest needs it. Not by `collate "C"`: that is the order of the bytes
// that the database keeps, and in a WIN1252 database puts € before é.
import type { Layout, OwnTables } from './layout.js'
import type { Position } from './store.js'

/** Which features to read, as SQL over the column that holds a feature's key. */
export type Condition = (column: string) => string
export const everyKey: Condition = () => 'true'

export const bytesOf = (column: string) => `convert_to(${column}, 'UTF8')`

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
    select coalesce(json_agg(json_build_array(key, gates) order by ${bytesOf('key')}), '[]')
    from (
      select
        names.key,
        coalesce(
          json_agg(json_build_array(gate.key, gate.texts) order by ${bytesOf('gate.key')})
          filter (where gate.key is not null), '[]'
        ) as gates
      from (${keysSql(layout, condition)}) names
      left join (
        select feature_key, key, json_agg(value order by ${bytesOf('value')}) as texts
        from (
          select feature_key::text as feature_key, key::text as key, coalesce(value::text, '') as value
          from ${layout.gates}
          where ${condition('feature_key')}
        ) stored
        group by feature_key, key
      ) gate on gate.feature_key = names.key
      group by names.key
    ) feature
  )`
}

/** The digest of everything, as lib/store/digest.ts computes it: the rows' bytes are what they are ordered by, too. */
export function digestSql({ features, gates }: Layout): string {
  const nul = `decode('00', 'hex')`
  const noGate = `decode('00ff00', 'hex')`
  return `(
    select encode(sha256(coalesce(string_agg(bytes, '' order by bytes), '')), 'hex')
    from (
      select ${bytesOf('feature_key::text')} || ${nul} || ${bytesOf('key::text')} || ${nul}
        || ${bytesOf(`coalesce(value::text, '')`)} || ${nul} as bytes
      from ${gates}
      union all
      select distinct ${bytesOf('feature.key::text')} || ${noGate}
      from ${features} feature
      where not exists (select from ${gates} gate where gate.feature_key::text = feature.key::text and gate.key is not null)
    ) stored
  )`
}

/** A position that cannot be one of ours is known to nobody; it must not become an error in a cast. */
export function positionValues(mine: Position | null): readonly (string | null)[] {
  const isOurs =
    mine !== null && /^\d{1,18}$/.test(mine.version) && /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/.test(mine.nonce)
  return isOurs ? [mine.version, mine.nonce] : [null, null]
}
