// The page in the browser as `npm run build` makes it.
import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { madeOnce, repository } from './made-once.js'

/** The folder of the built page, for reading only. Throws where it cannot be built. */
export function builtPage(): string {
  const sources = ['web', 'scripts/build-web.js', 'package-lock.json']
  return madeOnce({ of: 'the page', sources }, (folder) => {
    const script = join(repository, 'scripts', 'build-web.js')
    const built = spawnSync(process.execPath, [script, folder], { cwd: repository, encoding: 'utf8' })
    if (!existsSync(join(folder, 'index.html.gz'))) throw new Error(`not built: ${built.stdout}${built.stderr}`)
  })
}
