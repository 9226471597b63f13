// The file system's side of the disk copy. The path comes from a configuration and may lead anywhere: to a FIFO that no process
// writes to, a device, a folder of /proc. None of them may make a process hang, or be replaced by a file.
import { randomUUID } from 'node:crypto'
import type { BigIntStats } from 'node:fs'
import * as nodeFiles from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'

/** The functions of Node's file system that are used; tests inject a sick one. */
export type DiskFiles = Pick<typeof nodeFiles, 'mkdir' | 'open' | 'readdir' | 'rename' | 'rm' | 'stat'>

export const diskFiles: DiskFiles = nodeFiles

/** No packed state of this package is larger. */
export const largestPackedFile = 128 * 1024 * 1024
/** No write takes this long: a temporary file of this age belongs to a process that was killed. */
const leftoverMs = 10 * 60_000

/** A file as it was found. */
export interface FoundFile {
  readonly bytes: Buffer
  /** As `printOf` gives it. */
  readonly print: string
}

/**
 * A text that stays the same as long as the file does; null if there is no file. Throws if something other than a file is
 * there.
 */
export async function printOf(files: DiskFiles, path: string): Promise<string | null> {
  const stats = await orMissing(files.stat(path, { bigint: true }))
  return stats === null ? null : printOfFile(stats)
}

/** Null if there is no file. Throws if it cannot be read, is too large, or is not a file. */
export async function readFileAt(files: DiskFiles, path: string): Promise<FoundFile | null> {
  // Checked before it is opened, because opening some devices has an effect.
  if ((await printOf(files, path)) === null) return null
  // Without O_NONBLOCK, opening a FIFO waits for a writer.
  const { O_NOCTTY, O_NONBLOCK, O_RDONLY } = nodeFiles.constants
  const file = await orMissing(files.open(path, O_RDONLY | (O_NONBLOCK ?? 0) | (O_NOCTTY ?? 0)))
  if (file === null) return null
  try {
    const stats = await file.stat({ bigint: true })
    const print = printOfFile(stats)
    if (stats.size > largestPackedFile) throw new Error(`it has more than ${largestPackedFile} bytes`)
    const bytes = Buffer.alloc(Number(stats.size))
    let length = 0
    while (length < bytes.length) {
      const { bytesRead } = await file.read(bytes, length, bytes.length - length, length)
      if (bytesRead === 0) break
      length += bytesRead
    }
    return { bytes: bytes.subarray(0, length), print }
  } finally {
    await file.close()
  }
}

/**
 * Writes the file under a temporary name, flushes it and renames it into place; returns its print. Throws the file system's
 * error, and an error if something other than a file, or than a link to one, is in the way.
 */
export async function writeFileAt(files: DiskFiles, path: string, bytes: Buffer): Promise<string> {
  await printOf(files, path)
  await makeFolder(files, dirname(path))
  const temporary = `${path}.${process.pid}.${randomUUID()}.tmp`
  try {
    const file = await files.open(temporary, 'wx', 0o600)
    let print: string
    try {
      await file.writeFile(bytes)
      await file.sync()
      print = printOfFile(await file.stat({ bigint: true }))
    } finally {
      await file.close()
    }
    await files.rename(temporary, path)
    return print
  } finally {
    await files.rm(temporary, { force: true })
  }
}

/** Removes the temporary files that interrupted writes to the path have left beside it. Throws the file system's error. */
export async function removeLeftovers(files: DiskFiles, path: string): Promise<void> {
  const [folder, start] = [dirname(path), `${basename(path)}.`]
  for (const name of await files.readdir(folder)) {
    if (!name.startsWith(start) || !name.endsWith('.tmp')) continue
    const leftover = join(folder, name)
    const { mtimeMs } = await files.stat(leftover)
    if (Date.now() - mtimeMs > leftoverMs) await files.rm(leftover, { force: true })
  }
}

/** One folder after the other: below /proc, which refuses new ones with ENOENT, `recursive` tries without end. */
async function makeFolder(files: DiskFiles, folder: string): Promise<void> {
  if ((await orMissing(files.stat(folder))) !== null) return
  const parent = dirname(folder)
  if (parent !== folder) await makeFolder(files, parent)
  try {
    await files.mkdir(folder, { mode: 0o700 })
  } catch (error) {
    // Another process was quicker. If it is not a folder, opening the file reports that.
    if (codeOf(error) !== 'EEXIST') throw error
  }
}

function printOfFile(stats: BigIntStats): string {
  if (!stats.isFile()) throw new Error(`there is ${kindOf(stats)} in the place of the file`)
  return `${stats.ino}:${stats.size}:${stats.mtimeNs}`
}

function kindOf(stats: BigIntStats): string {
  if (stats.isDirectory()) return 'a folder'
  if (stats.isFIFO()) return 'a FIFO'
  return stats.isSocket() ? 'a socket' : 'a device'
}

async function orMissing<T>(found: Promise<T>): Promise<T | null> {
  try {
    return await found
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return null
    throw error
  }
}

function codeOf(error: unknown): unknown {
  return error instanceof Error && 'code' in error ? error.code : undefined
}
