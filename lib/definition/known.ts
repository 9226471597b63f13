// Definitions that are all as they were when they were kept: then no file is read, and what reads and checks files is not even loaded,
// which takes longer than looking at hundreds of them.
import type { Definition } from './definition.js'
import { checkedPaths, type DefinitionFile, findDefinitionFiles } from './files/files.js'
import type { KnownDefinitions, LoadedDefinitions } from './load.js'

/**
 * What `loadDefinitions` gives for the same options, where every file is known and nothing is wrong; null: it has to be asked. Throws
 * ConfigurationError for a path outside the root.
 */
export function allKnown(root: string, paths: readonly string[], known: KnownDefinitions): LoadedDefinitions | null {
  const files: DefinitionFile[] = []
  for (const base of checkedPaths(paths)) {
    const found = findDefinitionFiles(root, base)
    if (found.faults.length > 0) return null
    files.push(...found.files)
  }
  const definitions = new Map<string, Definition>()
  for (const file of files) {
    const definition = known.get(file)
    // The fault of a flag that is defined twice names a line of its file.
    if (definition === null || definitions.has(definition.name)) return null
    definitions.set(definition.name, definition)
  }
  return { definitions, faults: [], files: files.map(({ path }) => path) }
}
