// Reads a point in the past as people write it: a position, a revision, the id of a change, a time or a distance. Used wherever a command, a route or
// a method takes one.
import { FeatureError } from '../../errors.js'
import type { PastPoint } from '../../state/past.js'
import { parseRevision } from '../../state/revision.js'
import { quoted } from '../../text/printable.js'

/** A point in the past, such as `2h`, `2026-11-20T10:00Z`, a revision of the flag, a position or the id of a change; or a time. */
export type PointText = string | Date

export interface PointReading {
  /** Which state the id of a change means: the one that it has left, or the one that it has found. Default: `after`. */
  readonly change?: 'before' | 'after'
}

const version = /^\d{1,18}$/
const uuid = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i
const distance = /^(\d{1,6}(?:\.\d{1,3})?)\s?(s|m|h|d|w)$/
const time = /^(\d{4})-(\d\d)-(\d\d)[Tt ](\d\d):(\d\d)(?::(\d\d)(?:\.(\d{1,9}))?)?\s?([Zz]|[+-]\d\d(?::?\d\d)?)?$/
const day = /^\d{4}-\d\d-\d\d$/

const msOf = { s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000, w: 604_800_000 } as const

/** Throws FeatureError (`invalid_point`). Whether it is in the future, and in the history, is for the store to say. */
export function parsePoint(point: unknown, { change = 'after' }: PointReading = {}): PastPoint {
  if (point instanceof Date) return { kind: 'time', at: checkDate(point) }
  if (typeof point !== 'string') throw unreadable(quoted(point))
  const text = point.trim()
  if (version.test(text)) return { kind: 'version', version: BigInt(text).toString() }
  const revision = parseRevision(text)
  if (revision !== null) return { kind: 'revision', revision }
  if (uuid.test(text)) return { kind: 'change', changeId: text.toLowerCase(), side: change }
  const ms = distanceMs(text)
  if (ms !== null) return { kind: 'ago', ms }
  return { kind: 'time', at: parseTime(text) }
}

/** The time that a text names. Throws FeatureError (`invalid_point`) for one without an offset, and for what is not a time. */
export function parseTime(text: string): Date {
  const parts = time.exec(text)
  if (parts === null) throw day.test(text) ? withoutOffset(text, `${text}T00:00Z`) : unreadable(quoted(text))
  const [, year, month, date, hour, minute, second = '0', fraction = '0', offset] = parts
  if (offset === undefined) throw withoutOffset(text, `${text.replace(' ', 'T')}Z`)
  const local = [Number(year), Number(month) - 1, Number(date), Number(hour), Number(minute), Number(second)] as const
  const ms = Math.trunc(Number(`0.${fraction}`) * 1_000)
  const at = new Date(Date.UTC(...local, ms))
  const back = [at.getUTCFullYear(), at.getUTCMonth(), at.getUTCDate(), at.getUTCHours(), at.getUTCMinutes()]
  // Otherwise 31 February would be a day in March.
  if (back.some((part, index) => part !== local[index]) || local[5] > 59) throw unreadable(quoted(text))
  const minutes = offsetMinutes(offset)
  if (minutes === null) throw unreadable(quoted(text))
  return checkDate(new Date(at.getTime() - minutes * 60_000))
}

/** The length of a distance such as `2h` or `3d`; null for a text that is not one. */
export function distanceMs(text: string): number | null {
  const [, count, unit] = distance.exec(text) ?? []
  const ms = Object.entries(msOf).find(([name]) => name === unit)?.[1]
  return count === undefined || ms === undefined ? null : Math.round(Number(count) * ms)
}

/** East of Greenwich; null for one that no place has. */
function offsetMinutes(offset: string): number | null {
  if (offset.toUpperCase() === 'Z') return 0
  const [hours, minutes] = [Number(offset.slice(1, 3)), Number(offset.slice(3).replace(':', '') || '0')]
  if (hours > 15 || minutes > 59) return null
  return (offset.startsWith('-') ? -1 : 1) * (hours * 60 + minutes)
}

/** The years that every store can hold. */
function checkDate(at: Date): Date {
  const year = at.getUTCFullYear()
  if (year >= 1970 && year <= 9_999) return at
  throw unreadable(quoted(String(at)))
}

function withoutOffset(text: string, example: string): FeatureError {
  return new FeatureError('invalid_point', {
    problem: `the time ${quoted(text)} does not say in which zone it is`,
    remedy: `write its offset, as ${example} for UTC or ${example.slice(0, -1)}+01:00, or a distance such as 2h or 3d`,
  })
}

function unreadable(what: string): FeatureError {
  return new FeatureError('invalid_point', {
    problem: `${what} is not a point in the past`,
    remedy:
      'give a time with an offset (2026-11-20T10:00Z), a distance (2h, 3d), a position (48213), a revision of the flag, or the id of a change',
  })
}
