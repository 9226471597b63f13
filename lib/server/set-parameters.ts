// The parameters of `POST /api/v4/features/:name`: their schema and their meaning. As in GitLab, they come from the body and
// from the query, and the body wins. GitLab ignores an unknown parameter; this server refuses it, because a misspelt `project`
// would otherwise turn the flag on for all actors.
import type { ActorClasses } from '../actors/classes.js'
import { targetKinds, type TargetKind, type TargetTexts } from '../actors/targets.js'
import { longestReason } from '../feature/change/write-context.js'
import type { SetRequest } from '../feature/change/set-request.js'
import { isRecord } from '../text/json.js'

/** The values that the schema allows: texts from a form or the query, the JSON types from a JSON body. */
export interface SetParameters extends Readonly<Partial<Record<TargetKind, string | number>>> {
  readonly value: string | number | boolean
  readonly key?: string
  readonly force?: boolean | string
  readonly dry_run?: boolean | string
  readonly reason?: string
}

/** Postgres cannot hold NUL. */
const text = { type: 'string', pattern: '^[^\\u0000]*$' } as const
const target = (what: string) => ({
  description: `${what}; several separated by commas. An id over 2^53−1 is sent as text`,
  // The reader of the JSON has rounded a larger number, so it names another record.
  anyOf: [text, { type: 'integer', minimum: 0, maximum: Number.MAX_SAFE_INTEGER }],
})

/** `True` is how python-gitlab writes it into the query. */
const yesOrNo = [{ type: 'boolean' }, { type: 'string', enum: ['true', 'false', '1', '0', 'True', 'False'] }] as const

const properties = {
  value: {
    description: 'true, false, a percentage from 0 to 100, or (with a target) opt_out or remove_opt_out',
    anyOf: [text, { type: 'number' }, { type: 'boolean' }],
  },
  key: { ...text, description: 'What a percentage is of: percentage_of_actors or percentage_of_time (the default)' },
  feature_group: target('Name of a registered group'),
  user: target('Id or name of a user'),
  group: target('Id or path of a group'),
  namespace: target('Id or path of a namespace'),
  project: target('Id or path of a project'),
  organization: target('Id or path of an organization'),
  repository: target('Id or path of a repository'),
  runner: target('Id of a runner'),
  endpoint: target('Caller id of an endpoint, such as GET /api/v4/projects'),
  actor: target('An actor of any class, such as Customer:5'),
  force: {
    description: 'Also write a flag without definition, or one that is on by default and would go off for the others',
    anyOf: yesOrNo,
  },
  dry_run: { description: 'Whether to answer with a preview and write nothing', anyOf: yesOrNo },
  reason: { ...text, maxLength: longestReason, description: 'Why, for the history' },
} as const satisfies Record<keyof SetParameters, object>

export const setParametersSchema = {
  type: 'object',
  required: ['value'],
  additionalProperties: false,
  properties,
} as const

/** The schema with the project's own classes as targets, such as `customer`. */
export function schemaWith({ kinds, ownKinds }: ActorClasses) {
  const own = ownKinds.map((kind) => [kind, target(`Id or path of an actor of the class ${kinds.get(kind)}`)] as const)
  return { ...setParametersSchema, properties: { ...properties, ...Object.fromEntries(own) } }
}

/** A target as it is sent: `actor=Customer:5`. */
export function spelledParameter(kind: string, text: string): string {
  return `${kind}=${text}`
}

/**
 * The query's parameters under the body's. A parameter that is null counts as absent: clients send every field that they know. A
 * body that is not an object stays as it is: the schema refuses it.
 */
export function joinParameters(query: unknown, body: unknown): unknown {
  if (body === undefined || body === null) return { ...toObject(query) }
  if (typeof body !== 'object' || Array.isArray(body)) return body
  return { ...toObject(query), ...Object.fromEntries(Object.entries(body).filter(([, value]) => value !== null)) }
}

/** The parameters as a request, in the words of the command line. */
export function toSetRequest(parameters: SetParameters, { ownKinds }: ActorClasses): SetRequest {
  const given = new Map<string, unknown>(Object.entries(parameters))
  const named = [...targetKinds, ...ownKinds].map((kind) => [kind, given.get(kind) ?? null] as const)
  const targets: TargetTexts = Object.fromEntries(
    named.filter(([, target]) => target !== null).map(([kind, target]) => [kind, String(target)]),
  )
  return { value: String(parameters.value), key: parameters.key, targets }
}

export function isForced({ force }: SetParameters): boolean {
  return isYes(force)
}

/** Whether only a preview is asked for. The parameters need not be checked yet. */
export function isTrial(parameters: unknown): boolean {
  return isRecord(parameters) && isYes(parameters['dry_run'])
}

function isYes(given: unknown): boolean {
  return given === true || given === 'true' || given === 'True' || given === '1'
}

function toObject(value: unknown): object {
  return typeof value === 'object' && value !== null ? value : {}
}
