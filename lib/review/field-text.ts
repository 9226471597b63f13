// A field of a definition in a word or two, as a review shows it.
import { type Definition, fileFields } from '../definition/definition.js'
import type { ChangedField } from './flag-changes.js'

/** The value of a field for people: `on`, `beta`, `none`. */
export function shownField(definition: Definition, field: ChangedField): string {
  if (field === 'edition') return definition.ee ? 'ee' : 'foss'
  if (field === 'default_enabled') return definition.defaultEnabled ? 'on' : 'off'
  const value: unknown = definition[fileFields[field]]
  if (value === null || value === undefined) return 'none'
  return Array.isArray(value) ? value.join(', ') : String(value)
}

/** How people call a field. */
export function fieldName(field: ChangedField): string {
  const names: Partial<Record<ChangedField, string>> = { default_enabled: 'default', group: 'owner' }
  return names[field] ?? field
}
