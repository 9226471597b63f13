// The change that decided an answer, from the history: the newest one that added a deciding row. Of a closed flag it is the newest one that
// removed a row which would have opened it, because since then none does.
import { compileGates } from '../../gates/compile.js'
import { isAhead } from '../../state/state.js'
import type { History, HistoryEntry } from '../../store/store.js'
import { answerOf, type Asked } from './answer.js'
import type { DecidingChange } from './explanation.js'
import type { DecidingRows } from './steps.js'

export interface Decided {
  readonly name: string
  readonly asked: Asked
  /** Null where no row decided. */
  readonly rows: DecidingRows | null
  /** Rows of later versions do not count. */
  readonly until: string
}

/** So many rows of a flag are looked at. */
const mostRows = 1_000
/** So many ids of one check are looked for. */
const mostValues = 20

/** Null where no change is found. Rejects with StoreUnavailable. */
export async function decidingChange(
  history: Pick<History, 'recordedRows'>,
  { name, asked, rows, until }: Decided,
): Promise<DecidingChange | null> {
  const question = { feature: name, until }
  if (rows === null) {
    const entries = await history.recordedRows({ ...question, limit: mostRows })
    return changeOf(
      entries.find((entry) => wouldOpen(entry, asked)),
      'removed',
    )
  }
  const newest = rows.values.slice(0, mostValues).map(async (value) => {
    const [entry] = await history.recordedRows({ ...question, of: { gate: rows.gate, value }, limit: 1 })
    return changeOf(entry, 'added')
  })
  const found = (await Promise.all(newest)).filter((change) => change !== null)
  return found.sort((a, b) => (isAhead(a.position, b.position) ? -1 : 1)).at(0) ?? null
}

/** Groups are not asked: their predicates may have answered otherwise then. */
function wouldOpen({ feature, gate, value }: HistoryEntry, asked: Asked): boolean {
  if (gate === null || gate === 'groups') return false
  const gates = compileGates(feature, new Map([[gate, [value ?? '']]]))
  return answerOf(gates, asked, () => false).chance > 0
}

/** Null also where the newest row says the opposite of what is stored: then it was written past the history since. */
function changeOf(entry: HistoryEntry | undefined, operation: HistoryEntry['operation']): DecidingChange | null {
  if (entry?.operation !== operation) return null
  const { changeId, position, at, author, source, reason } = entry
  return { changeId, position, at, author, source, reason }
}
