// A flag as GitLab's API shows it (lib/api/entities/feature.rb): the value and its schema. The compiler keeps them equal.
import { type ApiDefinition, type Definition, definitionToApi, type FileField } from '../definition/definition.js'
import { describeFlag, type FlagDescription } from '../feature/describe.js'
import { summarize, summarizeDefault } from '../feature/flag-summary.js'
import { compileGates } from '../gates/compile.js'
import { type GateValue, gateState, gateValues } from '../gates/flag-state.js'
import type { StoredFeature } from '../state/state.js'

export interface FeatureEntity {
  readonly name: string
  readonly state: FlagDescription['state']
  readonly gates: readonly GateValue[]
  readonly definition: ApiDefinition | null
}

const text = { type: 'string' } as const
const textOrNull = { type: ['string', 'null'] } as const

const definitionFields = {
  name: text,
  description: textOrNull,
  feature_issue_url: textOrNull,
  introduced_by_url: textOrNull,
  rollout_issue_url: textOrNull,
  milestone: textOrNull,
  log_state_changes: { type: ['boolean', 'null'] },
  group: textOrNull,
  type: text,
  default_enabled: { type: 'boolean' },
  intended_to_rollout_by: textOrNull,
  actor: { type: ['array', 'null'], items: text },
} as const satisfies Record<FileField, object>

export const definitionSchema = {
  type: 'object',
  description: 'What the definition file says; absent fields are null',
  required: Object.keys(definitionFields),
  properties: definitionFields,
} as const

const gateSchema = {
  type: 'object',
  required: ['key', 'value'],
  properties: {
    key: { type: 'string', enum: ['boolean', 'actors', 'percentage_of_actors', 'percentage_of_time', 'groups'] },
    value: {
      description: 'true or false, a percentage, or the ids of actors or names of groups',
      anyOf: [{ type: 'boolean' }, { type: 'number' }, { type: 'array', items: text }],
    },
  } satisfies Record<keyof GateValue, object>,
} as const

export const featureSchema = {
  type: 'object',
  required: ['name', 'state', 'gates', 'definition'],
  properties: {
    name: text,
    state: { type: 'string', enum: ['on', 'off', 'conditional'] satisfies FeatureEntity['state'][] },
    gates: { type: 'array', items: gateSchema },
    definition: { anyOf: [definitionSchema, { type: 'null' }] },
  } satisfies Record<keyof FeatureEntity, object>,
} as const

/** The answer to a change: GitLab's body, and beside it what was not there to be taken off, where anything was not. */
export const changedFeatureSchema = {
  ...featureSchema,
  properties: {
    ...featureSchema.properties,
    unmatched: {
      description: 'Actors and groups that were to be taken off and were not on the list; absent where all were',
      type: 'array',
      items: text,
    },
  },
} as const

/** One flag by its name: GitLab's body, and beside it what a change needs and what the gates mean. */
export const shownFeatureSchema = {
  ...featureSchema,
  required: [...featureSchema.required, 'revision', 'stored', 'summary'],
  properties: {
    ...featureSchema.properties,
    revision: { ...textOrNull, description: 'For If-Match; null while the database does not answer' },
    stored: { type: 'boolean', description: 'Whether anything is stored of it; otherwise its default counts' },
    summary: { ...text, description: 'What it means, such as: on for 25 % of actors; off for everybody else' },
  },
} as const

export interface ShownFeature extends FeatureEntity {
  readonly revision: string | null
  readonly stored: boolean
  readonly summary: string
}

/** A flag as it was read. */
export function toShownFeature(
  name: string,
  { stored, revision }: { readonly stored: StoredFeature | null; readonly revision: string | null },
  definition: Definition | null,
): ShownFeature {
  if (stored === null) {
    const entity = toFeatureEntity({ ...describeFlag(name, undefined), definition })
    return { ...entity, revision, stored: false, summary: summarizeDefault(definition) }
  }
  const gates = compileGates(name, stored.gates)
  const entity = toFeatureEntity({ name, state: gateState(gates), gates: gateValues(gates), definition })
  return { ...entity, revision, stored: true, summary: summarize(entity.gates) }
}

/** The flag as GitLab's API shows it. */
export function toFeatureEntity({ name, state, gates, definition }: FlagDescription): FeatureEntity {
  return { name, state, gates, definition: definition === null ? null : definitionToApi(definition) }
}
