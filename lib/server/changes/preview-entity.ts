// The schemas of what `POST /api/v4/features/:name/changes` takes and answers.

import { mostIds, mostOperations } from '../../feature/change/operations.js'
import { longestReason } from '../../feature/change/write-context.js'
import { actorClassSchema } from './actor-class.js'
import { apiErrorSchema } from '../api-error.js'
import { processesSchema } from './processes-schema.js'
import { featureSchema } from '../feature-entity.js'

const text = { type: 'string' } as const
const texts = { type: 'array', items: text } as const
const count = { type: 'integer', minimum: 0 } as const
const revision = { ...text, description: 'The revision of the flag, for If-Match' } as const
/** Postgres cannot hold NUL. */
export const storable = { type: 'string', pattern: '^[^\\u0000]*$' } as const

export const uuid = { type: 'string', pattern: '^[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}$' } as const

const operationSchema = {
  type: 'object',
  description:
    'enable, disable and delete stand alone; percentage_of_actors and percentage_of_time take a value from 0 to 100; add and remove take a list and ids',
  required: ['op'],
  properties: {
    op: {
      type: 'string',
      enum: ['enable', 'disable', 'delete', 'percentage_of_actors', 'percentage_of_time', 'add', 'remove'],
    },
    value: { type: 'number', minimum: 0, maximum: 100 },
    list: {
      type: 'string',
      enum: ['actors', 'never', 'groups'],
      description: 'never: those to whom the flag is denied',
    },
    ids: {
      description: 'Actors such as User:7, or names of groups',
      type: 'array',
      minItems: 1,
      maxItems: mostIds,
      items: storable,
    },
  },
} as const

export const changesBodySchema = {
  type: 'object',
  required: ['operations'],
  additionalProperties: false,
  properties: {
    operations: { type: 'array', minItems: 1, maxItems: mostOperations, items: operationSchema },
    reason: { ...storable, maxLength: longestReason, description: 'Why, for the history' },
    dry_run: {
      type: 'boolean',
      description: 'Whether to answer with a preview and write nothing; the scope read is enough',
    },
    actor_class: actorClassSchema,
    change_id: { ...uuid, description: 'A UUID for the change: sent again with the same change, it is made once' },
    force: {
      type: 'boolean',
      description: 'Also write a flag without definition, or one that is on by default and would go off for the others',
    },
    confirm: { type: 'string', description: 'Of the preview; only a person who is signed in by a cookie needs it' },
    wait: {
      type: 'boolean',
      description:
        'Whether to wait until every process has the change, for 5 s at most, and to answer with `processes`',
    },
  },
} as const

const sideSchema = {
  type: 'object',
  required: ['state', 'stored', 'summary'],
  properties: {
    state: { type: 'string', enum: ['on', 'off', 'conditional'] },
    stored: { type: 'boolean', description: 'False: the default of the definition counts' },
    summary: { ...text, description: 'In words' },
  },
} as const

const gateSchema = {
  type: 'object',
  description: 'A value before and after; of a list its length, and at most 50 of what comes and goes',
  required: ['gate', 'before', 'after'],
  properties: {
    gate: {
      type: 'string',
      enum: ['boolean', 'actors', 'never', 'percentage_of_actors', 'percentage_of_time', 'groups'],
    },
    before: { anyOf: [{ type: 'boolean' }, { type: 'number' }] },
    after: { anyOf: [{ type: 'boolean' }, { type: 'number' }] },
    added: texts,
    removed: texts,
  },
} as const

const effectSchema = {
  type: 'object',
  description:
    'Who gains the flag and who loses it, of the actors that the application gives or that stored lists name',
  required: [
    'actor_class',
    'known',
    'sample',
    'of',
    'gain',
    'lose',
    'margin',
    'unknown',
    'gain_first',
    'lose_first',
    'without_actor',
    'everybody',
  ],
  properties: {
    actor_class: { type: ['string', 'null'], description: 'The class of the known actors; null where none are known' },
    known: { type: ['integer', 'null'] },
    sample: { ...count, description: 'How many of them were looked at; where it is fewer, the numbers are estimates' },
    of: {
      type: ['string', 'null'],
      enum: ['application', 'lists', null],
      description: 'Where they are known from: actors.X.sample of the configuration, or stored lists',
    },
    gain: count,
    lose: count,
    margin: { ...count, description: 'How far gain and lose may be off, with 95 in 100; 0 where all were looked at' },
    unknown: { ...count, description: 'Those of whom it depends on a group' },
    gain_first: texts,
    lose_first: texts,
    without_actor: {
      type: 'object',
      description: 'The share of checks without an actor that answer true, 0 to 1',
      required: ['before', 'after'],
      properties: { before: { type: 'number' }, after: { type: 'number' } },
    },
    everybody: { type: 'boolean', description: 'Whether it becomes on for everybody' },
  },
} as const

