// The last good snapshot on disk: what a process starts from while Postgres cannot be reached.
// The content is not trusted: lib/store/packed-state.ts checks hash, size and shape before anything of it is used.
import { randomUUID } from 'node:crypto'
import { mkdir, open, readdir, readFile, rename, rm, stat } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { type PackableState, packState, unpackState } from '../store/packed-state.js'

/** Far above the largest state that may be stored by default; some kilobytes may claim to inflate to gigabytes. */
const largestBytes = 512 * 1024 * 1024

export type DiskState = PackableState

/** Writes the state under a temporary name, flushes it and renames it into place. Throws the file system's error. */
export async function writeDisk(path: string, state: DiskState): Promise<void> {
  const packed = await packState(state, { largestBytes })
  await mkdir(dirname(path), { recursive: true, mode: 0o700 })
  const temporary = `${path}.${process.pid}.${randomUUID()}.tmp`
  try {
    const file = await open(temporary, 'wx', 0o600)
    try {
      await file.writeFile(packed)
      await file.sync()
    } finally {
      await file.close()
    }
    await rename(temporary, path)
  } finally {
    await rm(temporary, { force: true })
  }
}

/** No write takes this long: a temporary file that old belongs to a process that was killed. */
const leftoverMs = 10 * 60_000

/** Removes what writes to the path that were cut off have left beside it. Throws the file system's error. */
export async function removeLeftovers(path: string): Promise<void> {
  const [folder, start] = [dirname(path), `${basename(path)}.`]
  for (const name of await readdir(folder)) {
    if (!name.startsWith(start) || !name.endsWith('.tmp')) continue
    const leftover = join(folder, name)
    const { mtimeMs } = await stat(leftover)
    if (Date.now() - mtimeMs > leftoverMs) await rm(leftover, { force: true })
  }
}

/** Reads the state back; null where there is no file. Throws an Error that says why a file cannot be used. */
export async function readDisk(path: string, namespace: string): Promise<DiskState | null> {
  const packed = await readIfThere(path)
  if (packed === null) return null
  const state = await unpackState(packed, { largestBytes })
  if (state.namespace !== namespace) throw new Error(`it belongs to the namespace "${state.namespace}"`)
  return state
}

async function readIfThere(path: string): Promise<Buffer | null> {
  try {
    return await readFile(path)
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return null
    throw error
  }
}
