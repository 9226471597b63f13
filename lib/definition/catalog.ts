// The definitions in memory. States: not loaded, then loaded. The first question loads; `reload` replaces the whole by one
// assignment. If a file is broken in a reload, its flag keeps the last good definition, so that a half-saved edit turns no flag
// off. Only the deletion of the file removes a flag.
import { resolve } from 'node:path'
import type { InvalidFeatureFlagError } from '../errors.js'
import type { Definition } from './definition.js'
import { type Fault, faultError, makeFault } from './fault.js'
import { checkedPaths } from './files/files.js'
import { type LoadedDefinitions, type LoadOptions, loadDefinitions } from './load.js'
import { suggestion } from '../text/suggest.js'
import { brokenDefinition, experimentFault, usageFault, type UsageContext } from './call-fault.js'

/** The difference that a reload made. */
export interface CatalogChange {
  /** Whether any definition differs from before. */
  readonly changed: boolean
  readonly added: readonly string[]
  readonly updated: readonly string[]
  readonly removed: readonly string[]
  /** Flags whose file is broken, and which keep their last good definition. */
  readonly kept: readonly string[]
  readonly faults: readonly Fault[]
  /** Whether the faults differ from before. */
  readonly faultsChanged: boolean
  readonly version: number
}

interface Loaded {
  readonly definitions: ReadonlyMap<string, Definition>
  readonly faults: readonly Fault[]
  readonly version: number
}

/** The definitions of one project, loaded at the first question. */
export class Catalog {
  readonly options: LoadOptions
  /** The configured folders, relative to the root. */
  readonly folders: readonly string[]
  #loaded: Loaded | undefined

  /** Throws ConfigurationError for a folder outside the root. */
  constructor(options: LoadOptions) {
    this.folders = checkedPaths(options.paths)
    this.options = Object.freeze({ ...options, root: resolve(options.root), paths: this.folders })
  }

  /** Loads if the definitions are not loaded yet. */
  load(): void {
    this.#current()
  }

  /** Grows with every reload that changed a definition. */
  get version(): number {
    return this.#current().version
  }

  /** All faults of the files as they were last read. */
  get faults(): readonly Fault[] {
    return this.#current().faults
  }

  get(name: string): Definition | undefined {
    return this.#current().definitions.get(name)
  }

  all(): ReadonlyMap<string, Definition> {
    return this.#current().definitions
  }

  /** The defined flag whose name is most like this one, for "did you mean". */
  suggest(name: string): string | null {
    return suggestion(name, this.all().keys())
  }

  /**
   * The error that strict mode throws for a check of `name` as `type`; depends only on these two and `version`, so it can be
   * kept.
   */
  usageFault(name: string, type: string | undefined): InvalidFeatureFlagError | null {
    return usageFault(this.#usage(), name, type)
  }

  /** The error that strict mode throws for an experiment of this name, which needs a definition. */
  experimentFault(name: string): InvalidFeatureFlagError | null {
    return experimentFault(this.#usage(), name)
  }

  /** The faults of the file that defines a flag, although the file is used; empty if it has none. */
  faultsOf(name: string): readonly Fault[] {
    const { definitions, faults } = this.#current()
    const path = definitions.get(name)?.path
    return path === undefined ? [] : faults.filter(({ file }) => file === path)
  }

  /** The error for a flag that has a file but no definition, because the file is broken; otherwise null. */
  brokenFault(name: string): InvalidFeatureFlagError | null {
    const { definitions, faults } = this.#current()
    return definitions.has(name) ? null : brokenDefinition(faults, name)
  }

  /** The first broken definition as the error that strict mode throws at start; null if all are good. */
  firstError(): InvalidFeatureFlagError | null {
    const first = this.faults.find((fault) => fault.severity === 'error')
    return first ? faultError(first) : null
  }

  /** Throws InvalidFeatureFlagError ("invalid definition for …") for the first broken definition. */
  assertLoaded(): void {
    const error = this.firstError()
    if (error) throw error
  }

  /** Reads all files again. A flag whose file is broken now keeps its last good definition, and the fault says so. */
  reload(): CatalogChange {
    const before = this.#loaded
    const read = loadDefinitions(this.options)
    const old = before?.definitions ?? new Map<string, Definition>()
    const { definitions, faults, kept } = keepLastGood(read, old)
    const difference = compare(old, definitions)
    const changed = difference.added.length + difference.updated.length + difference.removed.length > 0
    const version = (before?.version ?? 0) + (changed || !before ? 1 : 0)
    const faultsChanged = messages(before?.faults ?? []) !== messages(faults)
    this.#loaded = { definitions, faults, version }
    return { ...difference, changed, kept, faults, faultsChanged, version }
  }

  #usage(): UsageContext {
    const { definitions, faults } = this.#current()
    return { types: this.options.types, definitions, faults, base: this.folders[0] ?? null }
  }

  #current(): Loaded {
    if (this.#loaded) return this.#loaded
    const { definitions, faults } = loadDefinitions(this.options)
    this.#loaded = { definitions, faults, version: 1 }
    return this.#loaded
  }
}

interface Kept extends Pick<LoadedDefinitions, 'definitions' | 'faults'> {
  readonly kept: readonly string[]
}

function keepLastGood(read: LoadedDefinitions, old: ReadonlyMap<string, Definition>): Kept {
  const errors = read.faults.filter((fault) => fault.severity === 'error')
  if (errors.length === 0) return { definitions: read.definitions, faults: read.faults, kept: [] }
  const definitions = new Map(read.definitions)
  const kept = [...old.values()].filter((definition) => {
    return !definitions.has(definition.name) && errors.some((fault) => concerns(fault, definition))
  })
  for (const definition of kept) definitions.set(definition.name, definition)
  const faults = read.faults.map((fault) =>
    kept.some((definition) => concerns(fault, definition))
      ? makeFault({ ...fault, remedy: `${fault.remedy} (until then the last good definition stays in use)` })
      : fault,
  )
  return { definitions, faults, kept: kept.map(({ name }) => name) }
}

/** A folder that cannot be read is a fault of the folder, and counts for all files in it. */
function concerns(fault: Fault, { path }: Definition): boolean {
  return path === fault.file || path.startsWith(`${fault.file}/`)
}

function compare(
  before: ReadonlyMap<string, Definition>,
  after: ReadonlyMap<string, Definition>,
): Pick<CatalogChange, 'added' | 'updated' | 'removed'> {
  const names = [...after.keys()]
  return {
    added: names.filter((name) => !before.has(name)),
    updated: names.filter((name) => before.has(name) && !sameDefinition(before.get(name), after.get(name))),
    removed: [...before.keys()].filter((name) => !after.has(name)),
  }
}

/** Both come from one place that lists the fields in one order. */
function sameDefinition(one: Definition | undefined, other: Definition | undefined): boolean {
  return one === other || JSON.stringify(one) === JSON.stringify(other)
}

function messages(faults: readonly Fault[]): string {
  return faults.map((fault) => fault.message).join('\n')
}
