// What is logged of definition files: every fault once, and what a reload changed. Bounded, as there may be ten thousand files.
import type { Catalog, CatalogChange } from '../definition/catalog.js'
import type { Fault } from '../definition/fault.js'
import type { Logger } from '../log.js'
import { programName } from '../text/program-name.js'

const mostFaults = 100
const mostNames = 10

/** Logs each fault as an error: first what keeps flags from being defined, then what is wrong with definitions that are used all the same. */
export function logFaults(logger: Logger, faults: readonly Fault[]): void {
  const isError = ({ severity }: Fault) => severity === 'error'
  const sorted = [...faults.filter(isError), ...faults.filter((fault) => !isError(fault))]
  for (const fault of sorted.slice(0, mostFaults)) {
    const works = isError(fault) ? '' : ' (the flag works all the same)'
    logger.error({ file: fault.file, field: fault.field }, `${fault.message}${works}`)
  }
  const more = sorted.length - mostFaults
  if (more <= 0) return
  logger.error({ more }, `feature flags: ${more} more faults in definition files; ${programName()} validate shows all`)
}

/** Logs what is wrong with the definitions that a start has loaded, that there are none included, unless none were to be loaded. */
export function logLoaded(logger: Logger, catalog: Catalog): void {
  const { faults, folders, options } = catalog
  logFaults(logger, faults)
  if (catalog.all().size > 0 || faults.length > 0 || folders.length === 0) return
  const message = 'feature flags: no definition files were found; is the working directory (or `root`) right?'
  logger.warn({ root: options.root }, message)
}

/** Logs which definitions a reload changed, the first of them by name. */
export function logReload(logger: Logger, { added, updated, removed }: CatalogChange): void {
  const lists = { added, updated, removed }
  const named = Object.entries(lists).map(([what, names]) => [what, names.slice(0, mostNames)] as const)
  const unnamed = Object.entries(lists).flatMap(([what, names]) =>
    names.length > mostNames ? [[`more_${what}`, names.length - mostNames] as const] : [],
  )
  logger.info(Object.fromEntries([...named, ...unnamed]), 'feature flags: definitions reloaded')
}
