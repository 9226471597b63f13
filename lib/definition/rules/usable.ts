// What production makes of a file that breaks rules: a fault in its details must not turn a flag off that is on by default.
// Only what an answer depends on has to be right: what the flag is called, and what it is before anything is stored.
import type { Definition } from '../definition.js'
import type { DefinitionFile } from '../files/files.js'
import { definitionOf, type Fields, textOf } from './rules.js'

/** As long as a stored flag's name may be. */
const longestName = 255

/** The definition that the right fields of a file make; null where `name`, `type` or `default_enabled` is missing or of another kind. */
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
  // A field that breaks its rule counts as absent: links are shown in pages, so one that is no URL may not get there.
  const right = new Map([...fields].filter(([field]) => !wrong.has(field)))
  return Object.freeze({ ...definitionOf(file, right), name, type })
}
