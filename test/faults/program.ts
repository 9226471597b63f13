// Compiles the programs of the processes that tests start, so that they run plain JavaScript, as an installed package does:
// compiling while loading would make boots slow and single checks seem so.
import { spawnSync } from 'node:child_process'
import { createHash, randomUUID } from 'node:crypto'
import { existsSync, mkdirSync, readdirSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'

const root = join(import.meta.dirname, '../..')
/** Inside node_modules, so that the packages are found from there and no other tool looks at it. */
const cache = join(root, 'node_modules', '.cache', 'sluice-faults')
const programs = {
  checker: 'test/faults/process/checker',
  serve: 'test/faults/process/serve',
  handshakes: 'test/faults/handshake-process',
  silentClients: 'test/faults/silent-clients',
  redis: 'test/cache/redis/child',
  embedded: 'test/store/embedded-child',
} as const
const dayMs = 24 * 60 * 60_000

/** The path of a compiled program. Throws where the compiler writes nothing. */
export function compiledProgram(name: keyof typeof programs = 'checker'): string {
  const folder = join(cache, fingerprint())
  const path = join(folder, `${programs[name]}.js`)
  if (existsSync(path)) return path
  removeOld()
  const temporary = join(cache, `${randomUUID()}.tmp`)
  mkdirSync(temporary, { recursive: true })
  writeFileSync(join(temporary, 'package.json'), '{ "type": "module" }')
  const compiler = join(root, 'node_modules', 'typescript', 'bin', 'tsc')
  const config = join(import.meta.dirname, 'process', 'tsconfig.json')
  const compiled = spawnSync(process.execPath, [compiler, '-p', config, '--outDir', temporary], { encoding: 'utf8' })
  if (!existsSync(join(temporary, `${programs[name]}.js`))) throw new Error(`${compiled.stdout}${compiled.stderr}`)
  try {
    renameSync(temporary, folder)
  } catch {
    rmSync(temporary, { recursive: true, force: true }) // Another test file was quicker.
  }
  return path
}

/** Changes with every edit of a source file. */
function fingerprint(): string {
  const hash = createHash('sha256')
  for (const folder of ['lib', ...new Set(Object.values(programs).map(dirname)), 'test/support']) {
    for (const file of readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' }).sort()) {
      if (/\.(ts|sql)$/.test(file)) hash.update(`${file} ${statSync(join(root, folder, file)).mtimeMs}\n`)
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
