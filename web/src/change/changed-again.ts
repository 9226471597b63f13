// Whether a change can still be taken back, as far as the history tells.
import type { HistoryChange } from '../api/history.js'

/** Gates of one value: what was there is gone once it is written again. Entries of lists stand beside each other. */
const single: ReadonlySet<string> = new Set(['boolean', 'percentage_of_actors', 'percentage_of_time'])

/**
 * The change of the flag that leaves nothing to take back of this one: it took it back already, or wrote the same gate again. Null where
 * there is none, and where the changes, newest first, do not reach as far as to this one.
 */
export function changedAgain(changes: readonly HistoryChange[], changeId: string, flag: string): HistoryChange | null {
  const place = changes.findIndex((one) => one.change_id === changeId)
  if (place < 0) return null
  const [mine, ...before] = [...changes.slice(0, place + 1)].reverse()
  const written = new Set(gatesOf(mine, flag).filter((gate) => single.has(gate)))
  return (
    before.findLast(({ undoes }) => undoes === changeId) ??
    before.findLast((one) => gatesOf(one, flag).some((gate) => written.has(gate))) ??
    null
  )
}

function gatesOf(change: HistoryChange | undefined, flag: string): readonly string[] {
  return change?.flags?.find(({ name }) => name === flag)?.gates ?? []
}
