// What the system says of a file, as a sign that its content is still that of the run before. It is the way of git's index: the files of a
// project are looked at, and only those are read that may have changed.
//
// A time alone would be wrong: a checkout, an unpacked archive and `touch` set it. The time of the last change of the inode cannot be set,
// and is new in each checkout and each copy, as the number of the inode is. Whatever differs, the file is read.
import { lstatSync, type Stats, type statSync } from 'node:fs'

/**
 * A file that was changed so shortly before a look may be changed once more without another time: file systems count in steps, some in
 * steps of two seconds. Such a file is read again the next time.
 */
const settledMs = 3_000

/** Device, inode, bytes, and the times of the last change of content and of inode. */
export type Stamp = readonly [dev: number, ino: number, size: number, mtimeMs: number, ctimeMs: number]

export interface FileStamp {
  readonly stamp: Stamp
  readonly sizeBytes: number
  /** The time of its last change. */
  readonly changedMs: number
}

/** Null where the system says nothing: then the file has to be read, and why it cannot be is found there. `statSync` follows links. */
export function stampOf(path: string, look: typeof lstatSync | typeof statSync = lstatSync): FileStamp | null {
  const stats = lookAt(path, look)
  if (stats === null) return null
  const { dev, ino, size, mtimeMs, ctimeMs } = stats
  return { stamp: [dev, ino, size, mtimeMs, ctimeMs], sizeBytes: size, changedMs: Math.max(mtimeMs, ctimeMs) }
}

export function isSameStamp(one: Stamp, two: Stamp): boolean {
  return one[0] === two[0] && one[1] === two[1] && one[2] === two[2] && one[3] === two[3] && one[4] === two[4]
}

/** Whether a later change would give the file another stamp, where it was looked at at this time. */
export function isSettled({ changedMs }: FileStamp, lookedAtMs: number): boolean {
  return changedMs < lookedAtMs - settledMs
}

function lookAt(path: string, look: typeof lstatSync | typeof statSync): Stats | null {
  try {
    return look(path, { throwIfNoEntry: false }) ?? null
  } catch {
    return null // A folder on the way may not be entered, say.
  }
}
