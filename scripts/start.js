// `npm start`: installs and builds what is missing or older than its sources, then runs the server. Works offline once installed.
import { spawn, spawnSync } from 'node:child_process'
import { existsSync, readdirSync, statSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { installPackages } from './install.js'

const root = dirname(dirname(fileURLToPath(import.meta.url)))

installPackages()
if (!isBuilt()) {
  process.stderr.write('Building …\n')
  const built = spawnSync(process.execPath, [join(root, 'scripts', 'build.js')], { cwd: root, stdio: 'inherit' })
  if (built.status !== 0) process.exit(built.status ?? 1)
}

const server = spawn(process.execPath, [join(root, 'bin', 'feature-flag'), 'serve', ...process.argv.slice(2)], {
  cwd: root,
  stdio: 'inherit',
})
for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => server.kill(signal))
server.on('exit', (code, signal) => process.exit(code ?? (signal === null ? 1 : 0)))

/** Whether dist/ is there and newer than every source. */
function isBuilt() {
  const entry = join(root, 'dist', 'index.js')
  if (!existsSync(entry)) return false
  const builtAt = statSync(entry).mtimeMs
  const sources = readdirSync(join(root, 'lib'), { recursive: true, withFileTypes: true })
  const files = sources.filter((source) => source.isFile()).map((source) => join(source.parentPath, source.name))
  return files.every((file) => statSync(file).mtimeMs <= builtAt)
}
