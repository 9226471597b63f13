// Lists the files to look at. Links are not followed: a folder of this project is listed where it lies, and a link in a circle, or out of
// the project, leads nowhere.
import { type Dirent, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { errorText } from '../errors.js'
import type { Matcher } from './settings.js'

export interface Listing {
  /** Relative to the root, with forward slashes, in the order of their code units. */
  readonly files: readonly string[]
  /** Folders that could not be read, with the reason. */
  readonly unread: readonly { readonly path: string; readonly reason: string }[]
}

export interface ListOptions {
  readonly root: string
  readonly isIncluded: Matcher
  readonly isExcluded: Matcher
  /** Folders that hold definitions, and so name each flag. */
  readonly definitionPaths: readonly string[]
  /** Leaves out `ee/`. */
  readonly foss: boolean
}

/** Declarations only: what runs is listed beside them. */
const declarations = /\.d\.(?:[cm]?ts|[^/.]+\.ts)$/

export function listFiles(options: ListOptions): Listing {
  const files: string[] = []
  const unread: { path: string; reason: string }[] = []
  const folders = ['']
  for (let folder = folders.pop(); folder !== undefined; folder = folders.pop()) {
    let entries: readonly Dirent[]
    try {
      entries = readdirSync(join(options.root, folder), { withFileTypes: true })
    } catch (error) {
      unread.push({ path: folder === '' ? '.' : folder, reason: reasonOf(error) })
      continue
    }
    for (const entry of entries) {
      const path = folder === '' ? entry.name : `${folder}/${entry.name}`
      if (entry.isDirectory()) {
        if (isEntered(path, entry.name, options)) folders.push(path)
      } else if (entry.isFile() && options.isIncluded(path) && !options.isExcluded(path) && !declarations.test(path)) {
        files.push(path)
      }
    }
  }
  return { files: files.sort(), unread }
}

function isEntered(path: string, name: string, { isExcluded, definitionPaths, foss }: ListOptions): boolean {
  if (name.startsWith('.') || name === 'node_modules' || definitionPaths.includes(path)) return false
  // `dist/**` leaves out the folder itself, whatever lies in it.
  return !(foss && path === 'ee') && !isExcluded(path) && !isExcluded(`${path}/\0`)
}

/** The system's short name for a failure (`EACCES`); its message would only repeat the path. */
export function reasonOf(error: unknown): string {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : errorText(error)
}
