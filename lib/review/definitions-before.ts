// The definitions as they were at the commit at which the change began: those whose files are not as they were. All others are as they
// are now, and are not read a second time.
import type { Definition } from '../definition/definition.js'
import { checkedPaths, definitionFileAt, isEnterprisePath } from '../definition/files/files.js'
import { definitionIn, largestFileBytes } from '../definition/load.js'
import type { FlagTypes } from '../definition/rules/rules.js'
import type { Comparison } from './comparison.js'
import { gitOutput, zeroTerminated } from './git.js'

export interface DefinitionsBefore {
  readonly definitions: ReadonlyMap<string, Definition>
  /** Flags that had a file which could not be read even as production reads it: nothing is known of them but the name. */
  readonly unread: ReadonlySet<string>
}

export interface Folders {
  readonly paths: readonly string[]
  readonly foss: boolean
  readonly types: FlagTypes
}

/** Read leniently, as production does: a fault of another time is no fault of this change. Throws ConfigurationError. */
export function definitionsBefore(comparison: Comparison, folders: Folders): DefinitionsBefore {
  const definitions = new Map<string, Definition>()
  const unread = new Set<string>()
  const bases = checkedPaths(folders.paths).filter((base) => !folders.foss || !isEnterprisePath(base))
  const files = bases.flatMap((base) => filesBefore(comparison, base).map((file) => ({ ...file, base })))
  const texts = readBlobs(comparison.root, files)
  for (const { path, base, hash } of files) {
    const file = definitionFileAt(comparison.root, base, path)
    const text = texts.get(hash)
    const read = text === undefined ? null : definitionIn(file, text, { types: folders.types, lenient: true })
    const definition = read?.definition ?? null
    if (definition === null) unread.add(read?.flag ?? file.stem)
    else if (!definitions.has(definition.name)) definitions.set(definition.name, definition)
  }
  return { definitions, unread }
}

interface FileBefore {
  readonly path: string
  readonly hash: string
  readonly bytes: number
}

/** The definition files below a folder that are not as they were, links excepted. */
function filesBefore({ root, commit, paths }: Comparison, base: string): readonly FileBefore[] {
  const changed = new Set(paths.filter((path) => path.startsWith(`${base}/`) && /\.ya?ml$/i.test(path)))
  if (changed.size === 0) return []
  const listed = zeroTerminated(gitOutput(root, ['ls-tree', '-r', '-l', '-z', commit, '--', base]))
  return listed.flatMap((entry) => {
    const [, mode, hash, bytes, path] = /^(\d+) blob ([0-9a-f]+) +(\d+)\t(.*)$/s.exec(entry) ?? []
    if (mode === undefined || hash === undefined || path === undefined || mode === '120000') return []
    return changed.has(path) ? [{ path, hash, bytes: Number(bytes) }] : []
  })
}

/** The texts by hash; those are left out that are too large, or no UTF-8. */
function readBlobs(root: string, files: readonly FileBefore[]): ReadonlyMap<string, string> {
  const hashes = new Set(files.filter(({ bytes }) => bytes <= largestFileBytes).map(({ hash }) => hash))
  const texts = new Map<string, string>()
  if (hashes.size === 0) return texts
  const output = gitOutput(root, ['cat-file', '--batch'], [...hashes, ''].join('\n'))
  const decoder = new TextDecoder('utf-8', { fatal: true })
  for (let at = 0; at < output.length; ) {
    const end = output.indexOf('\n', at)
    const [hash = '', kind, size] = output.toString('latin1', at, end).split(' ')
    at = end + 1
    // Of an object that is not here, as in a partial clone without a network, there is this line alone.
    if (kind !== 'blob') continue
    const bytes = output.subarray(at, at + Number(size))
    at += bytes.length + 1
    try {
      texts.set(hash, decoder.decode(bytes))
    } catch {
      // No UTF-8: it was no definition then either.
    }
  }
  return texts
}
