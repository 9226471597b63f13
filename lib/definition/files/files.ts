// Finds the definition files under one configured folder. Reads names only, and never leaves the root.
import { type Dirent, lstatSync, readdirSync, realpathSync, statSync } from 'node:fs'
import { join, posix, sep, win32 } from 'node:path'
import { ConfigurationError, errorText } from '../../errors.js'
import { type Fault, makeFault } from '../fault.js'
import { quoted } from '../../text/printable.js'

/** The folders that are searched for definitions unless the configuration names others; later folders only add. */
export const defaultDefinitionPaths: readonly [string, string] = ['config/feature_flags', 'ee/config/feature_flags']

export interface DefinitionFile {
  /** Relative to the root, with forward slashes. */
  readonly path: string
  readonly absolutePath: string
  /** The configured folder under which it was found. */
  readonly base: string
  /** The folder between base and file, which must have the type's name; null unless there is exactly one. */
  readonly typeFolder: string | null
  /** The file's name without its ending. */
  readonly stem: string
}

export interface FoundFiles {
  readonly files: readonly DefinitionFile[]
  readonly faults: readonly Fault[]
}

/**
 * The configured folders, normalised and without repeats. Throws ConfigurationError for a path that is absolute or leads out of
 * the root.
 */
export function checkedPaths(paths: readonly string[]): readonly string[] {
  const checked = paths.map((path) => {
    const normal = posix.normalize(path.replaceAll('\\', '/')).replace(/\/+$/, '')
    const absolute = posix.isAbsolute(normal) || win32.isAbsolute(path)
    if (absolute || normal === '.' || normal === '' || normal.split('/').includes('..') || normal.includes('\0')) {
      const remedy = 'name a folder inside the root, such as config/feature_flags'
      throw new ConfigurationError({
        problem: `definitionPaths: ${quoted(path)} is not a folder inside the root`,
        remedy,
      })
    }
    return normal
  })
  return [...new Set(checked)]
}

/** Whether a folder holds the definitions of the Enterprise Edition, which `FOSS_ONLY` leaves out. */
export function isEnterprisePath(path: string): boolean {
  return path === 'ee' || path.startsWith('ee/')
}

/**
 * Every file under `base` that is or looks like a definition, sorted, and a fault for each place that could not be searched. A
 * missing folder is empty. With `otherEndings` (default: false) it also finds files that end in `.yaml` or `.YML`, with a
 * warning.
 */
export function findDefinitionFiles(
  root: string,
  base: string,
  { otherEndings = false }: { readonly otherEndings?: boolean } = {},
): FoundFiles {
  const realRoot = realPath(root) ?? root
  const walk: Walk = { root, base, otherEndings, realRoot, seen: new Set(), files: [], faults: [] }
  if (isThere(join(root, base))) enter(walk, base)
  return { files: walk.files, faults: walk.faults }
}

interface Walk {
  readonly root: string
  readonly base: string
  readonly otherEndings: boolean
  readonly realRoot: string
  /** Real paths of the folders entered, so that links in a circle end. */
  readonly seen: Set<string>
  readonly files: DefinitionFile[]
  readonly faults: Fault[]
}

function enter(walk: Walk, folder: string): void {
  const real = insideRoot(walk, folder)
  if (real === null || walk.seen.has(real)) return
  walk.seen.add(real)
  let entries: Dirent[]
  try {
    entries = readdirSync(real, { withFileTypes: true })
  } catch (error) {
    refuse(
      walk,
      folder,
      `cannot be read as a folder (${systemReason(error)})`,
      'make it a folder that this user may read',
    )
    return
  }
  // By code unit, not by locale: the order of two files must be the same everywhere.
  for (const entry of entries.sort((a, b) => (a.name < b.name ? -1 : 1))) visit(walk, `${folder}/${entry.name}`, entry)
}

