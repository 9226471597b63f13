// What is made of the sources for tests: once for all test files of a run, and kept for the next run until a source changes.
import { createHash, randomUUID } from 'node:crypto'
import { existsSync, mkdirSync, readdirSync, renameSync, rmSync, statSync } from 'node:fs'
import { join } from 'node:path'

export const repository = join(import.meta.dirname, '../..')
/** Inside node_modules, so that the packages are found from there and no other tool looks at it. */
const cache = join(repository, 'node_modules', '.cache', 'sluice-tests')
const dayMs = 24 * 60 * 60_000

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
  removeOld()
  const temporary = join(cache, `${randomUUID()}.tmp`)
  mkdirSync(temporary, { recursive: true })
  make(temporary)
  try {
    renameSync(temporary, folder)
  } catch {
    rmSync(temporary, { recursive: true, force: true }) // Another test file was quicker.
  }
  return folder
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
