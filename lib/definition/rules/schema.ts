// The shape of a definition, field by field, as JSON Schema. Rules about several fields or the file's place are in rules.ts.
import type { FileField } from '../definition.js'
import { hasDefinitionShape } from './definition-shape.generated.js'
import { mostKinds, textLengths } from './json-schema.js'
import { printable } from '../../text/printable.js'
import type { YamlField } from '../files/yaml-field.js'

interface Kind {
  readonly problem: string
  remedy(field: FileField, given: YamlField): string
}

const text = (maxLength: number): Kind => ({
  problem: `must be text of at most ${maxLength} characters`,
  remedy: (field, given) => {
    if (typeof given.value === 'string') return 'shorten it'
    return given.value instanceof Map || Array.isArray(given.value)
      ? 'write one line of text'
      : `quote it: ${field}: "${printable(given.text)}"`
  },
})

const url: Kind = {
  problem: 'must be an http or https URL',
  remedy: () => 'write the full URL, or leave the field out',
}

const switchable: Kind = {
  problem: 'must be true or false',
  remedy: () => 'write true or false',
}

const actorKinds: Kind = {
  problem: `must be a kind of actor, or a list of 1 to ${mostKinds} kinds`,
  remedy: (_, given) =>
    Array.isArray(given.value) && given.value.length === 0
      ? 'name at least one kind, or leave the field out'
      : 'write actor: project, actor: [project, group], or the name of a class',
}

const kinds: Readonly<Record<FileField, Kind>> = {
  name: text(textLengths.name),
  description: text(textLengths.description),
  feature_issue_url: url,
  introduced_by_url: url,
  rollout_issue_url: url,
  milestone: text(textLengths.milestone),
  log_state_changes: switchable,
  group: text(textLengths.group),
  type: text(textLengths.type),
  default_enabled: switchable,
  intended_to_rollout_by: text(textLengths.intended_to_rollout_by),
  actor: actorKinds,
}

export { definitionSchema } from './json-schema.js'

export interface ShapeFault {
  readonly problem: string
  readonly remedy: string
}

/** The faults of the given fields, at most one for each field. A missing field is not a fault here. */
export function shapeFaults(fields: ReadonlyMap<string, YamlField>): ReadonlyMap<FileField, ShapeFault> {
  const known = knownFields(fields)
  const faults = new Map<FileField, ShapeFault>()
  if (hasDefinitionShape(Object.fromEntries([...known].map(([field, given]) => [field, given.value])))) return faults
  const wrong = new Set(hasDefinitionShape.errors?.map((error) => error.instancePath.split('/')[1]))
  for (const [field, given] of known) {
    if (!wrong.has(field)) continue
    const kind = kinds[field]
    faults.set(field, { problem: kind.problem, remedy: kind.remedy(field, given) })
  }
  return faults
}

/** Only these reach an object, so that no key of a file ever becomes a property. */
function knownFields(fields: ReadonlyMap<string, YamlField>): ReadonlyMap<FileField, YamlField> {
  const known = new Map<FileField, YamlField>()
  for (const [name, given] of fields) if (isFileField(name)) known.set(name, given)
  return known
}

/** Whether a definition has a field of this name. */
export function isFileField(name: string): name is FileField {
  return Object.hasOwn(kinds, name)
}
