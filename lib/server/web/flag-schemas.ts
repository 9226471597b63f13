// The schemas of what pages read of internal flags.
import { flagColumns } from './flag-rows.js'

const text = { type: 'string' } as const
const textOrNull = { type: ['string', 'null'] } as const

export const positionSchema = {
  ...textOrNull,
  description: 'The state that is shown, as version and the beginning of its nonce; null where there is no history',
} as const

/** A row of the list, and of events. */
export const rowSchema = {
  type: 'array',
  description:
    'One flag: a value for each column. type, group, default_enabled and milestone are null without a definition; state is on, off, ' +
    'conditional, or default where nothing is stored; actors and never are counts, groups are names; changed_at and changed_by are null ' +
    'where the history does not tell; overdue says whether the flag is past the lifetime of its type; fault is what is wrong with its file',
  minItems: flagColumns.length,
  items: {},
} as const

export const listSchema = {
  description: 'By name; read the cells by the names of the columns, because more may be added at the end',
  type: 'object',
  required: ['position', 'at', 'columns', 'rows'],
  properties: {
    position: positionSchema,
    at: { ...text, format: 'date-time', description: 'When this server made the list' },
    columns: { type: 'array', items: { type: 'string', enum: [...flagColumns] } },
    rows: { type: 'array', items: rowSchema },
  },
} as const
