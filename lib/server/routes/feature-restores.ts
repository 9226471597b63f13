// Brings a flag back to what it was, and takes a change back. Not in GitLab.
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { FeatureError } from '../../errors.js'
import type { ChangeTerms, Written } from '../../feature/change/change-writer.js'
import { FlagChanged } from '../../feature/change/conflict.js'
import { restorePreviewToJson, undoPreviewToJson } from '../../feature/change/restore/restore-json.js'
import type { WriteContext } from '../../feature/change/write-context.js'
import type { Instance } from '../../instance/instance.js'
import { guardChange } from '../access/guard-change.js'
import type { RateGuard } from '../access/rate-limits.js'
import { errorResponses } from '../api-error.js'
import { flagChangedSchema } from '../preview-entity.js'
import { restoreAnswerSchema, restoreBodySchema, undoAnswerSchema, undoBodySchema } from '../restore-schemas.js'
import { answerConflict, expectedRevision, flagNow, headersSchema, nameSchema, tag } from './feature-changes.js'
import { by, reasonOf } from './features.js'

interface Body {
  readonly new_change_id?: string
  readonly reason?: string
  readonly dry_run?: boolean
}

interface UndoBody extends Body {
  readonly change_id: string
}

interface RestoreBody extends Body {
  readonly change_id?: string
  readonly revision?: string
  readonly at?: string
  readonly accept_untracked?: boolean
}

interface Route<Sent extends Body> {
  readonly Params: { readonly name: string }
  readonly Body: Sent
}

/** A request, as far as both routes read it. */
interface Asked<Sent extends Body> {
  readonly name: string
  readonly body: Sent
  readonly context: WriteContext
  readonly terms: ChangeTerms
}

/** A preview is a look; a change is guarded in the handler, where the body is known. */
const config = { scope: 'read', isReading: true } as const

/** Adds the routes below the prefix of its registration. */
export function featureRestoreRoutes(app: FastifyInstance, instance: Instance, rates: RateGuard): void {
  const common = { params: nameSchema, headers: headersSchema }
  const restoring = {
    operationId: 'restoreFeature',
    summary: 'Brings a flag back to exactly what it was, or shows what that would do',
    description: 'What was changed since goes, whoever changed it.',
    ...common,
    body: restoreBodySchema,
    response: { 200: restoreAnswerSchema, 412: flagChangedSchema, ...errorResponses },
  }
  const parts = { instance, rates }
  app.post<Route<RestoreBody>>('/features/:name/restore', { config, schema: restoring }, (request, reply) =>
    answer(restore, parts, request, request.body, reply),
  )
  const undoing = {
    operationId: 'undoFeatureChange',
    summary: 'Undoes one change of a flag, on all flags that it changed, or shows what that would do',
    description: 'Later changes to other gates stay.',
    ...common,
    body: undoBodySchema,
    response: { 200: undoAnswerSchema, 412: flagChangedSchema, ...errorResponses },
  }
  app.post<Route<UndoBody>>('/features/:name/undo', { config, schema: undoing }, (request, reply) =>
    answer(undo, parts, request, request.body, reply),
  )
}

/** The answer of a handler with its revision, and with a conflict as an answer of its own. */
async function answer<Sent extends Body>(
  handle: (instance: Instance, asked: Asked<Sent>, reply: FastifyReply) => Promise<object>,
  { instance, rates }: { readonly instance: Instance; readonly rates: RateGuard },
  request: FastifyRequest<{ Params: { name: string } }>,
  body: Sent,
  reply: FastifyReply,
) {
  const { name } = request.params
  const expected = expectedRevision(request.headers['if-match'])
  if (body.dry_run !== true) await guardChange(request, reply, rates, { what: 'a change', force: false })
  const id = body.new_change_id?.toLowerCase()
  const terms = {
    ...(expected === null ? {} : { expect: new Map([[name, expected]]) }),
    ...(id === undefined ? {} : { id }),
  }
  try {
    return await handle(instance, { name, body, context: { ...by(request), ...reasonOf(body) }, terms }, reply)
  } catch (error) {
    if (error instanceof FlagChanged) return answerConflict(instance, error, reply)
    throw error
  }
}

async function restore(instance: Instance, { name, body, context, terms }: Asked<RestoreBody>, reply: FastifyReply) {
  const point = pointOf(body)
  const all = { ...terms, acceptUntracked: body.accept_untracked === true }
  if (body.dry_run === true) {
    const preview = await instance.restore.preview(name, point, all)
    tag(reply, preview.revision)
    return restorePreviewToJson(preview)
  }
  const { written } = await instance.restore.apply(name, point, context, all)
  return { flag: await flagNow(instance, name, reply), ...made(written) }
}

async function undo(instance: Instance, { name, body, context, terms }: Asked<UndoBody>, reply: FastifyReply) {
  const all = { ...terms, of: name }
  if (body.dry_run === true) {
    const preview = await instance.undo.preview(body.change_id, all)
    const own = preview.flags.find((flag) => flag.name === name)
    if (own !== undefined) tag(reply, own.revision)
    return undoPreviewToJson(preview)
  }
  const { names, written } = await instance.undo.apply(body.change_id, context, all)
  return { flag: await flagNow(instance, name, reply), names, ...made(written) }
}

/** What the answer to a change says of it. */
export function made({ changed, id, position, repeated }: Written) {
  return { change: changed ? { id, position } : null, ...(repeated ? { repeated: true } : {}) }
}

/** Throws FeatureError (`invalid_request`) unless just one point is named. */
function pointOf({ change_id: change, revision, at }: RestoreBody): string {
  const [point, more] = [change, revision, at].filter((one) => one !== undefined)
  if (point !== undefined && more === undefined) return point
  throw new FeatureError('invalid_request', {
    problem: point === undefined ? 'the body names no point to restore' : 'the body names several points to restore',
    remedy: 'give one of change_id, revision and at',
  })
}
