// Builds dist/ where it is missing or older than a source.
import { spawnSync } from 'node:child_process'
import { existsSync, readdirSync, statSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = dirname(dirname(fileURLToPath(import.meta.url)))

/** Ends the process where the build fails. */
export function ensureBuilt() {
  if (isBuilt()) return
  process.stderr.write('Building …\n')
  const build = [join(root, 'scripts', 'build.js'), '--unchecked'] // `npm test` and `npm run build` check the types.
  const built = spawnSync(process.execPath, build, { cwd: root, stdio: 'inherit' })
  if (built.status !== 0) process.exit(built.status ?? 1)
}

/** Whether dist/ is there and newer than every source. */
function isBuilt() {
  const entry = join(root, 'dist', 'index.js')
  if (!existsSync(entry)) return false
  const builtAt = statSync(entry).mtimeMs
  // The last thing that a build writes.
  if (!existsSync(join(root, 'dist', 'web', 'index.html.gz'))) return false
  const sources = ['lib', 'web'].flatMap((folder) =>
    readdirSync(join(root, folder), { recursive: true, withFileTypes: true }),
  )
  const files = sources.filter((source) => source.isFile()).map((source) => join(source.parentPath, source.name))
  return files.every((file) => statSync(file).mtimeMs <= builtAt)
}
