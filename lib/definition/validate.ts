// Checks definition files, as the command `validate` and CI do: all of them, or the ones that are named. What was checked and what is
// wrong with it is counted here, once for all formats of the report.
import { lstatSync } from 'node:fs'
import { join } from 'node:path'
import { ActorClasses, type RegisteredClass } from '../actors/classes.js'
import { type Fault, makeFault } from './fault.js'
import { isEnterprisePath } from './files/files.js'
import { type LoadedDefinitions, type LoadOptions, loadDefinitions } from './load.js'
import type { ValidationReport } from './validation-report.js'
import { reviewDefinition } from './rules/review.js'

export interface ValidateOptions extends Omit<LoadOptions, 'review'> {
  /** Whether the folders were named, and not only the usual ones: then each of them has to hold something. */
  readonly pathsNamed?: boolean
  /** The files and folders to report, relative to the root. Default: all. Every file is read, because a flag is defined once. */
  readonly only?: readonly string[] | undefined
  /** The registered classes of actors, which `actor` may name; null, as by default: any class. */
  readonly actors?: ReadonlyMap<string, RegisteredClass> | null
  /** Takes folders that are not there or hold no definitions, and names that are no definition. Default: false. */
  readonly allowEmpty?: boolean
  /** Leaves the warnings out. Default: false. */
  readonly errorsOnly?: boolean
}

/**
 * All faults of the definitions, more strictly than loading: a flag must have an owner, warnings name the fields that readers will
 * miss, and there has to be something to check. Throws ConfigurationError for a folder outside the root.
 */
export function validateDefinitions(options: ValidateOptions): ValidationReport {
  const classes = new ActorClasses(options.actors ?? null)
  const loaded = loadDefinitions({ ...options, review: (file, fields) => reviewDefinition(file, fields, classes) })
  const nothing = options.allowEmpty ? [] : nothingFound(options, loaded)
  const faults = [...loaded.faults.filter(selection(options.only, loaded)), ...nothing]
    .filter(({ severity }) => severity === 'error' || !options.errorsOnly)
    // Keeps all faults of one file together; the sort is stable, so that a file's faults stay in the order of the rules.
    .sort((a, b) => (a.file === b.file ? 0 : a.file < b.file ? -1 : 1))
  const isAsked = (path: string) => options.only?.some((asked) => isWithin(path, asked)) ?? true
  const errors = faults.filter((fault) => fault.severity === 'error').length
  return {
    valid: errors === 0,
    // A link or a folder that is a fault was checked too.
    files: [...new Set([...loaded.files.filter(isAsked), ...faults.map(({ file }) => file)])],
    definitions: [...loaded.definitions.values()].filter(({ path }) => isAsked(path)).length,
    errors,
    warnings: faults.length - errors,
    faults,
  }
}

/** Whether a fault belongs to what is asked for: its place does, or it is about a flag that is defined there and elsewhere. */
function selection(only: readonly string[] | undefined, { definitions, files }: LoadedDefinitions) {
  if (only === undefined) return () => true
  const isAsked = (path: string) => only.some((asked) => isWithin(path, asked))
  const flags = new Set([
    ...[...definitions.values()].filter(({ path }) => isAsked(path)).map(({ name }) => name),
    ...files.filter(isAsked).map(stemOf),
  ])
  return ({ file, rule, flag }: Fault) =>
    isAsked(file) ||
    // A folder that cannot be searched hides what is asked for in it.
    only.some((asked) => isWithin(asked, file)) ||
    (rule === 'duplicate' && flag !== null && flags.has(flag))
}

/** Otherwise a pipeline that runs in the wrong folder would always pass. */
function nothingFound(options: ValidateOptions, { files, faults }: LoadedDefinitions): readonly Fault[] {
  const places = [...files, ...faults.map(({ file }) => file)]
  const isThere = (path: string) => places.some((place) => isWithin(place, path) || isWithin(path, place))
  const folders = options.paths.filter((path) => !options.foss || !isEnterprisePath(path))
  if (options.only !== undefined) {
    const missing = options.only.filter((path) => !isThere(path))
    return missing.map((path) => notChecked(options.root, path, folders))
  }
  if (options.pathsNamed && folders.length > 0) {
    return folders.filter((path) => !isThere(path)).map((path) => emptyFolder(options.root, path))
  }
  if (places.length > 0) return []
  const problem = `no definition files were found under ${folders.join(', ') || 'no folder'}`
  const remedy = 'check the working directory (or --root), or permit it with --allow-empty'
  return [makeFault({ file: folders[0] ?? '.', rule: 'file', problem, remedy })]
}

function emptyFolder(root: string, file: string): Fault {
  const problem = kindOf(join(root, file)) === null ? 'does not exist' : 'holds no definition files'
  return makeFault({ file, rule: 'file', problem, remedy: 'correct definitionPaths, or permit it with --allow-empty' })
}

function notChecked(root: string, file: string, folders: readonly string[]): Fault {
  const kind = kindOf(join(root, file))
  const fault = (problem: string, remedy: string) => makeFault({ file, rule: 'file', problem, remedy })
  if (kind === null) return fault('does not exist', 'check the path; leave files out that are deleted')
  if (kind === 'folder')
    return fault('holds no definition files', 'name another folder, or permit it with --allow-empty')
  const where =
    folders.length === 0 ? 'no folder is one of definitions' : `definitions are .yml files under ${folders.join(', ')}`
  return fault('is not a definition of this project', `${where} (--allow-empty passes over other files)`)
}

function kindOf(path: string): 'file' | 'folder' | null {
  try {
    const found = lstatSync(path, { throwIfNoEntry: false })
    return found === undefined ? null : found.isDirectory() ? 'folder' : 'file'
  } catch {
    // A part of the path is a file: below it there is nothing.
    return null
  }
}

/** Whether the path is this place or lies in it; both relative to the root, which is `.`. */
function isWithin(path: string, place: string): boolean {
  return place === '.' || path === place || path.startsWith(`${place}/`)
}

function stemOf(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1).replace(/\.ya?ml$/i, '')
}
