// The programs of the processes that tests start, compiled, so that they run plain JavaScript, as an installed package does:
// compiling while loading would make boots slow and single checks seem so.
import { dirname, join } from 'node:path'
import { compiled } from '../support/compiled.js'

const programs = {
  checker: 'test/faults/process/checker',
  serve: 'test/faults/process/serve',
  handshakes: 'test/faults/handshake-process',
  silentClients: 'test/faults/silent-clients',
  redis: 'test/cache/redis/child',
  embedded: 'test/store/embedded-child',
} as const

/** The path of a compiled program. Throws where the compiler writes nothing. */
export function compiledProgram(name: keyof typeof programs = 'checker'): string {
  const folder = compiled({
    config: 'test/faults/process/tsconfig.json',
    sources: ['lib', ...new Set(Object.values(programs).map(dirname)), 'test/support'],
    writes: `${programs.checker}.js`,
  })
  return join(folder, `${programs[name]}.js`)
}
