// Runs the server until it is told to stop: start, listen, print the startup message, wait for a signal, finish, close.
import { hostname } from 'node:os'
import type { FastifyInstance } from 'fastify'
import type { FeatureOptions } from '../config/options.js'
import { errorText } from '../errors.js'
import { defaultLogger, type Logger } from '../log.js'
import { importNeeded, type Requirement } from '../packages.js'
import { printable } from '../text/printable.js'
import { holding } from '../time/hold.js'
import { createInstance } from '../instance/create.js'
import { requireCodeGeneration } from './code-generation.js'
import { fewFilesNote } from './file-limit.js'
import { choosePort, listen, takenNote } from './port.js'
import { shellNote, startupMessage } from './startup-message.js'
import { readBuiltPage } from './web/built-files.js'

export interface ServeOptions {
  /** Default: 127.0.0.1, so that no other machine can ask before the operator allows it. */
  readonly host?: string
  /** Default: `PORT`, otherwise 4242 or the next free one; 0 for any free one. */
  readonly port?: number
  readonly root?: string
  readonly logger?: Logger
}

/** Requests under way have this long to end before their connections are cut. */
const patienceMs = 3_000
const sweepMs = 50
/** The whole end has this long: a process manager that stops a server kills it soon afterwards. */
const deadlineMs = 4_500

/**
 * Serves the HTTP API until SIGINT or SIGTERM, then finishes the requests under way and closes. Throws ConfigurationError for
 * wrong options, a wrong configuration or a wrong address.
 */
export function serve(options: ServeOptions = {}): Promise<void> {
  // Before it listens, and after it has stopped listening, there may be no connection for a while that would keep the process alive.
  return holding(run(options))
}

async function run({ host = '127.0.0.1', ...options }: ServeOptions): Promise<void> {
  const port = choosePort(options.port, process.env)
  requireCodeGeneration()
  const buildApp = await loadApp()
  const instance = createInstance(featureOptions(options), {
    author: `code:${hostname()}`,
    source: 'http',
    watch: true,
    listen: true,
    recordsUntracked: true,
    progress: { info: (_, message) => tell(message) },
  })
  const { feature } = instance
  try {
    await feature.start()
    // After a start from Redis or disk, only the first poll would ask the database, and readiness waits for it.
    void feature.refresh().catch(() => {
      // The replica logs it and tries again.
    })
    const page = await readBuiltPage()
    const app = await buildApp({ instance, logger: instance.config.logger, page })
    try {
      const url = await listen(app, host, port)
      const stopped = nextSignal()
      const taken = takenNote(port, url)
      if (taken !== null) tell(taken)
      const terminal = process.stdout.isTTY === true
      const around = { cwd: process.cwd(), env: process.env, terminal, hasPage: page !== null }
      for (const line of await startupMessage(instance, url, around)) process.stdout.write(`${printable(line)}\n`)
      const note = shellNote(around)
      if (note !== null) tell(note)
      if (page === null)
        tell('there is no page for the browser here, the HTTP API works without it; "npm run build" makes it')
      // At home there are few connections, and the default limits are for many.
      const few = instance.config.env === 'production' ? await fewFilesNote(instance.config.server.connections) : null
      if (few !== null) tell(few)
      if (!isLoopback(host)) tell(`${url} can be reached from other machines: put TLS in front, tokens travel in clear`)
      await stopped
      tell('stopping')
      exitLater()
    } finally {
      await closeApp(app)
    }
  } finally {
    await feature.stop()
  }
}

function featureOptions({ root, logger }: ServeOptions): FeatureOptions {
  // A person at a terminal wants to see problems, not every request.
  const quiet = process.stderr.isTTY === true && !process.env['FEATURE_LOG_LEVEL'] ? defaultLogger('warn') : undefined
  const chosen = logger ?? quiet
  return { ...(root === undefined ? {} : { root }), ...(chosen === undefined ? {} : { logger: chosen }) }
}

/** Only this command needs them. The oldest versions are those that have what the server uses: test/server/serve.test.ts. */
export const serverPackages: readonly Requirement[] = [
  { name: 'fastify', oldest: '5.5.0', install: 'fastify@5' },
  { name: '@fastify/formbody', oldest: '8.0.0', install: '@fastify/formbody@9' },
  { name: '@fastify/rate-limit', oldest: '11.2.0', install: '@fastify/rate-limit@11' },
  { name: '@fastify/swagger', oldest: '9.4.0', install: '@fastify/swagger@9' },
]

async function loadApp() {
  const otherwise = 'in a folder of its own if the application needs the versions that it has'
  await importNeeded({ packages: serverPackages, subject: 'the HTTP server', otherwise })
  return (await import('./app.js')).buildApp
}

/** Resolves at the first SIGINT or SIGTERM. Later ones are ignored: npm passes on a signal that this process already had. */
function nextSignal(): Promise<void> {
  return new Promise((resolve) => {
    process.on('SIGINT', () => resolve())
    process.on('SIGTERM', () => resolve())
  })
}

async function closeApp(app: FastifyInstance): Promise<void> {
  const cut = setTimeout(() => app.server.closeAllConnections(), patienceMs)
  // Closing ends only the connections that are idle at that moment; one whose answer comes later stays open for the next.
  const sweep = setInterval(() => app.server.closeIdleConnections(), sweepMs)
  try {
    await app.close()
  } finally {
    clearTimeout(cut)
    clearInterval(sweep)
  }
}

/** A database that hangs must not keep the process alive; answered changes are stored by then. */
function exitLater(): void {
  setTimeout(() => {
    tell('something did not close in time; leaving it')
    process.exit(0)
  }, deadlineMs).unref()
}

function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || /^127\./.test(host)
}

function tell(message: string): void {
  process.stderr.write(`${errorText(message)}\n`)
}
