// What is logged of the life of an instance: its start and its end where it is deployed, and once that flags are asked for while it is not
// started. A forgotten start() would otherwise answer defaults for ever, and nothing would show it.
import type { Config } from '../config/config.js'
import type { Catalog } from '../definition/catalog.js'
import { errorText } from '../errors.js'
import { statusOf } from '../feature/runtime.js'
import type { FlagReplica } from '../replica/flag-content.js'
import { quoted } from '../text/printable.js'

/** Why no store is read. */
export type Idle = 'never started' | 'starting' | 'start failed' | 'stopped'

const what: Readonly<Record<Idle, string>> = {
  'never started': 'but start() was never called',
  starting: 'but start() has not ended yet',
  'start failed': 'but start() has failed',
  stopped: 'but stop() was called',
}

const remedies: Readonly<Record<Idle, string>> = {
  'never started': 'await Feature.start() when the application starts',
  starting: 'await Feature.start() before the first check',
  'start failed': 'see its error, and call it again',
  stopped: 'call stop() after the last check, or start() again',
}

/** Says once for each reason that flags are asked for while no store is read. */
export class IdleReports {
  readonly #said = new Set<Idle>()

  /**
   * `hasSnapshot`: whether an earlier start has left a snapshot. Silent on a store in memory, which was chosen on purpose and
   * has nothing that a check could miss: so it is in tests. Never throws.
   */
  say(
    idle: Idle,
    flag: string | null,
    { store, logger }: Pick<Config, 'store' | 'logger'>,
    hasSnapshot: boolean,
  ): void {
    if (store.kind === 'memory' || this.#said.has(idle)) return
    // Before it logs: a logger may ask for flags itself.
    this.#said.add(idle)
    try {
      const asked = flag === null ? 'flags were asked for' : `the flag ${quoted(flag)} was asked for`
      const meanwhile = hasSnapshot
        ? 'answers come from the last snapshot, and no change is heard of'
        : 'answers come from the definitions alone, and nothing that is stored counts'
      const fields = { code: 'not_started', ...(flag === null ? {} : { flag }) }
      logger.warn(fields, `feature flags: ${asked}, ${what[idle]}: ${meanwhile}; ${remedies[idle]}`)
    } catch {
      // A check never fails, whatever the application's logger does.
    }
  }
}

/** Whether the environment is one in which people look at the log of a process: not while they develop, and not in tests. */
function isDeployed({ env }: Config): boolean {
  return env !== 'development' && env !== 'test'
}

/** One line where the instance is deployed: what it answers from. */
export function logStarted(config: Config, replica: FlagReplica, catalog: Catalog): void {
  if (!isDeployed(config)) return
  const { source, position, degraded } = statusOf({ replica, config, projectWarnings: () => [] })
  const { entries } = replica.snapshot
  let [flags, stored] = [0, 0]
  for (const flag of entries.values()) {
    flags += 1
    if (flag.stored !== null) stored += 1
  }
  const defined = catalog.all().size
  const fields = {
    environment: config.env,
    store: config.store.kind,
    source,
    degraded,
    flags,
    defined,
    stored,
    position,
  }
  tell(config, fields, 'feature flags: started')
}

/** One line where the instance is deployed. */
export function logStopped(config: Config, replica: FlagReplica): void {
  if (!isDeployed(config)) return
  const { source, position } = statusOf({ replica, config, projectWarnings: () => [] })
  tell(config, { environment: config.env, source, position }, 'feature flags: stopped')
}

/** A logger that throws must not keep an application from starting or ending. */
function tell({ logger }: Config, fields: object, message: string): void {
  try {
    logger.info(fields, message)
  } catch (error) {
    process.emitWarning(`the logger threw at "${message}": ${errorText(error)}`)
  }
}
