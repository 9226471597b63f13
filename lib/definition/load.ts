// Reads every definition file into one map. It is synchronous, because a check before start() must be able to load. A bad file
// must not stop the others, so each problem becomes a fault.
import { closeSync, constants, openSync, readSync } from 'node:fs'
import type { Definition } from './definition.js'
import { type Fault, makeFault } from './fault.js'
import {
  checkedPaths,
  type DefinitionFile,
  findDefinitionFiles,
  isEnterprisePath,
  systemReason,
} from './files/files.js'
import { flagNameFault } from './name.js'
import { checkDefinition, type Fields, type FlagTypes, faultAt, flagOf } from './rules/rules.js'
import { printable } from '../text/printable.js'
import { usableDefinition } from './rules/usable.js'
import { readYaml } from './files/yaml.js'

/** GitLab's largest definition is under 2 kB; the limit applies before the parser sees the text. */
export const largestFileBytes = 64 * 1024

export interface LoadOptions {
  readonly root: string
  /** Relative to the root, in order: later folders only add. */
  readonly paths: readonly string[]
  readonly types: FlagTypes
  /** Leaves out every folder under `ee/`. */
  readonly foss: boolean
  /**
   * Reads as production does: a readable file whose name, type and default are of the right kind counts, and every other fault
   * of it is a warning. Default: false, and then a file that breaks a rule defines nothing.
   */
  readonly lenient?: boolean
  /** More rules on a file that could be read; their faults are reported but decide nothing. */
  readonly review?: (file: DefinitionFile, fields: Fields) => readonly Fault[]
  /** Of the same types, read in the same way. */
  readonly known?: KnownDefinitions
}

/** Definitions that need not be read again. */
export interface KnownDefinitions {
  /** The definition in a file, where it is surely as it was when it was kept; null: the file has to be read. */
  get(file: DefinitionFile): Definition | null
  /** Keeps a definition without a fault, after its file was asked for and read. */
  set(file: DefinitionFile, definition: Definition): void
}

export interface LoadedDefinitions {
  readonly definitions: ReadonlyMap<string, Definition>
  readonly faults: readonly Fault[]
  /** Every definition file that was found, in the order it was read. */
  readonly files: readonly string[]
}

/** All definitions and all faults. Throws ConfigurationError for a path outside the root; never throws for a bad file. */
export function loadDefinitions(options: LoadOptions): LoadedDefinitions {
  const loading = new Loading()
  const { lenient = false } = options
  for (const base of checkedPaths(options.paths)) {
    if (options.foss && isEnterprisePath(base)) continue
    const found = findDefinitionFiles(options.root, base, { otherEndings: lenient })
    loading.faults.push(...found.faults)
    for (const file of found.files) loading.add(file, readDefinition(file, options))
  }
  return loading.finish()
}

class Loading {
  readonly faults: Fault[] = []
  readonly #definitions = new Map<string, Definition>()
  readonly #files: string[] = []
  // Also names of files that fail: although a definition is broken, a later folder must not redefine its flag.
  readonly #claims = new Map<string, string>()
  readonly #misplaced: (readonly [DefinitionFile, ReadDefinition])[] = []

  add(file: DefinitionFile, read: ReadDefinition): void {
    this.#files.push(file.path)
    this.faults.push(...read.faults)
    // A copy that was left in another place must not come before the flag's own file.
    if (isMisplaced(file, read)) this.#misplaced.push([file, read])
    else this.#take(file, read)
  }

