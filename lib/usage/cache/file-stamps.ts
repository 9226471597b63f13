// What the system says of a file, as a sign that its content is still that of the run before. It is the way of git's index: the files of a
// project are looked at, and only those are read that may have changed.
//
// A time alone would be wrong: a checkout, an unpacked archive and `touch` set it. The time of the last change of the inode cannot be set,
// and is new in each checkout and each copy, as the number of the inode is. Whatever differs, the file is read.
import { lstatSync, rmSync, statSync, writeFileSync } from 'node:fs'

/**
 * A file that was changed so shortly before a look may be changed once more without another time: file systems count in steps, some in
 * steps of two seconds. Such a file is read again the next time.
 */
const settledMs = 3_000

/** Device, inode, bytes, and the times of the last change of content and of inode. */
export interface FileStamp {
  readonly dev: number
  readonly ino: number
  readonly size: number
  readonly mtimeMs: number
  readonly ctimeMs: number
}

/** The same numbers, as they are kept. */
export type KeptStamp = readonly [dev: number, ino: number, size: number, mtimeMs: number, ctimeMs: number]

/** How many they are. */
export const stampLength = 5

const orNothing = { throwIfNoEntry: false } as const

/**
 * Null where the system says nothing: then the file has to be read, and why it cannot be is found there. Null also where a file system has
 * no numbers of inodes, or no time of their change: there a change that puts the time back would not show. `statSync` follows links.
 */
export function stampOf(path: string, look: typeof lstatSync | typeof statSync = lstatSync): FileStamp | null {
  try {
    const stamp = look(path, orNothing)
    return stamp !== undefined && isTelling(stamp) ? stamp : null
  } catch {
    return null // A folder on the way may not be entered, say.
  }
}

/** Windows gives the year 1601 for a time that a file system does not keep. */
export function isTelling({ ino, ctimeMs }: FileStamp): boolean {
  return ino !== 0 && ctimeMs > 0
}

export function keptStamp({ dev, ino, size, mtimeMs, ctimeMs }: FileStamp): KeptStamp {
  return [dev, ino, size, mtimeMs, ctimeMs]
}

/** Whether the numbers from there on are those of the stamp. */
export function isSameStamp(stamp: FileStamp, kept: ArrayLike<number>, from = 0): boolean {
  return (
    kept[from] === stamp.dev &&
    kept[from + 1] === stamp.ino &&
    kept[from + 2] === stamp.size &&
    kept[from + 3] === stamp.mtimeMs &&
    kept[from + 4] === stamp.ctimeMs
  )
}

/** Whether a later change would give the file another stamp, where it was looked at at this time of the file system's clock. */
export function isSettled({ mtimeMs, ctimeMs }: FileStamp, lookedAtMs: number): boolean {
  return Math.max(mtimeMs, ctimeMs) < lookedAtMs - settledMs
}

/**
 * By how many milliseconds the clock that stamps files in a folder is behind the one of this process: it is another one where the folder is
 * another machine's. 0 where it is not behind, or where no file can be made to see it: then nothing is kept either.
 */
export function clockLagMs(folder: string): number {
  const path = `${folder}/.clock.${process.pid}.tmp`
  try {
    writeFileSync(path, '')
    const { mtimeMs } = statSync(path)
    return Math.max(0, Date.now() - mtimeMs)
  } catch {
    return 0
  } finally {
    removeQuietly(path)
  }
}

/** Where the file could not be made, it is not there. */
export function removeQuietly(path: string): void {
  try {
    rmSync(path, { force: true })
  } catch {
    // What may not be removed costs a few bytes.
  }
}
