// Where the code of a project asks its flags, and what does not fit: lists the files, takes the facts of each from the cache or from a
// parse, links them across files, and lets the rules judge. Reads nothing that is stored.
import { join } from 'node:path'
import { ActorClasses } from '../actors/classes.js'
import type { Config } from '../config/config.js'
import type { Definition } from '../definition/definition.js'
import { checkedPaths, defaultDefinitionPaths, isEnterprisePath } from '../definition/files/files.js'
import { allKnown } from '../definition/known.js'
import type { LoadedDefinitions } from '../definition/load.js'
import { FactsCache } from './cache/cache.js'
import { fileFaults, type ReadFiles } from './file-faults.js'
import { listFiles } from './files.js'
import { Linker } from './link.js'
import { Modules } from './modules.js'
import { FactsReader } from './read-facts.js'
import { actorFaults } from './rules/actors.js'
import { loadTimeFaults, tornMethodFaults } from './rules/calls.js'
import { definedFaults, typeFaults } from './rules/defined.js'
import { camelCaseFaults, dynamicNameNotes } from './rules/names.js'
import type { Reading } from './rules/reading.js'
import { unusedFaults } from './rules/unused.js'
import { settingsKey, type UsageSettings, usageSettings } from './settings.js'
import type { UsageFault } from './usage-fault.js'
import { linkUses, type Use } from './uses.js'

/** What the check needs of a configuration. */
export type UsageConfig = Pick<Config, 'root' | 'types' | 'foss' | 'definitionPaths' | 'actors' | 'usage'>

export interface ReadUsageOptions {
  /** Whether facts are kept in `.feature/` of the root. Default: true; a folder that cannot be written to does without. */
  readonly cache?: boolean
  /** For tests: the time in milliseconds. Default: `Date.now`. */
  readonly now?: () => number
}

export interface Usage {
  /** The files that were looked at, relative to the root. */
  readonly files: readonly string[]
  /** The definitions that were read, those of `ee/` too. */
  readonly definitions: ReadonlyMap<string, Definition>
  /** Every place that names a flag, in the order of files and places. */
  readonly uses: readonly Use[]
  /** In the order of files and places. */
  readonly faults: readonly UsageFault[]
}

/**
 * All uses of flags, and all faults of them. Throws ConfigurationError where the parser, or the compiler of Vue for a `.vue` file, is not
 * installed.
 */
export async function readUsage(
  config: UsageConfig,
  { cache: keeps = true, now = Date.now }: ReadUsageOptions = {},
): Promise<Usage> {
  const { root } = config
  const settings = usageSettings(config.usage)
  const paths = checkedPaths(config.definitionPaths ?? defaultDefinitionPaths)
  const atMs = now()
  const listing = listFiles({ root, ...settings, definitionPaths: paths, foss: config.foss })
  const cache = new FactsCache(keeps ? join(root, '.feature/usage.cache') : null, {
    settings: settingsKey(settings),
    atMs,
  })
  const reader = new FactsReader({ root, settings, cache })
  const { types } = config
  const known = cache.definitions(JSON.stringify([...types]))
  const readDefinitions = async (): Promise<LoadedDefinitions> => {
    const asBefore = allKnown(root, paths, known)
    if (asBefore !== null) return asBefore
    const { loadDefinitions } = await import('../definition/load.js')
    return loadDefinitions({ root, paths, types, foss: false, known })
  }
  // Definitions are read while other threads parse.
  const [, loaded] = await Promise.all([reader.readAll(listing.files), readDefinitions()])
  const classes = new ActorClasses(config.actors)
  const uses = await linkAll(reader, new Modules(root, listing.files), settings, knownKinds(config, loaded.definitions))
  cache.save()
  const reading: Reading = {
    root,
    uses,
    quoted: quotedOutsideTests(reader, settings),
    definitions: loaded.definitions,
    definitionFaults: loaded.faults,
    types: config.types,
    classes,
    settings,
    foss: config.foss,
    base: paths.find((path) => !isEnterprisePath(path)) ?? paths[0] ?? null,
  }
  const faults = [...fileFaults(readFiles(reader, listing)), ...judge(reading, listing.files.length > 0)]
  return { files: listing.files, definitions: loaded.definitions, uses, faults: faults.sort(byPlace) }
}

function judge(reading: Reading, hasFiles: boolean): readonly UsageFault[] {
  return [
    ...definedFaults(reading),
    ...typeFaults(reading),
    // Without a file, one fault says what is wrong, and not one for each flag.
    ...(hasFiles ? unusedFaults(reading) : []),
    ...actorFaults(reading),
    ...loadTimeFaults(reading),
    ...tornMethodFaults(reading),
    ...camelCaseFaults(reading),
    ...dynamicNameNotes(reading),
  ]
}

/** Parses a file that was passed over as soon as another one imports a name from it. */
async function linkAll(
  reader: FactsReader,
  modules: Modules,
  settings: UsageSettings,
  kinds: ReadonlySet<string>,
): Promise<readonly Use[]> {
  for (;;) {
    const linker = new Linker({ facts: reader.facts, resolve: (from, specifier) => modules.resolve(from, specifier) })
    const uses = linkUses({ facts: reader.facts, linker, isTest: settings.isTest, kinds })
    // Each round reads a file at least, and each file is read once.
    if (linker.wanted.size === 0) return uses
    await reader.readExports([...linker.wanted])
  }
}

function knownKinds(config: UsageConfig, definitions: ReadonlyMap<string, Definition>): ReadonlySet<string> {
  const declared = [...definitions.values()].flatMap(({ actor }) => actor ?? [])
  return new Set([...(config.actors?.keys() ?? []), ...declared])
}

function quotedOutsideTests({ facts }: FactsReader, { isTest }: UsageSettings): ReadonlySet<string> {
  return new Set([...facts].flatMap(([path, { quoted }]) => (quoted.length === 0 || isTest(path) ? [] : quoted)))
}

function readFiles({ facts, unread, large }: FactsReader, listing: ReturnType<typeof listFiles>): ReadFiles {
  return { facts, large, unread: [...listing.unread, ...unread], isEmpty: listing.files.length === 0 }
}

function byPlace(one: UsageFault, two: UsageFault): number {
  if (one.file !== two.file) return one.file < two.file ? -1 : 1
  return (one.line ?? 0) - (two.line ?? 0) || one.column - two.column
}
