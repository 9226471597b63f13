// A point in the past in words: as a person wrote it into the field or the address, or as a time.
import { dayAndTime, parseTime } from '../text/times.js'
import { visible } from '../text/visible.js'

const units: Readonly<Record<string, string>> = { s: 's', m: 'min', h: 'h', d: 'd', w: 'w' }

/** `now`, `8 min ago`, `position 48213`, `27 Nov 2026, 20:22:09`; a text of another form as it is. */
export function pointText(text: string): string {
  const point = text.trim()
  if (point === '') return 'now'
  const [, amount, unit = ''] = /^(\d{1,6}(?:\.\d{1,3})?)\s?([smhdw])$/.exec(point) ?? []
  if (amount !== undefined) return `${amount} ${units[unit]} ago`
  if (/^\d{1,18}$/.test(point)) return `position ${point}`
  if (/^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i.test(point)) return `after the change ${point.slice(0, 8)}…`
  const at = /^\d{4}-\d\d-\d\d[Tt ]/.test(point) ? parseTime(point) : null
  return at === null ? visible(point) : dayAndTime(at)
}
