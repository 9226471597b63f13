// The question of a running process: the changes since a position, the content of some features, and the digest of everything,
// in one statement.
import { fields, list, readPosition, readState, readStoredRows, text, textOrNull } from './parse-rows.js'
import type { Layout, OwnTables } from './existing-tables.js'
import type { Place, Reading } from './reads.js'
import {
  bytesOf,
  type Condition,
  digestOfRows,
  everyKey,
  keysSql,
  knownSql,
  positionValues,
  rowsAnswer,
  rowsSql,
  storedSql,
} from './sql-parts.js'
import { guardField, placedFields, readGuard, readPlaced } from './standing.js'
import { isStorable } from '../../state/state-json.js'
import { type Position, type StoredFeature, samePosition } from '../../state/state.js'
import type { Since, SinceQuestion } from '../store.js'

/** `$1` and `$2`: the position to start from. `$3`: names whose content is always wanted. `$4`: the most rows. */
export function sinceReading(place: Place, from: Position | null, question: SinceQuestion): Reading<Since> {
  const { layout, namespace } = place
  const { also = [], most, digest = false, guard = true } = question
  return {
    sql: `
with ${layout.own === null ? nothingPassed : passedSql(layout.own)}, asked as (
  ${askedSql(layout)}
), answered as (
  select ${isWholeSql(layout)} as is_whole
), wanted as (
  select array(
    select key from asked
    union
    select key from named where (select is_whole from answered)
  ) as keys
)
select json_build_object(
  ${placedFields(layout)},
  ${guard ? `${guardField(layout)},` : ''}
  'isUnbroken', (select is_unbroken from unbroken),
  'via', (
    select coalesce(json_agg(json_build_object('version', version::text, 'nonce', nonce) order by version), '[]')
    from steps
  ),
  'named', (select coalesce(json_agg(key), '[]') from named),
  'isWhole', (select is_whole from answered),
  'rows', ${rowsAnswer(rowsSql(layout, oneOf('select keys from wanted')))},
  'digest', ${digest ? digestOfRows(rowsSql(layout, everyKey)) : 'null'}
)::text as answer`,
    values: [...positionValues(from), namesToAsk(layout, also), wholeOrNull(most)],
    read: (answer) => readSince({ layout, namespace }, answer, { from, also, guard }),
  }
}

/** More changes than this are not what such a process expects. */
const mostSteps = 200

/**
 * The same for a process that expects changes of these features alone, as after a write of its own. Because the names are in
 * the statement, Postgres uses the index; because the history is read once and the rest is counted here, it needs a quarter of the
 * time. The answer is null if other features changed too, or if the position is not that of a change in the history.
 */
export function expectedReading(
  { layout, namespace }: Place,
  from: Position,
  names: readonly string[],
  guard: boolean,
): Reading<Since | null> | null {
  const { own } = layout
  // The history does not name the position before the first change.
  if (own === null || !layout.holdsAnyText || from.version === '0') return null
  return {
    sql: `
select json_build_object(
  ${placedFields(layout)},
  ${guard ? `${guardField(layout)},` : ''}
  'steps', (
    select json_agg(json_build_array(version::text, nonce, feature_key))
    from (
      (select version, nonce, feature_key from ${own.history} where version = $1::bigint limit 1)
      union all
      (select distinct version, nonce, feature_key from ${own.history} where version > $1::bigint limit ${mostSteps + 1})
    ) steps
  ),
  'rows', ${rowsAnswer(storedSql(layout, (column) => `${column}::text = any ($2::text[])`))}
)::text as answer`,
    values: [positionValues(from)[0] ?? null, names.filter(isStorable)],
    read: (answer) => {
      const steps = list(fields(answer, 'changes')['steps'] ?? [], 'changes').map(readStep)
      const passed = steps.length > mostSteps ? null : stepsAfter(from, steps, new Set(names))
      return passed === null
        ? null
        : readSince({ layout, namespace }, { ...fields(answer, 'changes'), ...passed }, { from, also: names, guard })
    },
  }
}

interface Step {
  readonly position: Position
  readonly name: string
}

function readStep(value: unknown): Step {
  const [version, nonce, name] = list(value, 'change')
  return { position: readPosition({ version, nonce }), name: text(name, 'feature key') }
}

