// What tests run compiled: compiled once for all test files of a run, and kept for the next run until a source changes.
import { spawnSync } from 'node:child_process'
import { createHash, randomUUID } from 'node:crypto'
import { existsSync, mkdirSync, readdirSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

const root = join(import.meta.dirname, '../..')
/** Inside node_modules, so that the packages are found from there and no other tool looks at it. */
const cache = join(root, 'node_modules', '.cache', 'sluice-tests')
const dayMs = 24 * 60 * 60_000

export interface Compilation {
  /** The file that says how, from the root of the repository. */
  readonly config: string
  /** The folders whose files go into it, from the root of the repository. */
  readonly sources: readonly string[]
  /** More of the compiler's arguments. */
  readonly arguments?: readonly string[]
  /** A file that it writes, from the folder it writes into. */
  readonly writes: string
}

/** The folder with what the compiler has written, for reading only. Throws where it does not write what it should. */
export function compiled(compilation: Compilation): string {
  const folder = join(cache, fingerprint(compilation))
  if (existsSync(folder)) return folder
  removeOld()
  const temporary = join(cache, `${randomUUID()}.tmp`)
  mkdirSync(temporary, { recursive: true })
  writeFileSync(join(temporary, 'package.json'), '{ "type": "module" }')
  const compiler = join(root, 'node_modules', 'typescript', 'bin', 'tsc')
  // `npm run types` checks the same sources; to check them here, too, takes three times as long as to write them.
  const options = ['-p', join(root, compilation.config), '--outDir', temporary, '--noCheck']
  const ran = spawnSync(process.execPath, [compiler, ...options, ...(compilation.arguments ?? [])], {
    encoding: 'utf8',
  })
  if (!existsSync(join(temporary, compilation.writes))) throw new Error(`not compiled: ${ran.stdout}${ran.stderr}`)
  try {
    renameSync(temporary, folder)
  } catch {
    rmSync(temporary, { recursive: true, force: true }) // Another test file was quicker.
  }
  return folder
}

/** Changes with every edit of a source file, and of how they are compiled. */
function fingerprint(compilation: Compilation): string {
  const hash = createHash('sha256').update(JSON.stringify(compilation))
  const note = (path: string) => {
    const { mtimeMs, size } = statSync(join(root, path))
    hash.update(`${path} ${mtimeMs} ${size}\n`)
  }
  for (const file of ['tsconfig.json', compilation.config, 'package-lock.json']) note(file)
  for (const folder of compilation.sources) {
    for (const file of readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' }).sort()) {
      if (/\.(ts|sql)$/.test(file)) note(join(folder, file))
    }
  }
  return hash.digest('hex').slice(0, 16)
}

function removeOld(): void {
  if (!existsSync(cache)) return
  for (const name of readdirSync(cache)) {
    const path = join(cache, name)
    if (Date.now() - (statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? 0) > dayMs)
      rmSync(path, { recursive: true, force: true })
  }
}
