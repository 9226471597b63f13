// npm start, and the signals that end it.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { expect, it, onTestFinished } from 'vitest'
import { makeRoot } from '../support/project.js'

const { scripts } = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8'))

/** In the place of the server: says that it runs, and which signal came. */
const standIn = `
  for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => { console.log('got ' + signal); process.exit(0) })
  setTimeout(() => process.exit(9), 20_000)
  console.log('running ' + process.pid)
`

it.each(['SIGINT', 'SIGTERM'] as const)('a %s to npm start ends what it started', async (signal) => {
  const root = makeRoot({
    'package.json': JSON.stringify({ private: true, type: 'module', scripts: { start: scripts.start } }),
    'scripts/start.js': standIn,
  })
  const npm = spawn('npm', ['start'], { cwd: root, stdio: ['ignore', 'pipe', 'ignore'] })
  let shown = ''
  npm.stdout.setEncoding('utf8').on('data', (text: string) => {
    shown += text
  })
  while (!shown.includes('running')) await once(npm.stdout, 'data')
  const pid = Number(/running (\d+)/.exec(shown)?.[1])
  onTestFinished(() => {
    try {
      process.kill(pid, 'SIGKILL')
    } catch {
      // It has ended, as it should.
    }
  })
  npm.kill(signal)
  await expect.poll(() => shown, { timeout: 10_000 }).toContain(`got ${signal}`)
})
