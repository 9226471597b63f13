// A change as pages are told of it: who, when, why, and a sentence for each flag.
import { describeRows } from '../../../feature/change-sentences.js'
import type { Position } from '../../../state/state.js'
import type { FedChange } from '../../../store/history/feed.js'
import { positionText } from '../position-text.js'

export interface ToldChange {
  readonly position: Position
  /** The position as a text, by which streams name it. */
  readonly id: string
  readonly changeId: string | null
  readonly at: Date
  readonly author: string
  readonly source: string
  readonly reason: string | null
  /** By name; null for a change of more flags than are told one by one. */
  readonly flags: readonly ToldFlag[] | null
}

export interface ToldFlag {
  readonly name: string
  readonly sentence: string
}

export function toldChange({ features, ...change }: FedChange): ToldChange {
  const flags = features?.map(({ feature, rows, hidden }) => ({
    name: feature,
    sentence: describeRows([...rows].reverse(), hidden),
  }))
  return { ...change, id: positionText(change.position), flags: flags ?? null }
}

/** One for each flag of the changes. */
export function changesToJson(changes: readonly ToldChange[]): readonly object[] {
  return changes.flatMap(({ id, changeId, at, author, source, reason, flags }) =>
    (flags ?? []).map(({ name, sentence }) => ({
      change_id: changeId,
      position: id,
      name,
      author,
      source,
      reason,
      sentence,
      at: at.toISOString(),
    })),
  )
}
