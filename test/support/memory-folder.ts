// Where the temporary files of the tests lie: in memory, where the machine has enough of it. The tests make and remove hundreds of
// thousands of files, most of them Postgres's, and a disk's file system takes a tenth of the processor to find room for each.
import { spawnSync } from 'node:child_process'
import { chmodSync, existsSync, mkdirSync, readdirSync, rmSync, statfsSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

const memory = '/dev/shm'
const prefix = 'sluice-tests-'
/** What Linux calls the kind of file system that keeps its files in memory. */
const tmpfs = 0x01021994
/** Several times what the tests have at once; what is left to a container counts, not what the machine has. */
const enoughBytes = 4 * 2 ** 30

/** A folder for this process, removed when it ends; null where there is none, or too little room. */
export function makeMemoryFolder(): string | null {
  if (process.platform !== 'linux' || !existsSync(memory)) return null
  const { type, bsize, bavail } = statfsSync(memory)
  if (type !== tmpfs || bsize * bavail < enoughBytes || process.availableMemory() < enoughBytes) return null
  const folder = join(memory, `${prefix}${process.pid}`)
  try {
    removeForgotten()
    mkdirSync(folder)
  } catch {
    return null // Not ours to write in.
  }
  process.on('exit', () => rmSync(folder, { recursive: true, force: true }))
  // Servers that refuse to run as root reach what is theirs in it.
  chmodSync(folder, 0o711)
  if (runsPrograms(folder)) return folder
  rmSync(folder, { recursive: true })
  return null
}

/** Containers may mount it so that nothing in it can be started; tests start scripts that they have written. */
function runsPrograms(folder: string): boolean {
  const script = join(folder, 'script')
  writeFileSync(script, '#!/bin/sh\nexit 0\n', { mode: 0o700 })
  const { status } = spawnSync(script)
  rmSync(script)
  return status === 0
}

/** What processes left that were killed: memory has no other use until it is removed. */
function removeForgotten(): void {
  for (const name of readdirSync(memory)) {
    if (!name.startsWith(prefix) || existsSync(join('/proc', name.slice(prefix.length)))) continue
    rmSync(join(memory, name), { recursive: true, force: true })
  }
}