function visit(walk: Walk, path: string, entry: Dirent): void {
  const { name } = entry
  if (name.startsWith('.')) return
  const kind = entry.isSymbolicLink() ? linkedKind(walk, path) : entry
  if (kind === null) return
  if (kind.isDirectory()) {
    if (/\.ya?ml$/i.test(name)) refuse(walk, path, 'is a folder', 'write the definition as a file')
    else enter(walk, path)
    return
  }
  if (!/\.ya?ml$/i.test(name)) return
  if (!kind.isFile()) {
    refuse(walk, path, 'is not a regular file', 'write the definition as a plain file')
    return
  }
  if (!name.endsWith('.yml')) refuseEnding(walk, path, name)
  if (name.endsWith('.yml') || walk.otherEndings) walk.files.push(definitionFileAt(walk.root, walk.base, path))
}

function refuseEnding({ faults, otherEndings }: Walk, file: string, name: string): void {
  const severity = otherEndings ? 'warning' : 'error'
  const problem = `has a name that does not end in .yml${otherEndings ? '' : ' and is not loaded'}`
  const remedy = `rename to .yml: ${quoted(name.replace(/\.ya?ml$/i, '.yml'))}`
  faults.push(makeFault({ file, rule: 'file', severity, problem, remedy }))
}

/** The target of a link; null if it leads nowhere or out of the root. */
function linkedKind(walk: Walk, path: string): Pick<Dirent, 'isFile' | 'isDirectory'> | null {
  const real = insideRoot(walk, path)
  return real === null ? null : (statSync(real, { throwIfNoEntry: false }) ?? null)
}

/**
 * The real path; null, with a fault noted, if there is no such path or it is outside the root: a link could otherwise read any
 * file.
 */
function insideRoot(walk: Walk, path: string): string | null {
  let real: string
  try {
    real = realpathSync(join(walk.root, path))
  } catch (error) {
    refuse(walk, path, `leads nowhere (${systemReason(error)})`, 'remove the link, or put the file there')
    return null
  }
  const prefix = walk.realRoot.endsWith(sep) ? walk.realRoot : walk.realRoot + sep
  if (real.startsWith(prefix)) return real
  refuse(walk, path, 'is a link that leads out of the root', `put the file itself there${widerRoot(walk, real)}`)
  return null
}

/** The root that holds both the link and its target, as a remedy; nothing if it is far away. */
function widerRoot({ base, realRoot }: Walk, target: string): string {
  const root = realRoot.split(sep)
  const other = target.split(sep)
  const shared = root.findIndex((part, index) => part !== other[index])
  const common = shared === -1 ? root.length : shared
  // The first part of an absolute path is empty, or a drive. A root far above is no project.
  if (common < 2 || root.length - common > 4) return ''
  const up = Array(root.length - common)
    .fill('..')
    .join('/')
  const path = [...root.slice(common), base].join('/')
  return `, or take a root that holds both: --root ${up} with definitionPaths: [${quoted(path)}] in the configuration there`
}

/** The file at a path below one of the folders, whether it is there or not. */
export function definitionFileAt(root: string, base: string, path: string): DefinitionFile {
  const parts = path.slice(base.length + 1).split('/')
  const stem = (parts.at(-1) ?? '').replace(/\.ya?ml$/i, '')
  const typeFolder = parts.length === 2 ? (parts[0] ?? null) : null
  return { path, absolutePath: join(root, path), base, typeFolder, stem }
}

function refuse(walk: Walk, file: string, problem: string, remedy: string): void {
  walk.faults.push(makeFault({ file, rule: 'file', problem, remedy }))
}

/** The system's short name for a failure (`EACCES`); its message would only repeat the path. */
export function systemReason(error: unknown): string {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : errorText(error)
}

/** A missing or unreadable root has no definitions; the configuration of the root reports that. */
function realPath(path: string): string | null {
  try {
    return realpathSync(path)
  } catch {
    return null
  }
}

/** Whether anything has this name, a dead link included; a file that cannot be looked at is reported when it is entered. */
function isThere(path: string): boolean {
  try {
    return lstatSync(path, { throwIfNoEntry: false }) !== undefined
  } catch {
    return true
  }
}
