// Takes over changed definition files without a restart, in development.
import type { Config } from '../config/config.js'
import type { Catalog } from '../definition/catalog.js'
import { type Watching, watchDefinitions } from '../definition/watch.js'
import { errorText } from '../errors.js'
import type { Checker } from '../feature/check/check.js'
import type { FlagReplica } from '../replica/flag-content.js'
import { logFaults, logReload } from './definition-log.js'

export interface Reloaded {
  readonly config: Config
  readonly catalog: Catalog
  readonly checker: Checker
  readonly replica: FlagReplica
}

/** Null outside of development. Never rejects: what goes wrong is logged. */
export async function reloadDefinitions({ config, catalog, checker, replica }: Reloaded): Promise<Watching | null> {
  const { env, logger } = config
  if (env !== 'development') return null
  // A deployed application never writes it.
  const { refreshDeclarations } = await import('../definition/declarations/file.js')
  const refreshTypes = () => {
    // Without the flags under ee/ the file would be another one than is committed.
    if (config.foss) return
    try {
      const file = refreshDeclarations(() => catalog.all().values(), config)
      if (file !== null) logger.info({ file }, 'feature flags: the types of the flags are up to date')
    } catch (error) {
      logger.warn({ error: errorText(error) }, 'feature flags: the types of the flags are not updated')
    }
  }
  return watchDefinitions(
    catalog,
    (change) => {
      checker.definitionsChanged()
      replica.redefine()
      logReload(logger, change)
      logFaults(logger, change.faults)
      refreshTypes()
    },
    (error) => logger.warn({ error: errorText(error) }, 'feature flags: definitions are not watched'),
  )
}
