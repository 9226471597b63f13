// The pieces of SQL that the reading statements share.
//
// Everything is ordered by its bytes of UTF-8, as a digest needs it. It is not ordered by `collate "C"`, which compares the
// bytes in the database's own encoding, and in a WIN1252 database puts € before é.
import type { Layout, OwnTables } from './existing-tables.js'
import type { Position } from '../../state/state.js'

/** Selects the features to read, as SQL over the column that holds a feature's key. */
export type Condition = (column: string) => string
export const everyKey: Condition = () => 'true'

export const bytesOf = (column: string) => `convert_to(${column}, 'UTF8')`

/** Whether position ($1, $2) is that of the state, one in the history, or the one before the first change. */
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

/** The position of the newest row in the history of a feature, as JSON; `below`: of those with a lower version. */
export function newestSql(own: OwnTables, feature: string, below: string | null): string {
  return `(
    select json_build_object('version', version::text, 'nonce', nonce)
    from ${own.history}
    where feature_key = ${feature}${below === null ? '' : ` and version < ${below}`}
    order by version desc
    limit 1
  )`
}

/** The SHA-256 of the gates of one feature, as of everything stored; null if it has none. */
export function gatesDigestSql({ gates }: Layout, feature: string): string {
  return `(
    select encode(sha256(string_agg(bytes, '' order by bytes)), 'hex')
    from (select ${gateRow} as bytes from ${gates} where feature_key = ${feature}) stored
  )`
}

/** A feature that has gates but no row of its own counts too: Flipper reads only the gates. */
export function keysSql({ features, gates }: Layout, condition: Condition): string {
  return `
    select key::text as key from ${features} where ${condition('key')}
    union
    select feature_key::text from ${gates} where ${condition('feature_key')}`
}

const nul = `decode('00', 'hex')`
const noGate = `decode('00ff00', 'hex')`
const gateRow = `${bytesOf('feature_key::text')} || ${nul} || ${bytesOf('key::text')} || ${nul}
        || ${bytesOf(`coalesce(value::text, '')`)} || ${nul}`

/**
 * The rows of those features as bytes, as in lib/state/content-rows.ts: they are ordered by the very bytes that they consist
 * of. Reading everything in this form costs Postgres a third of the same in JSON, and the digest costs next to nothing.
 */
export function rowsSql({ features, gates }: Layout, condition: Condition): string {
  return `(
    select coalesce(string_agg(bytes, '' order by bytes), '')
    from (
      select ${gateRow} as bytes
      from ${gates}
      where ${condition('feature_key')}
      union all
      select distinct ${bytesOf('feature.key::text')} || ${noGate}
      from ${features} feature
      where ${condition('feature.key')}
      and not exists (select from ${gates} gate where gate.feature_key::text = feature.key::text and gate.key is not null)
    ) stored
  )`
}

/**
 * The same rows, and one row for each feature that has gates too. A reader of rows gets the same features of it, Postgres finds it
 * in two thirds of the time, and a digest differs.
 */
export function storedSql({ features, gates }: Layout, condition: Condition): string {
  return `(
    select coalesce(string_agg(bytes, '' order by bytes), '')
    from (
      select ${gateRow} as bytes
      from ${gates}
      where ${condition('feature_key')}
      union all
      select ${bytesOf('key::text')} || ${noGate}
      from ${features}
      where ${condition('key')}
    ) stored
  )`
}

/** The rows in the form in which an answer carries them. */
export function rowsAnswer(rows: string): string {
  return `encode(${rows}, 'base64')`
}

export function digestOfRows(rows: string): string {
  return `encode(sha256(${rows}), 'hex')`
}

/** No database knows a position that we cannot have made; it must not cause an error in a cast. */
export function positionValues(mine: Position | null): readonly (string | null)[] {
  const isOurs =
    mine !== null && /^\d{1,18}$/.test(mine.version) && /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/.test(mine.nonce)
  return isOurs ? [mine.version, mine.nonce] : [null, null]
}
