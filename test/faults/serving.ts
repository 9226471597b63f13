// `serve` as a process of its own on a port that it keeps, so that its clients find it again after it was killed and started anew.
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { type IncomingHttpHeaders, type IncomingMessage, request } from 'node:http'
import { makeFolder } from '../support/project.js'
import { freePort } from '../support/service-process.js'
import { compiledProgram } from './program.js'

export interface Answer {
  readonly status: number
  readonly headers: IncomingHttpHeaders
  readonly body: string
}

export interface Asking {
  readonly method?: string
  readonly headers?: Readonly<Record<string, string>>
  /** Sent as JSON. */
  readonly body?: unknown
}

export interface ServingOptions {
  readonly env: Readonly<Record<string, string>>
  /** The keys of the configuration file. */
  readonly config?: Readonly<Record<string, unknown>>
  /** The folder of the built page; without it, none is served. */
  readonly page?: string
  /** The definitions of flags, by their path; default: none. */
  readonly files?: Readonly<Record<string, string>>
}

/** What is sent in these tests comes from one address and one token. */
const limits = {
  requestsPerMinute: 1_000_000,
  changesPerMinute: 1_000_000,
  pollsPerMinute: 1_000_000,
  reportsPerMinute: 1_000_000,
  wrongInstanceIdsPerMinute: 1_000_000,
}

export class Serving {
  readonly port: number
  readonly root: string
  readonly #env: Readonly<Record<string, string>>
  readonly #page: string | undefined
  #child: ChildProcess | null = null
  #stderr = ''

  private constructor(port: number, root: string, { env, page }: ServingOptions) {
    this.port = port
    this.root = root
    this.#env = env
    this.#page = page
  }

  /** Starts one in a folder of its own, and waits until it listens. */
  static async start(options: ServingOptions): Promise<Serving> {
    const { config = {}, files = {} } = options
    const root = makeFolder({ ...files, 'feature.config.json': JSON.stringify({ ...config, server: limits }) })
    const serving = new Serving(await freePort(), root, options)
    await serving.restart()
    return serving
  }

  /** All that it has written to stderr since its first start. */
  get log(): string {
    return this.#stderr
  }

  /** Starts it again, in the same folder and on the same port. */
  async restart(): Promise<void> {
    await this.kill()
    const program =
      this.#page === undefined
        ? [compiledProgram('serve'), this.root]
        : [compiledProgram('servePage'), this.root, this.#page]
    const child = spawn(process.execPath, program, {
      env: {
        PATH: process.env['PATH'],
        FEATURE_ENV: 'test',
        FEATURE_LOG_LEVEL: 'warn',
        PORT: String(this.port),
        ...this.#env,
      },
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    this.#child = child
    let stdout = ''
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      stdout += text
    })
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      this.#stderr += text
    })
    while (!stdout.includes('listening on')) {
      if (child.exitCode !== null) throw new Error(`the server ended with ${child.exitCode}: ${this.#stderr}`)
      await Promise.race([once(child.stdout, 'data'), once(child, 'close')])
    }
  }

  /** Asks it to end, and gives its exit code. */
  async stop(): Promise<number | null> {
    const child = this.#child
    if (child === null || child.exitCode !== null) return child?.exitCode ?? null
    const gone = once(child, 'close')
    child.kill('SIGTERM')
    await gone
    return child.exitCode
  }

  /** kill -9. */
  async kill(): Promise<void> {
    const child = this.#child
    if (child === null || child.exitCode !== null || child.signalCode !== null) return
    const gone = once(child, 'close')
    child.kill('SIGKILL')
    await gone
  }

  /** The answer over a connection of its own; null if the connection was refused or lost. */
  ask(path: string, asking: Asking = {}): Promise<Answer | null> {
    return new Promise((resolve) => {
      const answered = (response: IncomingMessage) => {
        let body = ''
        response.setEncoding('utf8')
        response.on('data', (text: string) => {
          body += text
        })
        response.on('end', () => resolve({ status: response.statusCode ?? 0, headers: response.headers, body }))
        response.on('error', () => resolve(null))
      }
      const json = asking.body === undefined ? undefined : JSON.stringify(asking.body)
      // Node tells no length of the body of a DELETE by itself.
      const length = json === undefined ? {} : { 'content-length': Buffer.byteLength(json) }
      const type = json === undefined ? {} : { 'content-type': 'application/json' }
      const headers = { ...type, ...length, ...asking.headers }
      request({ port: this.port, path, method: asking.method ?? 'GET', headers, agent: false }, answered)
        .on('error', () => resolve(null))
        .end(json)
    })
  }
}
