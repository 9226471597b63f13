// The counts of `client/metrics`. Pure. A row that cannot be right is dropped and counted, and the rest of its report stands.
import { dayMs, hourMs, type ReportedCounts } from '../project-flags/reports/report.js'
import { isRecord } from '../text/json.js'

const mostRows = 5_000
const mostCounted = 2 ** 31
const longestName = 255
/** Clocks differ; a bucket may end this much later than now. */
const aheadMs = hourMs

/**
 * Reads the counts of a report.
 *
 * @example
 * countsIn({ bucket: { start, stop, toggles: { new_layout: { yes: 3, no: 1 } } } }, Date.now())
 * // { counts: [{ flag: 'new_layout', hourMs: …, yes: 3, no: 1 }], dropped: {} }
 */
export function countsIn(body: unknown, nowMs: number): ReportedCounts {
  const bucket = isRecord(body) ? body['bucket'] : undefined
  const toggles = isRecord(bucket) ? bucket['toggles'] : undefined
  if (!isRecord(bucket) || !isRecord(toggles)) return { counts: [], dropped: {} }
  const names = Object.keys(toggles)
  const atMs = timeOf(bucket, nowMs)
  if (atMs === null) return { counts: [], dropped: names.length === 0 ? {} : { time: names.length } }
  const hour = Math.floor(atMs / hourMs) * hourMs
  const read = names.slice(0, mostRows)
  const counts = read.flatMap((flag) => {
    const counted = rowOf(flag, toggles[flag])
    return counted === null ? [] : [{ flag, hourMs: hour, ...counted }]
  })
  const malformed = read.length - counts.length
  const beyond = names.length - read.length
  return {
    counts: counts.filter(({ yes, no }) => yes + no > 0),
    dropped: { ...(malformed === 0 ? {} : { malformed }), ...(beyond === 0 ? {} : { too_many: beyond }) },
  }
}

/** The time that a bucket counts for: its end, at the latest now; null for one that cannot be right. */
function timeOf(bucket: Readonly<Record<string, unknown>>, nowMs: number): number | null {
  const stop = timeIn(bucket['stop'], nowMs)
  const start = stop === null ? null : timeIn(bucket['start'], stop)
  if (start === null || stop === null || start > stop) return null
  if (stop > nowMs + aheadMs || stop < nowMs - 2 * dayMs) return null
  return Math.min(stop, nowMs)
}

/** SDKs write a time as ISO text or as milliseconds. */
function timeIn(value: unknown, otherwise: number): number | null {
  if (value === undefined || value === null) return otherwise
  const ms = typeof value === 'string' ? Date.parse(value) : value
  return typeof ms === 'number' && Number.isFinite(ms) ? ms : null
}

function rowOf(flag: string, row: unknown): { readonly yes: number; readonly no: number } | null {
  if (!isName(flag) || !isRecord(row)) return null
  const yes = countIn(row, 'yes')
  const no = countIn(row, 'no')
  return yes === null || no === null ? null : { yes, no }
}

/**
 * `__proto__` is no name: it is what a hostile report tries. Nor is a text that Postgres refuses: the counts of all projects, which are
 * written together, would wait with it for ever.
 */
function isName(flag: string): boolean {
  return (
    flag !== '' && flag !== '__proto__' && flag.length <= longestName && !flag.includes('\u0000') && flag.isWellFormed()
  )
}

function countIn(row: Readonly<Record<string, unknown>>, key: string): number | null {
  const value = Object.hasOwn(row, key) ? row[key] : 0
  return typeof value === 'number' && Number.isInteger(value) && value >= 0 && value <= mostCounted ? value : null
}
