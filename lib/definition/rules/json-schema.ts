// The JSON Schema of a definition, as data. scripts/compile-schemas.js makes the code of definition-shape.generated.ts from it,
// so that no process has to generate code when it starts. After a change here, run `npm run schemas`.
import type { FileField } from '../definition.js'
import { declaredKindPattern } from '../../actors/declared-kinds.js'
import { longestFlagName } from '../name.js'

interface FieldSchema {
  readonly type: 'string' | 'boolean'
  readonly nullable?: true
  readonly maxLength?: number
  readonly pattern?: string
}

interface ListSchema {
  readonly type: 'array'
  readonly minItems: number
  readonly maxItems: number
  readonly items: FieldSchema
}

/** The most characters of each field of plain text. */
export const textLengths = {
  name: longestFlagName,
  description: 4096,
  milestone: 64,
  group: 255,
  type: longestFlagName,
  intended_to_rollout_by: 64,
} as const satisfies Partial<Record<FileField, number>>

/** Pages show links, so only http(s) is allowed, and no character that could end an attribute. */
const url: FieldSchema = {
  type: 'string',
  nullable: true,
  maxLength: 2048,
  pattern: '^https?://[^\\s\\p{C}"\'<>`\\\\]+$',
}

const text = (field: keyof typeof textLengths): FieldSchema => ({
  type: 'string',
  nullable: true,
  maxLength: textLengths[field],
})

/** The most kinds of actors that a definition may name. */
export const mostKinds = 20

const kind: FieldSchema = { type: 'string', maxLength: 255, pattern: declaredKindPattern }
const kinds: ListSchema = { type: 'array', minItems: 1, maxItems: mostKinds, items: kind }

const properties: Readonly<Record<FileField, FieldSchema | { readonly anyOf: readonly (FieldSchema | ListSchema)[] }>> =
  {
    name: text('name'),
    description: text('description'),
    feature_issue_url: url,
    introduced_by_url: url,
    rollout_issue_url: url,
    milestone: text('milestone'),
    log_state_changes: { type: 'boolean', nullable: true },
    group: text('group'),
    type: text('type'),
    default_enabled: { type: 'boolean' },
    intended_to_rollout_by: text('intended_to_rollout_by'),
    actor: { anyOf: [{ ...kind, nullable: true }, kinds] },
  }

/** Allows unknown fields, because GitLab ignores them. */
export const definitionSchema = {
  type: 'object',
  required: ['name', 'type', 'default_enabled'],
  properties,
} as const
