// Changes under the days on which they were made, with the gaps of a history of which a part was deleted.
import type { HistoryChange } from '../api/history.js'
import { dayHeading, parseTime } from '../text/times.js'

export interface ShownChange extends HistoryChange {
  /** What the change did that it takes back, in a sentence: null where it takes none back, and where that one is not on the page. */
  readonly undone: string | null
  /** Whether no newer change of its one flag is on the page. */
  readonly isNewestShown: boolean
}

export type HistoryItem =
  | { readonly kind: 'change'; readonly key: string; readonly change: ShownChange; readonly at: number }
  /** So many positions between two changes have no change any more. */
  | { readonly kind: 'gap'; readonly key: string; readonly missing: number }

export interface HistoryDay {
  readonly heading: string
  readonly items: readonly HistoryItem[]
}

/** `isWhole`: all changes were asked for, so that a position without one is a gap; `isLast`: no older page is left. */
export function daysOf(changes: readonly HistoryChange[], isWhole: boolean, isLast: boolean): readonly HistoryDay[] {
  const days: { heading: string; items: HistoryItem[] }[] = []
  const byId = new Map(changes.flatMap((change) => (change.change_id === null ? [] : [[change.change_id, change]])))
  const met = new Set<string>()
  let above: number | null = null
  const places = new Map<string, number>()
  changes.forEach((found, index) => {
    const undone = found.undoes === null ? undefined : byId.get(found.undoes)
    const isNewestShown = found.flags?.length === 1 && !met.has(found.flags[0]?.name ?? '')
    for (const { name } of found.flags ?? []) met.add(name)
    const change = { ...found, undone: undone === undefined ? null : changeText(undone), isNewestShown }
    const at = parseTime(change.at) ?? 0
    const heading = dayHeading(at)
    const day = days.at(-1)?.heading === heading ? days.at(-1) : undefined
    const items = day?.items ?? []
    if (day === undefined) days.push({ heading, items })
    const version = versionOf(change)
    if (isWhole && above !== null && version !== null && above - version > 1) {
      items.push({ kind: 'gap', key: `gap ${version}`, missing: above - version - 1 })
    }
    // By its place among those of one position: an entry stays the same one where newer ones come before it.
    const place = (places.get(change.position) ?? 0) + 1
    places.set(change.position, place)
    items.push({ kind: 'change', key: `${change.position} ${place}`, change, at })
    if (isWhole && isLast && index === changes.length - 1 && version !== null && version > 1) {
      items.push({ kind: 'gap', key: 'gap 0', missing: version - 1 })
    }
    above = version
  })
  return days
}

function versionOf({ position }: HistoryChange): number | null {
  const [, version] = /^(\d{1,15})-/.exec(position) ?? []
  return version === undefined ? null : Number(version)
}

/** Of an undo: what it undid, in words where that is known. */
export function undoText({ reason, undoes, undone }: Pick<ShownChange, 'reason' | 'undoes' | 'undone'>): string {
  if (undoes === null) return ''
  if (undone !== null && undone !== '') return `takes back “${undone}”`
  return isOwnReason(reason) ? (reason ?? '') : 'takes a change back'
}

/** Whether the reason is the one that an undo has where a person gave none: it says what was undone. */
export function isOwnReason(reason: string | null): boolean {
  return reason?.startsWith('undo of: ') === true
}

/** What a change did, in a sentence. */
export function changeText({ counts, flags }: HistoryChange): string {
  if (flags === null || flags.length === 0) return ''
  if (flags.length === 1) return flags[0]?.sentence ?? ''
  const sentences = new Set(flags.map(({ sentence }) => sentence))
  return sentences.size === 1 ? ([...sentences][0] ?? '') : `${counts.added} added, ${counts.removed} removed`
}
