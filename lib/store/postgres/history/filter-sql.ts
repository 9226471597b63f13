// The conditions on rows of the history, with their values.
import type { HistoryBound, HistoryFilter } from '../../history/changes.js'

type Value = string | number | readonly string[]

/** The values of a statement, and where they stand in it. */
export class StatementValues {
  readonly all: Value[] = []

  /** `$1`, `$2` and so on. */
  add(value: Value): string {
    this.all.push(value)
    return `$${this.all.length}`
  }
}

/** What a row must be, beside the bounds; each is true of a single row. */
export function rowConditions(
  { feature, changeId, author, source }: HistoryFilter,
  values: StatementValues,
): readonly string[] {
  const texts = [
    ['feature_key', feature],
    ['change_id', changeId],
    ['author', author],
    ['source', source],
  ] as const
  return texts.flatMap(([column, text]) => (text === undefined ? [] : [`${column} = ${values.add(text)}::text`]))
}

/** The bounds as a table `bounds` of one row: they are found once, however often the statement asks for them. */
export function boundsSql({ from, to }: HistoryFilter, history: string, values: StatementValues): string {
  const after = from === undefined ? 'null::bigint' : versionAt(from, 'from', history, values)
  const upTo = to === undefined ? 'null::bigint' : versionAt(to, 'to', history, values)
  return `bounds as materialized (
  select ${after} as after, ${upTo} as up_to
)`
}

/** The conditions on versions; they need the table of `boundsSql`. */
export function boundConditions({ from, to }: HistoryFilter): readonly string[] {
  return [
    ...(from === undefined ? [] : ['version > (select after from bounds)']),
    ...(to === undefined ? [] : ['version <= (select up_to from bounds)']),
  ]
}

/** Beyond all versions. */
const farVersion = '9223372036854775807'

/** So many versions before the one that is found by its time may have a later time, because the clock was set back. */
const mostSetBack = 2_000

/**
 * The version before the first change of a time or of a later one. The index by time finds a change of that time at once; where the clock was set back, changes
 * before it may be later, and those that are near are looked at. Times are shown in milliseconds: what is shown to be of the time is a part of both bounds.
 */
function versionAt(bound: HistoryBound, side: 'from' | 'to', history: string, values: StatementValues): string {
  if (bound.kind === 'version') return `${values.add(bound.version)}::bigint`
  const moment =
    bound.kind === 'time'
      ? `${values.add(bound.at.toISOString())}::timestamptz`
      : `(clock_timestamp() - ${values.add(bound.ms)}::double precision * interval '1 millisecond')`
  const time = side === 'from' ? moment : `${moment} + interval '1 millisecond'`
  // Materialized: otherwise all rows since then may be read for the lowest version. Of each change before it one row is looked at, however many it wrote.
  return `coalesce((
    with moment as materialized (
      select ${time} as at
    ), later as materialized (
      select version from ${history} where at >= (select at from moment) order by at, version limit 1
    )
    select min(near) - 1
    from later, generate_series(later.version - ${mostSetBack}, later.version) near
    where near = later.version
    or (select at from ${history} where version = near limit 1) >= (select at from moment)
  ), ${farVersion})`
}