  finish(): LoadedDefinitions {
    for (const [file, read] of this.#misplaced) this.#take(file, read)
    return { definitions: this.#definitions, faults: this.faults, files: this.#files }
  }

  #take(file: DefinitionFile, read: ReadDefinition): void {
    // A misnamed file that cannot be used counts for no flag.
    const name = read.definition?.name ?? (read.flag === file.stem ? read.flag : null)
    if (name === null) return
    const earlier = this.#claims.get(name)
    if (earlier !== undefined) {
      this.faults.push(duplicateFault(file, read.fields, earlier))
      return
    }
    this.#claims.set(name, file.path)
    if (read.definition) this.#definitions.set(name, read.definition)
  }
}

function isMisplaced({ path }: DefinitionFile, { definition, faults }: ReadDefinition): boolean {
  return definition !== null && (!path.endsWith('.yml') || faults.some(({ rule }) => rule === 'path'))
}

/** What one file says, and what is wrong with it. */
export interface ReadDefinition {
  readonly definition: Definition | null
  readonly flag: string | null
  readonly fields: Fields
  readonly faults: readonly Fault[]
}

function readDefinition(file: DefinitionFile, options: LoadOptions): ReadDefinition {
  const { known } = options
  const definition = known?.get(file) ?? null
  if (definition === null) {
    const read = readFile(file, options)
    if (read.definition !== null && read.faults.length === 0) known?.set(file, read.definition)
    return read
  }
  return {
    definition,
    flag: definition.name,
    faults: [],
    get fields() {
      return readFile(file, options).fields // Only a fault needs them.
    },
  }
}

function readFile(file: DefinitionFile, options: LoadOptions): ReadDefinition {
  const source = readSource(file.absolutePath)
  if (source.ok) return definitionIn(file, source.text, options)
  return unread(file, makeFault({ ...source, file: file.path, flag: flagInName(file), rule: 'file' }))
}

/** The definition in a text that stands in a file, or stood there at another time. Never throws. */
export function definitionIn(
  file: DefinitionFile,
  text: string,
  options: Pick<LoadOptions, 'types' | 'lenient' | 'review'>,
): ReadDefinition {
  const flag = flagInName(file)
  const yaml = readYaml(text, options.lenient)
  if (!yaml.ok) return unread(file, makeFault({ ...yaml.fault, file: file.path, flag, rule: 'yaml' }))
  const { fields } = yaml
  const checked = checkDefinition(file, fields, options.types, options.lenient ? usableDefinition : undefined)
  const severity = checked.definition === null ? 'error' : 'warning'
  const left = yaml.faults.map((fault) => makeFault({ ...fault, file: file.path, flag, rule: 'yaml', severity }))
  const review = options.review?.(file, fields) ?? []
  return {
    definition: checked.definition,
    flag: flagOf(file, fields),
    fields,
    faults: [...left, ...checked.faults, ...review],
  }
}

function unread(file: DefinitionFile, fault: Fault): ReadDefinition {
  return { definition: null, flag: flagInName(file), fields: new Map(), faults: [fault] }
}

function flagInName({ stem }: DefinitionFile): string | null {
  return flagNameFault(stem) === null ? stem : null
}

type Source =
  | { readonly ok: true; readonly text: string }
  | { readonly ok: false; readonly problem: string; readonly remedy: string }

const utf8 = new TextDecoder('utf-8', { fatal: true })

function readSource(path: string): Source {
  try {
    const bytes = readCapped(path)
    if (bytes === null) {
      const problem = `is larger than ${largestFileBytes / 1024} kB`
      return { ok: false, problem, remedy: 'keep only the fields of a definition' }
    }
    return { ok: true, text: utf8.decode(bytes) }
  } catch (error) {
    if (error instanceof TypeError) return { ok: false, problem: 'is not UTF-8 text', remedy: 'save it as UTF-8' }
    const problem = `cannot be read (${systemReason(error)})`
    return { ok: false, problem, remedy: 'make it readable for this user' }
  }
}

/** Definitions are read one after the other, each into the same room. */
const room = Buffer.allocUnsafeSlow(largestFileBytes + 1)

/** The file's bytes, valid until the next call; null over the limit. */
function readCapped(path: string): Buffer | null {
  // Without O_NONBLOCK, opening a pipe that took the file's place would wait without end.
  const descriptor = openSync(path, constants.O_RDONLY | (constants.O_NONBLOCK ?? 0))
  try {
    for (let end = 0; end < room.length; ) {
      const got = readSync(descriptor, room, end, room.length - end, null)
      if (got === 0) return room.subarray(0, end)
      end += got
    }
    return null
  } finally {
    closeSync(descriptor)
  }
}

function duplicateFault(file: DefinitionFile, fields: Fields, earlier: string): Fault {
  const problem = `is already defined in ${printable(earlier)}`
  const remedy = 'remove one of the two (ee/ adds flags and never redefines one)'
  const field = fields.has('name') ? 'name' : null
  return faultAt(file, fields, { field, rule: 'duplicate', problem, remedy })
}
