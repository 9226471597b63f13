// What is made of the sources for tests: once for all test files of a run, and kept for the next run until a source changes.
import { createHash, randomUUID } from 'node:crypto'
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

export const repository = join(import.meta.dirname, '../..')
/** Inside node_modules, so that the packages are found from there and no other tool looks at it. */
const cache = join(repository, 'node_modules', '.cache', 'sluice-tests')
const dayMs = 24 * 60 * 60_000
/** How long another process is waited for that makes the same; past this it hangs. */
const patienceMs = 5 * 60_000

export interface Making {
  /** What is made; another text is another folder. */
  readonly of: string
  /** Files, and folders with all that is below them, from the root of the repository: an edit of any makes it anew. */
  readonly sources: readonly string[]
}

/** The folder with what `make` has written, for reading only. Throws what `make` throws, and keeps nothing then. */
export function madeOnce(making: Making, make: (folder: string) => void): string {
  const folder = join(cache, fingerprint(making))
  if (existsSync(folder)) return folder
  mkdirSync(cache, { recursive: true })
  const turn = `${folder}.turn`
  if (!takeTurn(turn, () => existsSync(folder))) return folder
  const temporary = join(cache, `${randomUUID()}.tmp`)
  try {
    removeOld()
    mkdirSync(temporary)
    make(temporary)
    renameSync(temporary, folder)
  } catch (error) {
    rmSync(temporary, { recursive: true, force: true })
    if (!existsSync(folder)) throw error // Otherwise another test file was quicker.
  } finally {
    rmSync(turn, { force: true })
  }
  return folder
}

/**
 * Test files that begin at the same moment would each compile the same: one does, and the others wait. False where what is waited for is
 * there. A process that was killed, or hangs, gives its turn away.
 */
function takeTurn(turn: string, isMade: () => boolean): boolean {
  let waitedMs = 0
  while (!isMade()) {
    try {
      writeFileSync(turn, String(process.pid), { flag: 'wx' })
      return true
    } catch (error) {
      if (codeOf(error) !== 'EEXIST') throw error
    }
    if (waitedMs > patienceMs || isLeft(turn)) {
      rmSync(turn, { force: true })
      waitedMs = 0
    }
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, stepMs)
    waitedMs += stepMs
  }
  return false
}

const stepMs = 50

/** Whether the process whose turn it is has ended. */
function isLeft(turn: string): boolean {
  try {
    const pid = Number(readFileSync(turn, 'utf8'))
    // Empty for a moment, while it is written.
    if (pid > 0) process.kill(pid, 0)
    return false
  } catch (error) {
    return codeOf(error) === 'ESRCH'
  }
}

function codeOf(error: unknown): unknown {
  return error instanceof Error && 'code' in error ? error.code : null
}

/** Changes with every edit of a source file, and of how they are made. */
function fingerprint({ of, sources }: Making): string {
  const hash = createHash('sha256').update(of)
  for (const path of sources.flatMap(filesOf)) {
    const { mtimeMs, size } = statSync(join(repository, path))
    hash.update(`${path} ${mtimeMs} ${size}\n`)
  }
  return hash.digest('hex').slice(0, 16)
}

function filesOf(source: string): string[] {
  const path = join(repository, source)
  if (!statSync(path).isDirectory()) return [source]
  const files = readdirSync(path, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile())
  return files.map(({ name, parentPath }) => join(source, parentPath.slice(path.length), name)).sort()
}

function removeOld(): void {
  if (!existsSync(cache)) return
  for (const name of readdirSync(cache)) {
    const path = join(cache, name)
    if (Date.now() - (statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? 0) > dayMs)
      rmSync(path, { recursive: true, force: true })
  }
}
