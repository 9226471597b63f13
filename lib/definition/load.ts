// Reads every definition file into one map. Synchronous, because a check before start() must be able to load; and no
// bad file may stop the others, so what is wrong becomes a fault.
import { closeSync, constants, fstatSync, openSync, readFileSync } from 'node:fs'
import type { Definition } from './definition.js'
import { type Fault, makeFault } from './fault.js'
import { checkedPaths, type DefinitionFile, findDefinitionFiles, isEnterprisePath, systemReason } from './files.js'
import { flagNameFault } from './name.js'
import { checkDefinition, type Fields, type FlagTypes, faultAt, flagOf } from './rules.js'
import { printable } from './printable.js'
import { readYaml } from './yaml.js'

/** GitLab's largest definition is under 2 kB; the cap comes before the parser sees the text. */
export const largestFileBytes = 64 * 1024

export interface LoadOptions {
  readonly root: string
  /** Relative to the root, in order: later folders only add. */
  readonly paths: readonly string[]
  readonly types: FlagTypes
  /** Leaves out every folder under `ee/`. */
  readonly foss: boolean
  /** Further rules on a file that could be read; their faults are reported but decide nothing. */
  readonly review?: (file: DefinitionFile, fields: Fields) => readonly Fault[]
}

export interface LoadedDefinitions {
  readonly definitions: ReadonlyMap<string, Definition>
  readonly faults: readonly Fault[]
  /** Every definition file that was found, in the order it was read. */
  readonly files: readonly string[]
}

/** All definitions and all faults. Throws ConfigurationError for a path outside the root, and nothing for a bad file. */
export function loadDefinitions(options: LoadOptions): LoadedDefinitions {
  const definitions = new Map<string, Definition>()
  const faults: Fault[] = []
  const files: string[] = []
  // Also names of files that fail: a broken definition must not let a later folder redefine its flag.
  const claims = new Map<string, string>()
  for (const base of checkedPaths(options.paths)) {
    if (options.foss && isEnterprisePath(base)) continue
    const found = findDefinitionFiles(options.root, base)
    faults.push(...found.faults)
    for (const file of found.files) {
      files.push(file.path)
      const read = readDefinition(file, options)
      faults.push(...read.faults)
      const earlier = claim(claims, file, read.flag)
      if (earlier !== null) faults.push(duplicateFault(file, read.fields, earlier))
      else if (read.definition) definitions.set(read.definition.name, read.definition)
    }
  }
  return { definitions, faults, files }
}

interface ReadDefinition {
  readonly definition: Definition | null
  readonly flag: string | null
  readonly fields: Fields
  readonly faults: readonly Fault[]
}

function readDefinition(file: DefinitionFile, options: LoadOptions): ReadDefinition {
  const flag = flagNameFault(file.stem) === null ? file.stem : null
  const unread = (fault: Fault): ReadDefinition => ({ definition: null, flag, fields: new Map(), faults: [fault] })
  const source = readSource(file.absolutePath)
  if (!source.ok) return unread(makeFault({ ...source, file: file.path, flag, rule: 'file' }))
  const yaml = readYaml(source.text)
  if (!yaml.ok) return unread(makeFault({ ...yaml.fault, file: file.path, flag, rule: 'yaml' }))
  const { fields } = yaml
  const checked = checkDefinition(file, fields, options.types)
  const review = options.review?.(file, fields) ?? []
  return { definition: checked.definition, flag: flagOf(file, fields), fields, faults: [...checked.faults, ...review] }
}

type Source =
  | { readonly ok: true; readonly text: string }
  | { readonly ok: false; readonly problem: string; readonly remedy: string }

function readSource(path: string): Source {
  try {
    const bytes = readCapped(path)
    if (bytes === null) {
      const problem = `is larger than ${largestFileBytes / 1024} kB`
      return { ok: false, problem, remedy: 'a definition is a handful of fields; remove the rest' }
    }
    return { ok: true, text: new TextDecoder('utf-8', { fatal: true }).decode(bytes) }
  } catch (error) {
    if (error instanceof TypeError) return { ok: false, problem: 'is not UTF-8 text', remedy: 'save it as UTF-8' }
    const problem = `cannot be read (${systemReason(error)})`
    return { ok: false, problem, remedy: 'make it readable for this user' }
  }
}

/** The file's bytes; null over the cap. Size and content are of the same open file, so that it cannot be exchanged in between. */
function readCapped(path: string): Buffer | null {
  // Without O_NONBLOCK, opening a pipe that took the file's place would wait for ever.
  const descriptor = openSync(path, constants.O_RDONLY | (constants.O_NONBLOCK ?? 0))
  try {
    return fstatSync(descriptor).size > largestFileBytes ? null : readFileSync(descriptor)
  } finally {
    closeSync(descriptor)
  }
}

/** Notes that a file stands for its flag; returns the earlier file that already does. A misnamed file stands for nothing. */
function claim(claims: Map<string, string>, file: DefinitionFile, flag: string | null): string | null {
  if (flag === null || flag !== file.stem) return null
  const earlier = claims.get(flag)
  if (earlier !== undefined) return earlier
  claims.set(flag, file.path)
  return null
}

function duplicateFault(file: DefinitionFile, fields: Fields, earlier: string): Fault {
  const problem = `is already defined in ${printable(earlier)}`
  const remedy = 'remove one of the two; ee/ adds flags and never redefines one'
  const field = fields.has('name') ? 'name' : null
  return faultAt(file, fields, { field, rule: 'duplicate', problem, remedy })
}
