// What of pasted ids would change a list, and what is wrong with the others.
import { count, counted } from '../text/numbers.js'
import type { ParsedIds } from './ids.js'

/** So many ids fit into one change. */
export const mostIds = 10_000

export interface PasteReport {
  /** Those that would come onto the list. */
  readonly fresh: readonly string[]
  /** `412 ids: 398 new · 9 there already · 3 also on the other list · 2 malformed (lines 17, 31)`. */
  readonly text: string
}

/** `other` is the other list: of those who have it by name, and of those who never have it. */
export function pasteReport(
  { ids, malformed, malformedCount }: ParsedIds,
  there: ReadonlySet<string>,
  other: ReadonlySet<string>,
  otherName: string,
  /** What a word is that is no id: `malformed`, or `not found` where paths were looked up. */
  wrongName = 'malformed',
): PasteReport {
  const missing = ids.filter((id) => !there.has(id))
  const fresh = missing.slice(0, mostIds)
  if (ids.length + malformedCount === 0) return { fresh, text: '' }
  const onOther = missing.filter((id) => other.has(id)).length
  const lines = [...new Set(malformed.map(({ line }) => line))].slice(0, 5)
  const parts = [
    `${counted(ids.length + malformedCount, 'id')}: ${count(missing.length)} new`,
    ...(ids.length > missing.length ? [`${count(ids.length - missing.length)} there already`] : []),
    ...(onOther > 0 ? [`${count(onOther)} ${otherName}`] : []),
    ...(malformedCount > 0
      ? [
          `${count(malformedCount)} ${wrongName} (${lines.length === 1 ? 'line' : 'lines'} ${lines.join(', ')}${malformedCount > lines.length && lines.length === 5 ? ' …' : ''})`,
        ]
      : []),
    ...(missing.length > mostIds ? [`the first ${count(mostIds)} fit into one change`] : []),
  ]
  return { fresh, text: parts.join(' · ') }
}