/** As the general question answers it; null if the history does not have `from`, or has changes of other features. */
function stepsAfter(from: Position, steps: readonly Step[], expected: ReadonlySet<string>) {
  const later = steps.filter(({ position }) => position.version !== from.version)
  const isKnown = steps.some(({ position }) => samePosition(position, from))
  if (!isKnown || later.some(({ name }) => !expected.has(name))) return null
  const via = new Map(later.map(({ position }) => [`${position.version} ${position.nonce}`, position]))
  const inOrder = [...via.values()].sort((a, b) => (BigInt(a.version) < BigInt(b.version) ? -1 : 1))
  return { isUnbroken: true, via: inOrder, named: [...new Set(later.map(({ name }) => name))], isWhole: true }
}

interface Asked {
  readonly from: Position | null
  readonly also: readonly string[]
  readonly guard: boolean
}

async function readSince({ layout, namespace }: Place, answer: unknown, { from, also, guard }: Asked): Promise<Since> {
  const since = fields(answer, 'changes')
  const stored = new Map((await readStoredRows(since['rows'])).map((feature) => [feature.key, feature]))
  return {
    ...readPlaced(answer, layout, namespace),
    guard: guard ? readGuard(answer) : undefined,
    ...readChanges(since, from, stored),
    also: new Map(also.map((key) => [key, stored.get(key) ?? null])),
    digest: textOrNull(since['digest'], 'digest'),
  }
}

/** An array and not a join: only with an array does Postgres use the index on the column. */
function oneOf(keys: string): Condition {
  return (column) => `${column}::text = any ((${keys})::text[])`
}

/**
 * If a position left no row, its changes are not known either. So the positions are counted before any content is read: their
 * number must match the versions, otherwise everything has to be read.
 */
function passedSql(own: OwnTables): string {
  return `known as (
  select coalesce(${knownSql(own)}, false) as is_known
), steps as (
  select distinct version, nonce
  from ${own.history}
  where version > $1::bigint and (select is_known from known)
), unbroken as (
  select is_known and coalesce((select version from ${own.state}) - $1::bigint = (select count(*) from steps), false)
    as is_unbroken
  from known
), named as (
  select distinct feature_key as key
  from ${own.history}
  where version > $1::bigint and (select is_unbroken from unbroken)
)`
}

const nothingPassed = `unbroken as (
  select $1::bigint is null and $2::uuid is null and false as is_unbroken
), steps as (
  select 0 as version, null::uuid as nonce where false
), named as (
  select null::text as key where false
)`

/** A database that does not hold any text refuses a name that it cannot hold, so the names are sent to it as bytes. */
function askedSql(layout: Layout): string {
  if (layout.holdsAnyText) return 'select unnest($3::text[]) as key'
  return `select key from (${keysSql(layout, everyKey)}) stored
  where ${bytesOf('key')} in (select decode(name, 'hex') from unnest($3::text[]) name)`
}

function namesToAsk(layout: Layout, names: readonly string[]): readonly string[] {
  const askable = names.filter(isStorable)
  return layout.holdsAnyText ? askable : askable.map((name) => Buffer.from(name).toString('hex'))
}

/** Counts only up to the first row too many. */
function isWholeSql(layout: Layout): string {
  const named = oneOf('select array_agg(key) from named')
  return `$4::bigint is null or (
    select count(*)
    from (
      select from (${keysSql(layout, named)}) keys
      union all
      select from ${layout.gates} where ${named('feature_key')}
      limit $4::bigint + 1
    ) counted
  ) <= $4::bigint`
}

function wholeOrNull(most: number | undefined): number | null {
  return most === undefined || !Number.isFinite(most) ? null : Math.max(0, Math.floor(most))
}

type Changes = Pick<Since, 'delta' | 'leftOut'>

function readChanges(
  since: Readonly<Record<string, unknown>>,
  from: Position | null,
  stored: ReadonlyMap<string, StoredFeature>,
): Changes {
  const position = readState(since['state'])?.position
  const via = list(since['via'], 'positions').map(readPosition)
  const isUnbroken = since['isUnbroken'] === true
  if (!isUnbroken || from === null || position === undefined || !leadsTo(from, via, position)) {
    return { delta: null, leftOut: [] }
  }
  const named = list(since['named'], 'names').map((key) => text(key, 'feature key'))
  if (since['isWhole'] !== true) return { delta: { position, via, changed: new Map() }, leftOut: named }
  return { delta: { position, via, changed: new Map(named.map((key) => [key, stored.get(key) ?? null])) }, leftOut: [] }
}

/** After a restore, the number of positions may be right by chance: each position has to follow the one before. */
export function leadsTo(from: Position, via: readonly Position[], position: Position): boolean {
  const start = BigInt(from.version)
  const isUnbroken = via.every(({ version }, index) => BigInt(version) === start + BigInt(index) + 1n)
  return isUnbroken && samePosition(via.at(-1) ?? from, position)
}
