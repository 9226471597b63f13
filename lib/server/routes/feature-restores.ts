// Brings a flag back to what it was, and takes a change back. Not in GitLab.
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { ActorClasses } from '../../actors/classes.js'
import { FeatureError } from '../../errors.js'
import type { ChangeTerms, Written } from '../../feature/change/change-writer.js'
import { FlagChanged } from '../../feature/change/conflict.js'
import { restorePreviewToJson, undoPreviewToJson } from '../../feature/change/restore/restore-json.js'
import type { RestorePreview } from '../../feature/change/restore/restore.js'
import type { WriteContext } from '../../feature/change/write-context.js'
import type { Instance } from '../../instance/instance.js'
import { type ChangeGuards, guardChange } from '../access/guard-change.js'
import { checkActorClass } from '../changes/actor-class.js'
import { flagAfter, tag } from '../changes/flag-after.js'
import { errorResponses } from '../api-error.js'
import { flagChangedSchema } from '../changes/preview-entity.js'
import { restoreAnswerSchema, restoreBodySchema, undoAnswerSchema, undoBodySchema } from '../changes/restore-schemas.js'
import { answerConflict, expectedRevision, headersSchema, nameSchema } from './feature-changes.js'
import type { AskedChange } from '../sign-in/confirmations.js'
import { by, reasonOf } from './features.js'

interface Body {
  readonly new_change_id?: string
  readonly reason?: string
  readonly dry_run?: boolean
  readonly actor_class?: string
  readonly confirm?: string
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

interface Parts {
  readonly instance: Instance
  readonly guards: ChangeGuards
  readonly classes: ActorClasses
}

/** A request, as far as both routes read it. */
interface Asked<Sent extends Body> {
  readonly instance: Instance
  readonly guards: ChangeGuards
  readonly request: FastifyRequest
  readonly name: string
  readonly body: Sent
  readonly context: WriteContext
  readonly terms: ChangeTerms
}

/** A preview is a look; a change is guarded in the handler, where the body is known. */
const config = { scope: 'read', isReading: true } as const

/** Adds the routes below the prefix of its registration. */
export function featureRestoreRoutes(app: FastifyInstance, instance: Instance, guards: ChangeGuards): void {
  const common = { params: nameSchema, headers: headersSchema }
  const restoring = {
    operationId: 'restoreFeature',
    summary: 'Brings a flag back to exactly what it was, or shows what that would do',
    description: 'What was changed since goes, also what other people changed.',
    ...common,
    body: restoreBodySchema,
    response: { 200: restoreAnswerSchema, 412: flagChangedSchema, ...errorResponses },
  }
  const parts = { instance, guards, classes: new ActorClasses(instance.config.actors) }
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
  handle: (asked: Asked<Sent>, reply: FastifyReply) => Promise<object>,
  { instance, guards, classes }: Parts,
  request: FastifyRequest<{ Params: { name: string } }>,
  body: Sent,
  reply: FastifyReply,
) {
  const { name } = request.params
  checkActorClass(body.actor_class, classes)
  const expected = expectedRevision(request.headers['if-match'])
  const id = body.new_change_id?.toLowerCase()
  const terms = {
    ...(expected === null ? {} : { expect: new Map([[name, expected]]) }),
    ...(id === undefined ? {} : { id }),
  }
  try {
    const context = { ...by(request), ...reasonOf(body) }
    return await handle({ instance, guards, request, name, body, context, terms }, reply)
  } catch (error) {
    if (error instanceof FlagChanged) return answerConflict(instance, error, reply)
    throw error
  }
}

async function restore(asked: Asked<RestoreBody>, reply: FastifyReply) {
  const { instance, guards, request, name, body, context, terms } = asked
  const point = pointOf(body)
  const all = { ...terms, acceptUntracked: body.accept_untracked === true }
  // What is confirmed is the version and not the words: `2h` means another moment later.
  const shownOperations = ({ to }: RestorePreview) => ({ restore: to.version, untracked: all.acceptUntracked })
  if (body.dry_run === true) {
    const preview = await instance.restore.preview(name, point, { ...all, actorClass: body.actor_class })
    tag(reply, preview.revision)
    const { level, revision } = preview
    const shown = { flags: new Map([[name, revision]]), operations: shownOperations(preview), level }
    return { ...restorePreviewToJson(preview), ...(await guards.confirmations.given(request, shown)) }
  }
  const operations = async () => shownOperations(await instance.restore.preview(name, point, all))
  const expect = await guarded(asked, reply, { flags: [name], operations })
  const { written } = await instance.restore.apply(name, point, context, { ...all, ...expect })
  return { flag: await flagAfter(instance, name, reply), ...made(written) }
}

async function undo(asked: Asked<UndoBody>, reply: FastifyReply) {
  const { instance, guards, request, name, body, context, terms } = asked
  const all = { ...terms, of: name }
  const operations = { undo: body.change_id }
  if (body.dry_run === true) {
    const preview = await instance.undo.preview(body.change_id, { ...all, actorClass: body.actor_class })
    const own = preview.flags.find((flag) => flag.name === name)
    if (own !== undefined) tag(reply, own.revision)
    const answered = undoPreviewToJson(preview)
    const flags = new Map(preview.flags.map((flag) => [flag.name, flag.revision]))
    const confirm = await guards.confirmations.given(request, { flags, operations, level: answered.level })
    return { ...answered, ...confirm }
  }
  const expect = await guarded(asked, reply, { flags: null, operations: () => operations })
  const { names, written } = await instance.undo.apply(body.change_id, context, { ...all, ...expect })
  return { flag: await flagAfter(instance, name, reply), names, ...made(written) }
}

/** The revisions on which the change is made, for its terms. */
async function guarded<Sent extends Body>(
  { guards, request, body: { confirm }, terms }: Asked<Sent>,
  reply: FastifyReply,
  { flags, operations }: Pick<AskedChange, 'flags' | 'operations'>,
): Promise<Pick<ChangeTerms, 'expect'>> {
  const asked = { what: 'a change', force: false, flags, operations, expect: terms.expect ?? new Map(), confirm }
  const expect = await guardChange(request, reply, guards, asked)
  return expect.size === 0 ? {} : { expect }
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
