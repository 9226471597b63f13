// `bin/feature-flag serve` as a process of its own, on a free port: what a client can do to it shows in its memory and its answers.
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, readFileSync } from 'node:fs'
import { request } from 'node:http'
import { compiledProgram } from './program.js'

export interface Probe {
  /** What liveness answered; null where it did not. */
  readonly status: number | null
  readonly ms: number
}

export class ServerProcess {
  readonly port: number
  readonly #child: ChildProcess

  private constructor(child: ChildProcess, port: number) {
    this.#child = child
    this.port = port
  }

  /** Starts it with a heap of this many megabytes, and waits until it listens. */
  static async start(root: string, heapMb: number): Promise<ServerProcess> {
    const child = spawn(process.execPath, [`--max-old-space-size=${heapMb}`, compiledProgram('serve'), root], {
      env: { PATH: process.env['PATH'], FEATURE_ENV: 'test', PORT: '0', FEATURE_LOG_LEVEL: 'error' },
      stdio: ['ignore', 'pipe', 'ignore'],
    })
    let text = ''
    child.stdout.setEncoding('utf8').on('data', (part: string) => {
      text += part
    })
    for (;;) {
      const url = /^Sluice is listening on (\S+)$/m.exec(text)?.[1]
      if (url !== undefined) return new ServerProcess(child, Number(new URL(url).port))
      if (child.exitCode !== null) throw new Error(`the server ended with ${child.exitCode}`)
      await Promise.race([once(child.stdout, 'data'), once(child, 'exit')])
    }
  }

  get isAlive(): boolean {
    return this.#child.exitCode === null && this.#child.signalCode === null
  }

  /** Resident memory in megabytes; null where the system does not tell. */
  memoryMb(): number | null {
    const path = `/proc/${this.#child.pid}/status`
    if (!existsSync(path)) return null
    const kilobytes = /^VmRSS:\s+(\d+)/m.exec(readFileSync(path, 'utf8'))?.[1]
    return kilobytes === undefined ? null : Number(kilobytes) / 1_024
  }

  /** Asks for liveness on a connection of its own, as an orchestrator does. */
  probe(): Promise<Probe> {
    const start = performance.now()
    return new Promise((resolve) => {
      const end = (status: number | null) => resolve({ status, ms: performance.now() - start })
      request({ port: this.port, path: '/-/liveness', agent: false }, (response) => {
        response.resume().on('end', () => end(response.statusCode ?? null))
      })
        .on('error', () => end(null))
        .end()
    })
  }

  async kill(): Promise<void> {
    if (!this.isAlive) return
    const gone = once(this.#child, 'exit')
    this.#child.kill('SIGKILL')
    await gone
  }
}
