// The programs of the processes that tests start, and the library as they import it, compiled and bundled, so that they start as fast as a bundled application does:
// compiling while loading would make boots slow and single checks seem so, and to load hundreds of files takes a process half a second.
import { spawnSync } from 'node:child_process'
import { existsSync, writeFileSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { compiled } from '../support/compiled.js'
import { madeOnce, repository } from '../support/made-once.js'

const programs = {
  checker: 'test/faults/process/checker',
  serve: 'test/faults/process/serve',
  servePage: 'test/faults/process/serve-page',
  handshakes: 'test/faults/handshake-process',
  silentClients: 'test/faults/silent-clients',
  redis: 'test/cache/redis/child',
  embedded: 'test/store/embedded-child',
  library: 'lib/index',
} as const

const sources = ['lib', ...new Set(Object.values(programs).map(dirname)), 'test/support']

/** As deep below its folder as the files of lib/ are that read what lies beside them. */
const place = 'bundled/programs'

let made: string | null = null

/** The path of a compiled program. Throws where the compiler or the bundler writes nothing. */
export function compiledProgram(name: keyof typeof programs = 'checker'): string {
  made ??= make()
  return join(made, place, `${basename(programs[name])}.js`)
}

/** The folder that has them; a process asks once, because all sources are looked at. */
function make(): string {
  const modules = compiled({ config: 'test/faults/process/tsconfig.json', sources, writes: `${programs.checker}.js` })
  return madeOnce({ of: `programs in ${modules}`, sources: ['package-lock.json'] }, (folder) => bundle(modules, folder))
}

function bundle(modules: string, folder: string): void {
  writeFileSync(join(folder, 'package.json'), '{ "type": "module" }')
  const bundler = join(repository, 'node_modules/rolldown/bin/cli.mjs')
  const entries = Object.values(programs).map((program) => join(modules, `${program}.js`))
  const options = [
    '--dir',
    join(folder, place),
    '--format',
    'esm',
    '--platform',
    'node',
    '--external',
    'pg-native,vitest',
  ]
  const ran = spawnSync(process.execPath, [bundler, ...entries, ...options], { cwd: modules, encoding: 'utf8' })
  if (!existsSync(join(folder, place, 'checker.js'))) throw new Error(`not bundled: ${ran.stdout}${ran.stderr}`)
}
