// `npm run types`: checks the types of every part, two parts at a time, as many as a small machine has processors. Each has one checker:
// several would each work out the types that all of them need.
import { spawn } from 'node:child_process'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = dirname(dirname(fileURLToPath(import.meta.url)))
const tsc = [join('node_modules', 'typescript', 'bin', 'tsc'), '--noEmit', '--checkers', '1']

/** The longest first, so that no part is left over at the end. */
const waiting = [
  [join('scripts', 'types-web.cjs')],
  tsc,
  [...tsc, '-p', join('test', 'web')],
  [...tsc, '-p', 'bench'],
  [...tsc, '-p', 'demo'],
]

async function checkNext() {
  const next = waiting.shift()
  if (next === undefined) return true
  const isRight = await check(next)
  // What another part has is told too.
  return (await checkNext()) && isRight
}

function check(command) {
  const child = spawn(process.execPath, command, { cwd: root, stdio: 'inherit' })
  return new Promise((resolve) => child.on('close', (code) => resolve(code === 0)))
}

const found = await Promise.all([checkNext(), checkNext()])
process.exitCode = found.every(Boolean) ? 0 : 1
