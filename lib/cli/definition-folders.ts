// The folders of definitions for the commands that open no database, the folder for a new definition, and the files that a person
// names.
import { existsSync, realpathSync } from 'node:fs'
import { basename, dirname, isAbsolute, join, relative, resolve, sep } from 'node:path'
import { defaultDefinitionPaths, isEnterprisePath } from '../definition/files/files.js'
import { ConfigurationError } from '../errors.js'
import { quoted } from '../text/printable.js'
import { UsageError } from './usage-error.js'

/** The folders of definitions: the configured ones, otherwise the usual two. */
export function definitionFolders(configured: readonly string[] | null): readonly string[] {
  return configured ?? defaultDefinitionPaths
}

/** The folder for a new definition. Throws ConfigurationError if none is configured for that edition. */
export function newDefinitionFolder(configured: readonly string[] | null, ee: boolean): string {
  const folders = definitionFolders(configured)
  const folder = folders.find((path) => isEnterprisePath(path) === ee)
  if (folder !== undefined) return folder
  const listed = folders.length === 0 ? 'definitionPaths, an empty list,' : `definitionPaths (${folders.join(', ')})`
  const problem = `${listed} names no folder ${ee ? 'under ee/' : 'outside of ee/'}`
  throw new ConfigurationError({ problem, remedy: 'add one' })
}

/**
 * A file or folder as definitions name it: relative to the root, with forward slashes. A relative path starts in the working directory,
 * as everywhere; where that is not in the root, or has no such file, it starts in the root. Throws UsageError for a path outside of it.
 */
export function pathInRoot(root: string, given: string): string {
  const candidates = [resolve(given), resolve(root, given)].filter((path) => insideOf(root, path) !== null)
  const path = candidates.find((one) => existsSync(one)) ?? candidates[0]
  const inside = path === undefined ? null : insideOf(root, path)
  if (inside !== null) return inside === '' ? '.' : inside.replaceAll(sep, '/')
  throw new UsageError({
    problem: `${quoted(given)} is not in the folder ${quoted(root)}`,
    remedy: 'give files of this project, or the --root that holds them',
  })
}

/** The path from the root; null if it is not in it. Git and the shell may spell the root without its links. */
function insideOf(root: string, path: string): string | null {
  const spellings = [relative(root, path), relative(real(root), join(real(dirname(path)), basename(path)))]
  return spellings.find((one) => one !== '..' && !one.startsWith(`..${sep}`) && !isAbsolute(one)) ?? null
}

function real(path: string): string {
  try {
    return realpathSync(path)
  } catch {
    // It is not there, and the report says so.
    return path
  }
}
