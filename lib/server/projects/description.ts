// What the OpenAPI description says of the routes of projects. The schemas describe and do not check: GitLab's rules, with its
// sentences, are in the parameters' readers and in project-flags/.
import type { FastifyInstance } from 'fastify'

interface Answer {
  readonly status: number
  readonly type: 'object' | 'array' | 'null'
}

interface Details {
  readonly query?: object
  readonly body?: object
  /** Default: 200, an object. */
  readonly answer?: Answer
  /** Whether the route changes nothing, although it is a POST. */
  readonly isReading?: boolean
}

const text = { type: 'string' } as const
const number = { type: 'integer' } as const
const yesOrNo = { type: 'boolean' } as const
const textOrNull = { type: ['string', 'null'] } as const

const scope = { id: number, environment_scope: text, _destroy: { ...yesOrNo, description: 'PUT: removes it' } }
const strategy = {
  id: { ...number, description: 'PUT: changes that strategy; without it one is added' },
  name: { ...text, description: 'default, flexibleRollout, gradualRolloutUserId, userWithId or gitlabUserList' },
  parameters: { description: 'Text to text; or a text that holds the JSON' },
  user_list_id: { type: ['integer', 'null'] },
  scopes: { type: 'array', items: { type: 'object', properties: scope } },
  _destroy: { ...yesOrNo, description: 'PUT: removes it' },
} as const

/** Taken by every route that changes something, in the query or in the body. */
const terms = {
  dry_run: { ...yesOrNo, description: 'Gives the answer with its `warnings`, and writes nothing' },
  reason: { ...text, description: 'Why, for the history; up to 1,000 characters' },
} as const

export const bodies = {
  flag: {
    name: text,
    description: textOrNull,
    active: yesOrNo,
    version: { ...text, enum: ['new_version_flag'] },
    strategies: { type: 'array', items: { type: 'object', properties: strategy } },
    ...terms,
  },
  list: { name: text, user_xids: { ...text, description: 'Ids with commas in between' }, ...terms },
  settings: { minimum_role: { ...text, enum: ['developer', 'maintainer', 'owner', 'no_one_allowed'] }, ...terms },
  project: {
    name: text,
    path: { ...text, description: 'May hold slashes: group/shop' },
    feature_flags_access_level: { ...text, enum: ['enabled', 'disabled'] },
    feature_flags_minimum_role: text,
    feature_flags_streaming: yesOrNo,
    ...terms,
  },
  instanceId: { name: text, environment: { ...textOrNull, description: 'Of all SDKs that use it' }, ...terms },
  evaluate: {
    environment: text,
    context: {
      type: 'object',
      properties: { userId: text, sessionId: text, remoteAddress: text, properties: { type: 'object' } },
    },
  },
} as const

export const queries = {
  page: { page: number, per_page: { ...number, description: 'Up to 100' } },
  search: { search: { ...text, description: 'Each word must occur, without regard to case' } },
  terms,
  force: { force: { ...yesOrNo, description: 'Does it although SDKs use it' } },
} as const

export const answers = {
  list: { status: 200, type: 'array' },
  made: { status: 201, type: 'object' },
  taken: { status: 202, type: 'object' },
  nothing: { status: 204, type: 'null' },
} as const satisfies Readonly<Record<string, Answer>>

const refusal = {
  description: "GitLab's body, and a code (docs/errors.md); nothing was written",
  type: 'object',
  properties: { code: text, message: { description: 'A text, or a list of sentences' }, error: text },
} as const

/** The options of a route for tokens with a right in a project; the handler checks which. */
export function projectRoute(operationId: string, summary: string, details: Details = {}) {
  const { query, body, answer = { status: 200, type: 'object' }, isReading } = details
  return {
    config: { scope: 'project', ...(isReading === undefined ? {} : { isReading }) },
    schema: {
      operationId,
      summary,
      tags: ['projects'],
      response: { [answer.status]: { description: 'Done', type: answer.type }, '4xx': refusal },
      ...(query === undefined ? {} : { querystring: { type: 'object', properties: query } }),
      ...(body === undefined
        ? {}
        : {
            consumes: ['application/json', 'application/x-www-form-urlencoded'],
            body: { type: ['object', 'null'], properties: body },
          }),
    },
  } as const
}

/** Lets schemas describe only. */
export function describeOnly(app: FastifyInstance): void {
  app.setValidatorCompiler(() => () => true)
  app.setSerializerCompiler(() => (answer) => JSON.stringify(answer))
}