const warningSchema = {
  type: 'object',
  required: ['code', 'message', 'safer', 'cli'],
  properties: {
    code: { type: 'string', enum: ['default_on_trap', 'sample_failed'] },
    message: text,
    safer: { type: 'array', items: operationSchema, description: 'Operations that do what was probably meant' },
    cli: { type: ['string', 'null'], description: 'The same as a command to copy' },
  },
} as const

export const levelSchema = {
  type: 'integer',
  enum: [0, 1, 2],
  description: 'How much care it asks: 0 none, 1 a look, 2 an answer',
} as const

/** What a change would do to one flag. */
const flagPreviewProperties = {
  name: text,
  revision,
  changed: { type: 'boolean', description: 'Whether anything would change' },
  before: sideSchema,
  after: sideSchema,
  gates: { type: 'array', items: gateSchema },
  wiped: {
    type: 'object',
    description: 'How many of each list go because the change is for everybody',
    required: ['actors', 'never', 'groups'],
    properties: { actors: count, never: count, groups: count },
  },
  effect: effectSchema,
  narrows: { type: 'boolean', description: 'Whether no check at all can gain the flag by it' },
  unmatched: { ...texts, description: 'What was to be taken off a list and is not on it; absent where all is' },
  warnings: { type: 'array', items: warningSchema },
  level: levelSchema,
} as const

/** Of a preview, and of a change that was previewed. */
export const confirmSchema = {
  ...text,
  description:
    'Of the preview. A person who is signed in by a cookie gets it there, and has to send it with the change',
} as const

const previewProperties = {
  ...flagPreviewProperties,
  confirm: confirmSchema,
  commands: {
    type: 'object',
    description:
      'The same change as commands, quoted for a POSIX shell; null where the command line has no words for it',
    required: ['cli', 'curl', 'chatops'],
    properties: { cli: { type: ['string', 'null'] }, curl: text, chatops: { type: ['string', 'null'] } },
  },
} as const

export const flagSchema = {
  ...featureSchema,
  required: [...featureSchema.required, 'revision'],
  properties: { ...featureSchema.properties, revision },
} as const

/** The same in the answer to a change that is made. */
export const changedFlagSchema = {
  ...flagSchema,
  properties: {
    ...flagSchema.properties,
    revision: {
      type: ['string', 'null'],
      description:
        'The revision of the flag, for If-Match; null where the database was lost right after the change, whose gates may be missing here then',
    },
  },
} as const

export const changeSchema = {
  type: 'object',
  required: ['id', 'position'],
  properties: {
    id: { ...text, description: 'As the history shows it' },
    position: {
      anyOf: [
        { type: 'object', required: ['version', 'nonce'], properties: { version: text, nonce: text } },
        { type: 'null' },
      ],
    },
  },
} as const

/** What a change would do. */
export const previewSchema = {
  type: 'object',
  description: 'What the change would do; nothing was written',
  required: Object.keys(previewProperties).filter((key) => key !== 'unmatched' && key !== 'confirm'),
  properties: previewProperties,
} as const

/** The same without commands, as a part of a preview of several flags. */
export const flagPreviewSchema = {
  type: 'object',
  required: Object.keys(flagPreviewProperties).filter((key) => key !== 'unmatched'),
  properties: flagPreviewProperties,
} as const

/** Changes by others, newest first. */
export const otherChangesSchema = {
  type: 'array',
  items: {
    type: 'object',
    required: ['change_id', 'at', 'author', 'source', 'reason', 'sentence'],
    properties: {
      change_id: { type: ['string', 'null'] },
      at: text,
      author: text,
      source: text,
      reason: { type: ['string', 'null'] },
      sentence: text,
    },
  },
} as const

/** With `dry_run` the preview, otherwise the flag and the change: no answer has the required parts of both. */
export const changesAnswerSchema = {
  description: 'The flag as it is now, and the change; with dry_run the preview',
  anyOf: [
    {
      type: 'object',
      required: ['flag', 'change'],
      properties: {
        flag: changedFlagSchema,
        change: { anyOf: [changeSchema, { type: 'null' }], description: 'Null where nothing changed' },
        repeated: { type: 'boolean', description: 'True where the change was made before, under the same change_id' },
        unmatched: { ...texts, description: 'What was to be taken off a list and was not on it; absent where all was' },
        processes: { anyOf: [processesSchema, { type: 'null' }] },
      },
    },
    previewSchema,
  ],
} as const

export const flagChangedSchema = {
  ...apiErrorSchema,
  description: 'The flag no longer has the revision of If-Match; what it is now, and the changes since, newest first',
  required: [...apiErrorSchema.required, 'current', 'changes', 'rebase'],
  properties: {
    ...apiErrorSchema.properties,
    current: flagSchema,
    changes: otherChangesSchema,
    rebase: {
      type: 'string',
      enum: ['clean', 'conflict'],
      description: 'clean: the others touched other gates, and the same change may be sent with the new revision',
    },
  },
} as const
