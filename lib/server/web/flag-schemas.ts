// The schemas of what pages read of internal flags.
import { definitionSchema } from '../feature-entity.js'
import { flagColumns, leastCells } from './flag-rows.js'

const text = { type: 'string' } as const
const textOrNull = { type: ['string', 'null'] } as const

/** The parameters of a route of one flag. */
export const flagNameSchema = {
  type: 'object',
  required: ['name'],
  properties: { name: { type: 'string', description: 'The flag, percent-encoded' } },
} as const

export const positionSchema = {
  ...textOrNull,
  description: 'The state that is shown, as version and the beginning of its nonce; null where there is no history',
} as const

/** What is said of each flag, in a row of an event or in a column of the list. */
const sayings =
  'type, group, default_enabled and milestone are null without a definition; state is on, off, conditional, or default where nothing is ' +
  'stored; actors and never are counts, groups are names; changed_at and changed_by are null where the history does not tell; overdue says ' +
  'whether the flag is past the lifetime of its type; fault is what is wrong with its file'

/** A row of an event. */
export const rowSchema = {
  type: 'array',
  description: `One flag: a value for each column; the end of a row is left out where it is null, false, 0 or an empty list. ${sayings}`,
  minItems: leastCells,
  maxItems: flagColumns.length,
  items: {},
} as const

const columnSchema = {
  type: 'object',
  required: ['values'],
  properties: {
    values: { type: 'array', description: 'What flags say, each thing once', items: {} },
    cells: {
      type: 'array',
      description: 'For each name the place in values; left out where all flags say the same',
      items: { type: 'integer', minimum: 0 },
    },
  },
} as const

/** The list of all flags. */
export const listSchema = {
  type: 'object',
  required: ['position', 'at', 'names', 'columns'],
  properties: {
    position: positionSchema,
    at: { ...text, format: 'date-time', description: 'When this server made the list' },
    names: {
      type: 'array',
      description: 'All flags as people read names: numbers by their value, v2 before v10',
      items: text,
    },
    columns: {
      type: 'object',
      description: `A column that is null, false, 0 or an empty list for all flags is left out. ${sayings}`,
      required: flagColumns.slice(1, leastCells),
      properties: Object.fromEntries(flagColumns.slice(1).map((name) => [name, columnSchema])),
    },
  },
} as const

const count = { type: 'integer', minimum: 0 } as const
const countOrNull = { type: ['integer', 'null'], minimum: 0 } as const
const texts = { type: 'array', items: text } as const
const shortList = {
  type: 'object',
  description: 'The first 50; /actors has all',
  required: ['count', 'first'],
  properties: { count, first: texts },
} as const

const gatesSchema = {
  type: 'object',
  required: ['boolean', 'percentage_of_actors', 'percentage_of_time', 'groups', 'actors', 'never', 'unknown'],
  properties: {
    boolean: { type: 'boolean' },
    percentage_of_actors: { type: 'number' },
    percentage_of_time: { type: 'number' },
    groups: texts,
    actors: shortList,
    never: { ...shortList, description: 'Those to whom the flag is denied; the first 50' },
    unknown: {
      type: 'array',
      description: 'Gates that this version does not know; they open nothing',
      items: {
        type: 'object',
        required: ['key', 'count', 'first'],
        properties: { key: text, count, first: texts },
      },
    },
  },
} as const

const faultSchema = {
  type: 'object',
  required: ['file', 'line', 'field', 'severity', 'problem', 'remedy', 'message'],
  properties: {
    file: text,
    line: { type: ['integer', 'null'] },
    field: textOrNull,
    severity: { type: 'string', enum: ['error', 'warning'] },
    problem: text,
    remedy: text,
    message: text,
  },
} as const

const shownDefinitionSchema = {
  type: 'object',
  description: 'What the file says; of a file that cannot be used, all is null but file, line and faults',
  required: [...definitionSchema.required, 'file', 'line', 'ee', 'overdue', 'faults'],
  properties: {
    ...definitionSchema.properties,
    name: textOrNull,
    type: textOrNull,
    default_enabled: { type: ['boolean', 'null'] },
    file: text,
    line: { type: 'integer', minimum: 1 },
    ee: { type: 'boolean' },
    overdue: { type: 'boolean', description: 'Whether the flag is past the lifetime of its type' },
    faults: { type: 'array', items: faultSchema },
  },
} as const

const knownEffectSchema = {
  type: 'object',
  description: 'For how many of the known actors the flag is on',
  required: ['actor_class', 'classes', 'known', 'sample', 'of', 'on', 'margin', 'by_percent'],
  properties: {
    actor_class: { ...textOrNull, description: 'The class of these actors' },
    classes: { ...texts, description: 'The classes that can be asked for by actor_class' },
    known: { ...countOrNull, description: 'How many there are; null where none are known' },
    sample: { ...count, description: 'How many of them were looked at; where it is fewer, the numbers are estimates' },
    of: { type: ['string', 'null'], enum: ['application', 'lists', null], description: 'Where they are known from' },
    on: count,
    margin: {
      ...count,
      description: 'How far `on` may be off, with 95 in 100; 0 where all known actors were looked at',
    },
    by_percent: {
      type: 'array',
      items: count,
      minItems: 101,
      maxItems: 101,
      description: 'At 0, 1 … 100 percent of actors while the other gates stay',
    },
  },
} as const

const changeSchema = {
  type: 'object',
  required: ['change_id', 'position', 'at', 'author', 'source', 'reason', 'flags'],
  properties: {
    change_id: textOrNull,
    position: positionSchema,
    at: { ...text, format: 'date-time' },
    author: text,
    source: text,
    reason: textOrNull,
    flags: {
      type: 'array',
      items: { type: 'object', required: ['name', 'sentence'], properties: { name: text, sentence: text } },
    },
  },
} as const

export const flagPageSchema = {
  description:
    'The flag. ETag is its revision; there is none where the answer comes from memory, and then nothing can be changed',
  type: 'object',
  required: [
    'flag',
    'position',
    'degraded',
    'age_ms',
    'definition',
    'effect',
    'history',
    'groups_known',
    'environments',
    'policy',
  ],
  properties: {
    flag: {
      type: 'object',
      required: ['name', 'revision', 'stored', 'state', 'summary', 'gates'],
      properties: {
        name: text,
        revision: { ...textOrNull, description: 'For If-Match; null where the answer comes from memory' },
        stored: { type: 'boolean' },
        state: { type: 'string', enum: ['on', 'off', 'conditional', 'default'] },
        summary: text,
        gates: gatesSchema,
      },
    },
    position: positionSchema,
    degraded: {
      type: 'boolean',
      description: 'Whether the answer comes from memory, because the database does not answer',
    },
    age_ms: { type: ['integer', 'null'], description: 'Since the database last answered this server' },
    definition: { anyOf: [shownDefinitionSchema, { type: 'null' }] },
    effect: knownEffectSchema,
    history: {
      type: 'array',
      description: 'The newest changes, at most 20; empty where the answer comes from memory',
      items: changeSchema,
    },
    groups_known: { ...texts, description: 'The groups of the configuration' },
    environments: { type: 'array', items: {} },
    policy: { type: 'null' },
  },
} as const
