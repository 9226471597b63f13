// Opens feature flags for one command and closes them in every case.
import type { Config } from '../config/config.js'
import type { FeatureOptions } from '../config/options.js'
import type { Instance } from '../instance/instance.js'
import { silentLogger } from '../log.js'
import { type Cli, Interrupted } from './terminal/io.js'
import { note } from './terminal/output.js'

export interface SessionOptions {
  /** The source of the changes in the history. */
  readonly source?: 'cli' | 'console' | 'import'
  /** Behave as in the application: strict if it is, and hearing of changes at once. */
  readonly likeApplication?: boolean
  /** False: the command has nothing to do with internal flags, so their definitions are not read, and nothing is said of them. */
  readonly definitions?: boolean
  /** False: `use` runs even if the store could not be read, and finds that in `status()`. */
  readonly verified?: boolean
}

const memoryNote = 'note: the database is in memory only; what is written is gone when this command ends'

/**
 * Runs `use` with started feature flags whose answers are the store's, as of now. Throws the errors of start, StoreUnavailable
 * if the store cannot be read, and Interrupted.
 */
export async function withInstance<T>(
  cli: Cli,
  { source = 'cli', likeApplication = false, definitions = true, verified = true }: SessionOptions,
  use: (instance: Instance) => Promise<T>,
): Promise<T> {
  const { io } = cli
  const [{ commandLineAuthor, createInstance }, { isProduction }] = await Promise.all([
    import('../instance/create.js'),
    import('../config/environment-name.js'),
  ])
  const info = (_: object, message: string) => {
    if (io.stderr.isTTY) note(io, message)
  }
  const identity = { author: commandLineAuthor(), source, watch: false, storeOnly: true, progress: { info } }
  const options = await commandOptions(cli, likeApplication)
  const instance = createInstance(definitions ? options : { ...options, definitionPaths: [] }, identity)
  const { feature } = instance
  const run = async () => {
    try {
      await feature.start()
      if (verified) await feature.refresh()
      const { store, env } = instance.config
      // In production the logger has warned.
      if (store.kind === 'memory' && !isProduction(env)) note(io, memoryNote)
      return await use(instance)
    } finally {
      await feature.stop()
    }
  }
  return interruptible(cli, run, () => feature.stop())
}

/**
 * The configuration of a command. It opens nothing and logs nothing: opening logs the doubtful values. Throws
 * ConfigurationError.
 */
export async function readConfig(cli: Cli): Promise<Config> {
  const [{ resolveConfig }, { loadConfigFile }] = await Promise.all([
    import('../config/config.js'),
    import('../config/file.js'),
  ])
  const options = { ...(await commandOptions(cli, false)), logger: silentLogger }
  return resolveConfig(options, await loadConfigFile(cli.root()))
}

async function commandOptions(cli: Cli, likeApplication: boolean): Promise<FeatureOptions> {
  const { io } = cli
  // A broken definition is logged, and does not keep the user from turning another flag off. The copy on disk is never good
  // enough here.
  const brief: FeatureOptions = likeApplication ? {} : { strict: false, listen: false }
  const common: FeatureOptions = { diskFile: false, ...brief, ...io.options, root: cli.root() }
  if (io.stderr.isTTY !== true) return common
  const { terminalLogger } = await import('./terminal/log.js')
  return { logger: terminalLogger(io), ...common }
}

/** Rejects after the first SIGINT or SIGTERM, when `stop` has closed everything that `run` had opened. */
async function interruptible<T>(cli: Cli, run: () => Promise<T>, stop: () => Promise<void>): Promise<T> {
  let stopListening = () => {}
  // Connections and timers of flags do not keep a process alive; a command does, until it has closed them.
  const alive = setInterval(() => {}, 60_000)
  const interrupted = new Promise<never>((_, reject) => {
    stopListening = cli.io.onInterrupt((signal) => {
      const end = () => reject(new Interrupted(signal))
      stop().then(end, end)
    })
  })
  try {
    return await Promise.race([run(), interrupted])
  } finally {
    clearInterval(alive)
    stopListening()
  }
}
