// Where the commands that open no database look for definitions, and where a new definition goes.
import { defaultDefinitionPaths, isEnterprisePath } from '../definition/files/files.js'
import { ConfigurationError } from '../errors.js'

/** The folders of definitions: configured, or the usual two. */
export function definitionFolders(configured: readonly string[] | null): readonly string[] {
  return configured ?? defaultDefinitionPaths
}

/** The folder that a new definition goes to. Throws ConfigurationError where none is configured for that edition. */
export function newDefinitionFolder(configured: readonly string[] | null, ee: boolean): string {
  const folders = definitionFolders(configured)
  const folder = folders.find((path) => isEnterprisePath(path) === ee)
  if (folder !== undefined) return folder
  const problem = `definitionPaths (${folders.join(', ')}) has no folder ${ee ? 'under ee/' : 'outside of ee/'}`
  throw new ConfigurationError({ problem, remedy: 'add one' })
}
