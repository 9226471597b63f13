// The server as a process of its own, as `bin/feature-flag serve` runs it.
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { compiledProgram } from '../faults/program.js'

export interface Served {
  readonly process: ChildProcess
  readonly url: string
  readonly token: string
  readonly lines: readonly string[]
  readonly stderr: () => string
}

/** `serve` as a process of its own, compiled from source; resolves when it listens. The caller ends it. */
export async function startServed(root: string, env: Readonly<Record<string, string>> = {}): Promise<Served> {
  const child = spawn(process.execPath, [compiledProgram('serve'), root], {
    env: { PATH: process.env['PATH'], FEATURE_ENV: 'test', PORT: '0', ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let stdout = ''
  let stderr = ''
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    stdout += text
  })
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    stderr += text
  })
  // Its own last line: with a database that is not its own the server makes no token.
  const last = env['DATABASE_URL'] === undefined ? /^Console/m : /^Sluice is listening on .*\n/m
  while (!last.test(stdout)) {
    if (child.exitCode !== null) throw new Error(`the server ended with ${child.exitCode}: ${stderr}`)
    await Promise.race([once(child.stdout, 'data'), once(child, 'close')])
  }
  const lines = stdout.trim().split('\n')
  const after = (start: string) => lines.find((line) => line.startsWith(start))?.slice(start.length) ?? ''
  const url = after('Sluice is listening on ')
  return { process: child, url, token: after('Admin token: '), lines, stderr: () => stderr }
}
