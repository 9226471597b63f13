// The part of a definition that production uses although the file breaks rules: a fault in its details must not turn off a flag
// that is on by default. Only the fields that an answer depends on must be right: the flag's name, its type, and its value
// before anything is stored.
import type { Definition } from '../definition.js'
import type { DefinitionFile } from '../files/files.js'
import { definitionOf, type Fields, textOf } from './rules.js'

/** The limit for a stored flag's name. */
const longestName = 255

/**
 * The definition that the right fields of a file make; null if `name`, `type` or `default_enabled` is missing or of another
 * kind.
 */
export function usableDefinition(
  file: DefinitionFile,
  fields: Fields,
  wrong: ReadonlyMap<string, unknown>,
): Definition | null {
  const name = textOf(fields, 'name')?.trim() ?? ''
  const type = textOf(fields, 'type')?.trim() ?? ''
  const storable = name.length <= longestName && name.isWellFormed() && !name.includes('\0')
  if (name === '' || type === '' || !storable) return null
  if (typeof fields.get('default_enabled')?.value !== 'boolean') return null
  // A field that breaks its rule counts as absent: pages show links, so a text that is not a URL must not get there.
  const right = new Map([...fields].filter(([field]) => !wrong.has(field)))
  return Object.freeze({ ...definitionOf(file, right), name, type })
}
