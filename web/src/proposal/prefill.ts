// The change that a link names. It only puts the change together: a link may come from anybody.
import type { Operation } from './operations.js'

export interface Prefill {
  readonly operation: Operation
  readonly reason: string
}

const longestReason = 1_000

/** `set=50`, `set=true`, `set=false` with `reason=`; null where the address names no change, or none that is understood. */
export function prefillOf(query: Readonly<Record<string, unknown>>): Prefill | null {
  const set = query['set']
  if (typeof set !== 'string') return null
  const reason = typeof query['reason'] === 'string' ? query['reason'].slice(0, longestReason) : ''
  if (set === 'true') return { operation: { op: 'enable' }, reason }
  if (set === 'false') return { operation: { op: 'disable' }, reason }
  const share = parseShare(set)
  return share === null ? null : { operation: { op: 'percentage_of_actors', value: share }, reason }
}

/** A share as a person writes it: 0 to 100 with at most three decimals, `%` and a comma allowed. */
export function parseShare(text: string): number | null {
  const written = text.trim().replace(/\s*%$/, '').replace(',', '.')
  if (!/^\d{1,3}(?:\.\d{1,3})?$/.test(written)) return null
  const share = Number(written)
  return share <= 100 ? share : null
}
