// The shape of a definition, field by field, as JSON Schema checked by ajv. What concerns several fields or the
// file's place is in rules.ts.
import { Ajv, type ValidateFunction } from 'ajv'
import type { FileField } from './definition.js'
import { longestFlagName } from './name.js'
import { printable } from './printable.js'
import type { YamlField } from './yaml.js'

interface Kind {
  readonly schema: { readonly type: string; readonly [keyword: string]: unknown }
  readonly problem: string
  remedy(field: FileField, given: YamlField): string
}

const text = (maxLength: number): Kind => ({
  schema: { type: 'string', nullable: true, maxLength },
  problem: `must be text of at most ${maxLength} characters`,
  remedy: (field, given) => {
    if (typeof given.value === 'string') return 'shorten it'
    return given.value instanceof Map || Array.isArray(given.value)
      ? 'write one line of text'
      : `quote it: ${field}: "${printable(given.text)}"`
  },
})

/** Links are shown in pages, so nothing but http(s), and no character that could leave an attribute. */
const url: Kind = {
  schema: { type: 'string', nullable: true, maxLength: 2048, pattern: '^https?://[^\\s\\p{C}"\'<>`\\\\]+$' },
  problem: 'must be an http or https URL',
  remedy: () => 'write the full URL, or leave the field out',
}

const switchable: Kind = {
  schema: { type: 'boolean', nullable: true },
  problem: 'must be true or false',
  remedy: () => 'write true or false',
}

const kinds: Readonly<Record<FileField, Kind>> = {
  name: text(longestFlagName),
  description: text(4096),
  feature_issue_url: url,
  introduced_by_url: url,
  rollout_issue_url: url,
  milestone: text(64),
  log_state_changes: switchable,
  group: text(255),
  type: text(longestFlagName),
  default_enabled: { ...switchable, schema: { type: 'boolean' } },
  intended_to_rollout_by: text(64),
}

/** The JSON Schema of a definition; unknown fields are allowed, as GitLab ignores them. */
export const definitionSchema = {
  type: 'object',
  required: ['name', 'type', 'default_enabled'],
  properties: Object.fromEntries(Object.entries(kinds).map(([field, kind]) => [field, kind.schema])),
} as const

export interface ShapeFault {
  readonly problem: string
  readonly remedy: string
}

// Compiled at the first definition that is read: importing the package must do no work.
let compiled: ValidateFunction | undefined

function validator(): ValidateFunction {
  // The meta-schema is left out: it would check our own constant at every start.
  compiled ??= new Ajv({ allErrors: true, meta: false, validateSchema: false, logger: false }).compile(definitionSchema)
  return compiled
}

/** What is wrong with the fields that are given, at most one fault a field. That a field is missing is not judged here. */
export function shapeFaults(fields: ReadonlyMap<string, YamlField>): ReadonlyMap<FileField, ShapeFault> {
  const known = knownFields(fields)
  const validate = validator()
  const faults = new Map<FileField, ShapeFault>()
  if (validate(Object.fromEntries([...known].map(([field, given]) => [field, given.value])))) return faults
  const wrong = new Set(validate.errors?.map((error) => error.instancePath.slice(1)))
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
