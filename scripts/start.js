// `npm start`: installs and builds what is missing or older than its sources, then runs the server. Works offline once installed.
// package.json starts it with `exec`: npm signals the shell, and a shell in between ends or ignores that without telling us.
import { spawn } from 'node:child_process'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { ensureBuilt } from './built.js'
import { installPackages } from './install.js'

const root = dirname(dirname(fileURLToPath(import.meta.url)))

installPackages()
ensureBuilt()

const server = spawn(process.execPath, [join(root, 'bin', 'feature-flag'), 'serve', ...process.argv.slice(2)], {
  cwd: root,
  stdio: 'inherit',
})
for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => server.kill(signal))
server.on('exit', (code, signal) => process.exit(code ?? (signal === null ? 1 : 0)))
