// What tests run compiled.
import { spawnSync } from 'node:child_process'
import { existsSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { madeOnce, repository } from './made-once.js'

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

/** The folder with what the compiler has written, for reading only. Throws where the compiler does not write what it should. */
export function compiled(compilation: Compilation): string {
  const sources = [...compilation.sources, compilation.config, 'tsconfig.json', 'package-lock.json']
  return madeOnce({ of: JSON.stringify(compilation), sources }, (folder) => compile(compilation, folder))
}

function compile(compilation: Compilation, folder: string): void {
  writeFileSync(join(folder, 'package.json'), '{ "type": "module" }')
  const compiler = join(repository, 'node_modules', 'typescript', 'bin', 'tsc')
  // `npm run types` checks the same sources; to check them here, too, takes three times as long as to write them.
  const options = ['-p', join(repository, compilation.config), '--outDir', folder, '--noCheck']
  const ran = spawnSync(process.execPath, [compiler, ...options, ...(compilation.arguments ?? [])], {
    encoding: 'utf8',
  })
  if (!existsSync(join(folder, compilation.writes))) throw new Error(`not compiled: ${ran.stdout}${ran.stderr}`)
}
