// The folders of definitions for the commands that open no database, and the folder for a new definition.
import { defaultDefinitionPaths, isEnterprisePath } from '../definition/files/files.js'
import { ConfigurationError } from '../errors.js'

/** The folders of definitions: the configured ones, otherwise the usual two. */
export function definitionFolders(configured: readonly string[] | null): readonly string[] {
  return configured ?? defaultDefinitionPaths
}

/** The folder for a new definition. Throws ConfigurationError if none is configured for that edition. */
export function newDefinitionFolder(configured: readonly string[] | null, ee: boolean): string {
  const folders = definitionFolders(configured)
  const folder = folders.find((path) => isEnterprisePath(path) === ee)
  if (folder !== undefined) return folder
  const problem = `definitionPaths (${folders.join(', ')}) has no folder ${ee ? 'under ee/' : 'outside of ee/'}`
  throw new ConfigurationError({ problem, remedy: 'add one' })
}
