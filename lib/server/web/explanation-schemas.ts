// The schemas of explanations: of one flag, and of all flags.
const text = { type: 'string' } as const
const textOrNull = { type: ['string', 'null'] } as const
const texts = { type: 'array', items: text } as const

/** So many actors may be asked at once. */
const mostActors = 100

export const explainedActorsSchema = {
  type: 'array',
  maxItems: mostActors,
  description:
    'Actors such as User:7; several are asked at once, as in a check of a list. None: a check without an actor',
  // Postgres cannot hold NUL.
  items: { type: 'string', pattern: '^[^\\u0000]*$' },
} as const

export const pointSchema = {
  ...text,
  description:
    'A time in the past: 2026-11-20T10:00Z (with an offset), 2h, a position, a revision of the flag, or the id of a change',
} as const

const valueSchema = {
  type: ['boolean', 'null'],
  description: 'What a check answers; null where chance decides each check anew',
} as const

const answerProperties = {
  value: valueSchema,
  reason: { ...text, description: 'The gate that decides, as Feature.decide names it' },
  chance: { type: 'number', minimum: 0, maximum: 1, description: 'How likely a check answers true' },
  approximate: {
    ...texts,
    description: 'What is not certain: by_chance, group:NAME; of the past also definition and untracked',
  },
} as const

const answerSchema = {
  type: 'object',
  required: Object.keys(answerProperties),
  properties: answerProperties,
} as const

const positionSchema = {
  anyOf: [
    { type: 'object', required: ['version', 'nonce'], properties: { version: text, nonce: text } },
    { type: 'null' },
  ],
} as const

const asOfSchema = {
  type: 'object',
  required: ['position', 'at', 'from'],
  properties: {
    position: {
      anyOf: [
        { type: 'object', required: ['version', 'nonce'], properties: { version: text, nonce: textOrNull } },
        { type: 'null' },
      ],
    },
    at: { ...textOrNull, format: 'date-time' },
    from: {
      type: 'string',
      enum: ['store', 'memory', 'stub'],
      description: 'memory: the database cannot be reached, and this is what the server holds',
    },
  },
} as const

const stepSchema = {
  type: 'object',
  required: ['gate', 'open', 'decides', 'why'],
  properties: {
    gate: {
      ...text,
      description:
        'never (the opt-outs), boolean, actors, percentage_of_actors, percentage_of_time, groups, default, or one that this version does not know',
    },
    open: {
      type: ['boolean', 'null'],
      description: 'Null where it cannot be told: chance decides, a group is unknown, or a check does not ask it',
    },
    decides: { type: 'boolean' },
    why: { ...text, description: 'In words' },
    detail: {
      type: 'object',
      description:
        'Of a percentage of actors: the CRC-32 of the input, its remainder by 100,000, and what it has to be below',
      required: ['input', 'joined_id', 'checksum', 'bucket', 'threshold'],
      properties: {
        input: text,
        joined_id: text,
        checksum: { type: 'integer' },
        bucket: { type: 'integer' },
        threshold: { type: 'number' },
      },
    },
  },
} as const

const bySchema = {
  description: 'The change that decided; null where none did, and where it is not known',
  anyOf: [
    {
      type: 'object',
      required: ['change_id', 'position', 'at', 'author', 'source', 'reason'],
      properties: {
        change_id: textOrNull,
        position: positionSchema,
        at: text,
        author: text,
        source: text,
        reason: textOrNull,
      },
    },
    { type: 'null' },
  ],
} as const

export const explanationSchema = {
  type: 'object',
  required: ['name', 'actors', 'value', 'reason', 'chance', 'steps', 'as_of', 'by', 'approximate'],
  properties: {
    name: text,
    actors: texts,
    ...answerProperties,
    steps: { type: 'array', items: stepSchema, description: 'The gates, in the order in which a check asks them' },
    as_of: asOfSchema,
    by: bySchema,
  },
} as const

export const allExplainedSchema = {
  type: 'object',
  required: ['as_of', 'flags'],
  properties: {
    as_of: asOfSchema,
    than_as_of: { ...asOfSchema, description: 'Of the answers in `than`; absent where none were asked for' },
    flags: {
      type: 'array',
      description: 'By name',
      items: {
        type: 'object',
        required: ['name', ...Object.keys(answerProperties), 'default'],
        properties: {
          name: text,
          ...answerProperties,
          default: { type: ['boolean', 'null'], description: 'Of its definition; null where it has none' },
          than: { ...answerSchema, description: 'The answer that it is compared with' },
        },
      },
    },
  },
} as const
