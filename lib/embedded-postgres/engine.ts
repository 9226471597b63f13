// PGlite (Postgres compiled to WebAssembly) as an engine: messages in, answers out. Loaded only where it is used.
import { existsSync } from 'node:fs'
import { rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { errorText, StoreUnavailable } from '../errors.js'
import type { Logger } from '../log.js'
import { importNeeded, type Requirement } from '../packages.js'
import { startupMessage } from './wire-protocol.js'

/** What is installed, in versions that belong together: a data folder fits one major version of Postgres. */
export const embeddedPackages: readonly Requirement[] = [
  { name: '@electric-sql/pglite', oldest: '0.5.0', install: '@electric-sql/pglite@0.5.8' },
  {
    name: '@electric-sql/pglite-prepopulatedfs',
    oldest: '0.5.3',
    install: '@electric-sql/pglite-prepopulatedfs@0.5.8',
    // It accepts its own version of PGlite only. A project that has another one waits some seconds longer, once.
    optional: true,
  },
]

export interface Engine {
  /** The engine's answer to a client's startup; the same for all clients, so the engine is asked for it once. */
  readonly greeting: Buffer
  /** Runs one whole message; an engine that throws, or that leaves a query unanswered, stays broken. */
  run(message: Uint8Array): Promise<Buffer>
  /** Writes everything to the files and frees the memory. */
  close(): Promise<void>
}

export interface EngineOptions {
  /** The folder that holds `data`; the caller is its only owner. */
  readonly home: string
  /** Gets what a slow start is doing. */
  readonly progress: Pick<Logger, 'info'>
}

/**
 * Postgres zeroes its buffers at each start: its default of 128 MB takes as long as the rest of a start does, and stays in memory. The
 * flags of most projects fit into this; what does not is read again from files that the system has in memory.
 */
const sharedBuffers = '4MB'

/**
 * Opens the database, and makes it on first use. Throws ConfigurationError if PGlite is not installed and StoreUnavailable if
 * the data folder cannot be used.
 */
export async function openEngine({ home, progress }: EngineOptions): Promise<Engine> {
  const { PGlite, firstData } = await loadPackages()
  const data = join(home, 'data')
  const unpacking = join(home, 'unpacking')
  try {
    // The mark is older than the first file of the data folder, and is removed once the folder is whole: after a start that was
    // killed in between, the next one begins again. A temporary name would not do: PGlite opens files by path, so that renaming
    // the folder would take a second start.
    if (existsSync(unpacking)) await rm(data, { recursive: true, force: true })
    const isNew = !existsSync(data)
    progress.info({}, isNew ? 'Making the embedded Postgres (first start) …' : 'Starting the embedded Postgres …')
    if (isNew) await writeFile(unpacking, '', { mode: 0o600 })
    const loadDataDir = isNew && firstData !== undefined ? { loadDataDir: await firstData() } : {}
    const startParams = [...PGlite.defaultStartParams, '-c', `shared_buffers=${sharedBuffers}`]
    const db = await PGlite.create({ dataDir: data, startParams, extensions: { withoutTimers }, ...loadDataDir })
    await rm(unpacking, { force: true })
    const run = (message: Uint8Array) => answerOf(db, message)
    return { greeting: await run(startupMessage()), run, close: () => db.close() }
  } catch (error) {
    throw new StoreUnavailable('store_unavailable', {
      problem: `the embedded database in "${data}" cannot be opened: ${errorText(asError(error))}`,
      remedy:
        'if the disk is full, free some space; otherwise move that folder away to start with an empty one, or set DATABASE_URL',
      cause: error,
    })
  }
}

interface Wire {
  execProtocolRawStream(
    message: Uint8Array,
    options: { syncToFs: boolean; onRawData: (data: Uint8Array) => void },
  ): Promise<void>
}

async function answerOf(db: Wire, message: Uint8Array): Promise<Buffer> {
  const parts: Buffer[] = []
  // The parts are views into the engine's memory, which the next message overwrites.
  const onRawData = (data: Uint8Array) => parts.push(Buffer.from(data))
  try {
    await db.execProtocolRawStream(message, { syncToFs: false, onRawData })
  } catch (error) {
    throw asError(error)
  }
  return Buffer.concat(parts)
}

/** When Postgres exits, Emscripten throws an object that is not an Error. */
function asError(error: unknown): Error {
  return error instanceof Error ? error : new Error('PGlite has exited', { cause: error })
}

interface WasmOptions {
  instantiateWasm(imports: { readonly env: Record<string, unknown> }, done: unknown): unknown
}

/**
 * Takes the timers away from the engine, as an extension of PGlite may. Postgres' time limits there are timers of this very
 * thread. They can stop no statement, and they keep the process alive for their length. Once the timer for idle transactions
 * has fired (a breakpoint in the application is enough), PGlite loops without end at the next message.
 */
const withoutTimers = {
  name: 'without timers',
  async setup(_: unknown, options: WasmOptions) {
    const instantiateWasm: WasmOptions['instantiateWasm'] = (imports, done) => {
      imports.env['_setitimer_js'] = () => 0
      return options.instantiateWasm(imports, done)
    }
    return { emscriptenOpts: { ...options, instantiateWasm } }
  },
}

async function loadPackages() {
  const [pglite, prepopulated] = await importNeeded({
    packages: embeddedPackages,
    subject: 'the embedded database',
    otherwise: 'or set DATABASE_URL',
  })
  const { PGlite } = pglite as typeof import('@electric-sql/pglite')
  const { dataDir } = (prepopulated ?? {}) as Partial<typeof import('@electric-sql/pglite-prepopulatedfs')>
  return { PGlite, firstData: dataDir }
}
