// One private server process in its own temporary folder: started, waited for, and gone with all its files afterwards,
// also when the test process is interrupted.
import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { chownSync, mkdtempSync, rmSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

export interface Account {
  readonly uid: number
  readonly gid: number
}

/** PostgreSQL and PgBouncer refuse to run as root: then they run as this account. */
export function unprivilegedAccount(): Account | null {
  if (process.getuid?.() !== 0) return null
  for (const name of ['postgres', 'nobody']) {
    try {
      const id = (option: string) => Number(execFileSync('id', [option, name], { encoding: 'utf8' }))
      return { uid: id('-u'), gid: id('-g') }
    } catch {
      // No such account here: try the next.
    }
  }
  throw new Error('PostgreSQL does not run as root, and neither "postgres" nor "nobody" is an account here')
}

export function temporaryFolder(name: string, account: Account | null): string {
  const folder = mkdtempSync(join(tmpdir(), `sluice-${name}-`))
  if (account !== null) chownSync(folder, account.uid, account.gid)
  return folder
}

export async function freePort(): Promise<number> {
  const server = createServer()
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done))
  const address = server.address()
  await new Promise((done) => server.close(done))
  if (address === null || typeof address === 'string') throw new Error('no TCP port was given')
  return address.port
}

const running = new Set<ServiceProcess>()
let guarded = false

/** Whatever ends this process, its servers end with it. */
function guardExit(): void {
  if (guarded) return
  guarded = true
  process.on('exit', () => {
    for (const service of running) service.killNow()
  })
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    process.once(signal, () => {
      for (const service of running) service.killNow()
      process.kill(process.pid, signal)
    })
  }
}

export interface ServiceOptions {
  readonly command: string
  readonly arguments: readonly string[]
  readonly folder: string
  readonly account?: Account | null
  /** The signal that ends it at once. */
  readonly stopSignal: NodeJS.Signals
  /** Resolves true as soon as the server answers. */
  readonly ready: () => Promise<boolean>
}

export class ServiceProcess {
  readonly pid: number
  readonly folder: string
  readonly #child: ChildProcess
  readonly #stopSignal: NodeJS.Signals
  #output = ''

  private constructor(options: ServiceOptions) {
    this.folder = options.folder
    this.#stopSignal = options.stopSignal
    this.#child = spawn(options.command, options.arguments, {
      cwd: options.folder,
      stdio: ['ignore', 'pipe', 'pipe'],
      ...(options.account ?? {}),
    })
    this.pid = this.#child.pid ?? 0
    const keep = (text: Buffer) => {
      this.#output = (this.#output + text).slice(-4_000)
    }
    this.#child.stdout?.on('data', keep)
    this.#child.stderr?.on('data', keep)
    this.#child.on('error', (error) => keep(Buffer.from(String(error))))
    this.#child.unref()
  }

  /** Starts the server and waits until it answers. Throws with its output where it does not within 30 s. */
  static async start(options: ServiceOptions): Promise<ServiceProcess> {
    guardExit()
    const service = new ServiceProcess(options)
    running.add(service)
    const deadline = Date.now() + 30_000
    while (Date.now() < deadline && service.#child.exitCode === null) {
      if (await options.ready().catch(() => false)) return service
      await new Promise((done) => setTimeout(done, 20))
    }
    const output = service.#output
    await service.stop()
    throw new Error(`"${options.command}" did not start; it wrote:\n${output}`)
  }

  signal(signal: NodeJS.Signals): void {
    this.#child.kill(signal)
  }

  /** Kills the process without a farewell and waits until it is gone; its files stay. */
  async kill(): Promise<void> {
    await this.#end('SIGKILL')
  }

  async stop(): Promise<void> {
    await this.#end(this.#stopSignal)
    running.delete(this)
    rmSync(this.folder, { recursive: true, force: true })
  }

  killNow(): void {
    running.delete(this)
    this.#child.kill(this.#stopSignal)
    rmSync(this.folder, { recursive: true, force: true, maxRetries: 20, retryDelay: 20 })
  }

  async #end(signal: NodeJS.Signals): Promise<void> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null || this.#child.pid === undefined) return
    const gone = new Promise((done) => this.#child.once('exit', done))
    this.#child.ref() // Otherwise this process could end first, and leave the folder behind.
    this.#child.kill('SIGCONT') // A frozen process would keep the signal for later.
    this.#child.kill(signal)
    await gone
  }
}
