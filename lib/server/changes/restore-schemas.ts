// The schemas of the routes that take changes back, and of the one that changes several flags.
import { longestReason } from '../../feature/change/write-context.js'
import { actorClassSchema } from './actor-class.js'
import {
  changedFlagSchema,
  changeSchema,
  confirmSchema,
  flagPreviewSchema,
  levelSchema,
  otherChangesSchema,
  storable,
  uuid,
} from './preview-entity.js'

/** The most flags that one change of several may have. */
export const mostFlags = 50

const text = { type: 'string' } as const
const flag = { type: 'boolean' } as const

const terms = {
  reason: { ...storable, maxLength: longestReason, description: 'Why, for the history' },
  dry_run: { ...flag, description: 'Whether to answer with a preview and write nothing; the scope read is enough' },
  confirm: confirmSchema,
} as const

const newId = { ...uuid, description: 'A UUID for the change that this makes: sent again, it is made once' } as const

export const restoreBodySchema = {
  type: 'object',
  additionalProperties: false,
  description: 'One of change_id, revision and at',
  properties: {
    change_id: { ...uuid, description: 'Restores what this change has left' },
    revision: { ...text, description: 'Restores this revision of the flag' },
    at: {
      ...text,
      description: 'A time with an offset, such as 2026-11-20T10:00Z, a distance such as 2h, or a position',
    },
    accept_untracked: {
      ...flag,
      description: 'Also where a program wrote past the history, so that some rows are only probable',
    },
    new_change_id: newId,
    actor_class: actorClassSchema,
    ...terms,
  },
} as const

export const undoBodySchema = {
  type: 'object',
  additionalProperties: false,
  required: ['change_id'],
  properties: {
    change_id: { ...text, description: 'The change to undo; it must have changed this flag' },
    new_change_id: newId,
    actor_class: actorClassSchema,
    ...terms,
  },
} as const

const made = {
  change: { anyOf: [changeSchema, { type: 'null' }], description: 'Null where nothing changed' },
  repeated: { ...flag, description: 'True where the change was made before, under the same id' },
} as const

const pointSchema = {
  type: 'object',
  description: 'What it restores',
  required: ['version', 'at', 'revision', 'uncertain'],
  properties: {
    version: text,
    at: { type: ['string', 'null'] },
    revision: text,
    uncertain: {
      type: 'array',
      description:
        'Rows of which it is not known whether they were stored then, because they were written past the history',
      items: {
        type: 'object',
        required: ['gate', 'value', 'stored'],
        properties: { gate: { type: ['string', 'null'] }, value: { type: ['string', 'null'] }, stored: flag },
      },
    },
  },
} as const

export const restoreAnswerSchema = {
  description: 'The flag as it is now, and the change; with dry_run the preview',
  anyOf: [
    { type: 'object', required: ['flag', 'change'], properties: { flag: changedFlagSchema, ...made } },
    {
      ...flagPreviewSchema,
      required: [...flagPreviewSchema.required, 'to', 'later'],
      properties: {
        ...flagPreviewSchema.properties,
        confirm: confirmSchema,
        to: pointSchema,
        later: { ...otherChangesSchema, description: 'The changes since, newest first: what they did goes' },
      },
    },
  ],
} as const

const previewsSchema = {
  type: 'array',
  description: 'What it would do to each flag',
  items: flagPreviewSchema,
} as const

export const undoAnswerSchema = {
  description: 'The flag as it is now, the names of all flags of the change, and the change; with dry_run the preview',
  anyOf: [
    {
      type: 'object',
      required: ['flag', 'names', 'change'],
      properties: { flag: changedFlagSchema, names: { type: 'array', items: text }, ...made },
    },
    {
      type: 'object',
      required: ['change_id', 'flags', 'later', 'level'],
      properties: {
        change_id: text,
        flags: previewsSchema,
        later: { ...otherChangesSchema, description: 'Later changes of these flags, newest first: they stay' },
        level: levelSchema,
        confirm: confirmSchema,
      },
    },
  ],
} as const

export const jointBodySchema = {
  type: 'object',
  additionalProperties: false,
  required: ['flags', 'operation'],
  properties: {
    flags: {
      type: 'array',
      minItems: 1,
      maxItems: mostFlags,
      items: {
        type: 'object',
        additionalProperties: false,
        required: ['name'],
        properties: {
          name: { ...storable, minLength: 1 },
          revision: { ...text, description: 'The revision that the flag must have; without it any' },
        },
      },
    },
    operation: { ...text, enum: ['disable', 'delete'], description: 'Off for everybody, or deletes what is stored' },
    change_id: newId,
    ...terms,
  },
} as const

export const jointAnswerSchema = {
  description: 'The flags as they are now, and the change; with dry_run the preview',
  anyOf: [
    {
      type: 'object',
      required: ['flags', 'change'],
      properties: { flags: { type: 'array', items: changedFlagSchema }, ...made },
    },
    {
      type: 'object',
      required: ['flags', 'level'],
      properties: { flags: previewsSchema, level: levelSchema, confirm: confirmSchema },
    },
  ],
} as const
