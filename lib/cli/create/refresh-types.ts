// A new definition belongs into the file of declared flags too, where there is one. Only where there is, all definitions are read.
import type { Config } from '../../config/config.js'
import { refreshDeclarations } from '../../definition/declarations/file.js'
import { loadDefinitions } from '../../definition/load.js'
import { errorText } from '../../errors.js'
import { definitionFolders } from '../definition-folders.js'
import type { Io } from '../terminal/io.js'
import { note } from '../terminal/output.js'

/** Gives the file if it was written; null otherwise. Says what keeps it from being written: the definition is there all the same. */
export async function refreshTypes(io: Io, config: Config): Promise<string | null> {
  const { root, definitionPaths, types } = config
  const definitions = () =>
    loadDefinitions({ root, paths: definitionFolders(definitionPaths), types, foss: false }).definitions.values()
  try {
    const file = refreshDeclarations(definitions, config)
    if (file !== null) note(io, `update ${file}`)
    return file
  } catch (error) {
    note(io, [{ style: 'yellow', text: 'warning' }, `: the types of the flags were not updated: ${errorText(error)}`])
    return null
  }
}
