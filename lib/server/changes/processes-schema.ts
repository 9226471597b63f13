// Which processes have a change, as the answer to one that waits tells it.
export const processesSchema = {
  type: 'object',
  description:
    'Only with `wait`: how many processes there are, how many have the change, and the names of those that did not say so in time; ' +
    'null where processes do not know of each other, because they share no Redis',
  required: ['live', 'confirmed', 'lagging'],
  properties: {
    live: { type: 'integer' },
    confirmed: { type: 'integer' },
    lagging: { type: 'array', items: { type: 'string' } },
  },
} as const
