// The known facts about the file on disk, and whether it must be written again. Several processes may share the path, so a file
// of another process is not simply replaced: two processes with different views would replace each other's without end.
import { timeSlices } from '../../time/time-slices.js'
import { isAhead, type StoredFeature, samePosition } from '../../state/state.js'
import type { DiskState } from './disk.js'
import { sameRows } from '../../state/stored-rows.js'
import { type Entry, sameStored } from '../content.js'
import type { Snapshot } from '../snapshot.js'

/** A snapshot of items that are kept as rows. */
export type RowSnapshot = Snapshot<Entry<StoredFeature>>

const content = { isSame: sameRows }

export interface KnownFile {
  /** While this stays the same, so does the file. */
  readonly print: string
  /** Null if it cannot be used. */
  readonly content: KnownContent | null
  /** Whether this process wrote it. */
  readonly isOwn: boolean
  /** When it was first seen. */
  readonly sinceMs: number
}

interface KnownContent extends Pick<DiskState, 'address' | 'identity' | 'position'> {
  /** The snapshot whose rows it is known to hold; null if they differ from those of the snapshot of its position. */
  readonly same: RowSnapshot | 'unread' | null
}

/** `other`: the same position with other content. `foreign`: of another database or address. */
export type Relation = 'missing' | 'same' | 'unread' | 'older' | 'ahead' | 'other' | 'foreign' | 'unusable'

/** The relation of the file to this snapshot; `unread` if its content must be read first. */
export function relationOf({ content }: KnownFile, snapshot: RowSnapshot, address: string): Relation {
  if (content === null) return 'unusable'
  if (content.address !== address || content.identity !== snapshot.identity) return 'foreign'
  const { position, same } = content
  if (samePosition(position, snapshot.position)) {
    if (same === 'unread') return 'unread'
    return same !== null && sameContent(same, snapshot) ? 'same' : 'other'
  }
  if (position === null || snapshot.position === null) return 'other'
  if (isAhead(snapshot.position, position)) return 'older'
  return isAhead(position, snapshot.position) ? 'ahead' : 'other'
}

/** Whether both hold the same rows; quick, because unchanged items are shared. */
function sameContent(a: RowSnapshot, b: RowSnapshot): boolean {
  if (a.entries === b.entries) return true
  let missing = 0
  for (const { stored } of a.entries.values()) if (stored !== null) missing += 1
  for (const { name, stored } of b.entries.values()) {
    if (stored === null) continue
    if (!sameStored(content, a.entries.get(name)?.stored ?? null, stored)) return false
    missing -= 1
  }
  return missing === 0
}

/** Whether the state that was read has the snapshot's content, compared in slices. */
export async function holdsContent({ items: features }: DiskState, { entries }: RowSnapshot): Promise<boolean> {
  const yieldIfDue = timeSlices()
  const found = new Set<string>()
  for (const feature of features) {
    if (!sameStored(content, storedIn(entries, feature), feature)) return false
    found.add(feature.key)
    await yieldIfDue()
  }
  for (const { name, stored } of entries.values()) if (stored !== null && !found.has(name)) return false
  return true
}

function storedIn(entries: RowSnapshot['entries'], { key }: StoredFeature): StoredFeature | null {
  return entries.get(key)?.stored ?? null
}

/** A file that stays ahead for this long belongs to a database that has been restored. */
const aheadMs = 10 * 60_000
/** In this time, a process replaces at most this many files that others wrote and that are not simply older. */
const replacedMs = 10 * 60_000
const mostReplaced = 3

/** Decides which files of other processes are replaced. */
export class Replacing {
  #atMs: number[] = []

  /** Whether the file must be written again; counts each replacement. */
  allows(relation: Relation, file: KnownFile | null, nowMs: number): boolean {
    if (relation === 'same' || relation === 'unread') return false
    if (relation === 'missing' || relation === 'older' || file?.isOwn === true) return true
    if (relation === 'ahead' && file !== null && nowMs - file.sinceMs < aheadMs) return false
    this.#atMs = this.#atMs.filter((atMs) => nowMs - atMs < replacedMs)
    if (this.#atMs.length >= mostReplaced) return false
    this.#atMs.push(nowMs)
    return true
  }
}
