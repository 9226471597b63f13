// Changes of a flag as lists of operations, on condition of a revision, and their previews. Not in GitLab, whose route for a change is in
// features.ts.
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { ActorClasses } from '../../actors/classes.js'
import { FeatureError } from '../../errors.js'
import type { Written } from '../../feature/change/change-writer.js'
import { FlagChanged } from '../../feature/change/conflict.js'
import { type FlagOperation, parseOperations, planOperations, withActorIds } from '../../feature/change/operations.js'
import { previewToJson } from '../../feature/change/preview/preview-json.js'
import { otherChangeToJson } from '../../feature/change/restore/restore-json.js'
import type { Instance } from '../../instance/instance.js'
import type { Confirmations } from '../sign-in/confirmations.js'
import { parseRevision, type Revision } from '../../state/revision.js'
import { quoted } from '../../text/printable.js'
import { type ChangeGuards, guardChange } from '../access/guard-change.js'
import { checkActorClass } from '../changes/actor-class.js'
import { flagAfter, tag } from '../changes/flag-after.js'
import { errorResponses } from '../api-error.js'
import { toFeatureEntity } from '../feature-entity.js'
import { refusedChange } from '../force-parameter.js'
import { changesAnswerSchema, changesBodySchema, flagChangedSchema } from '../changes/preview-entity.js'
import { by, reasonOf } from './features.js'

interface ChangesBody {
  readonly operations: readonly object[]
  readonly reason?: string
  readonly dry_run?: boolean
  readonly actor_class?: string
  readonly change_id?: string
  readonly force?: boolean
  readonly confirm?: string
  readonly wait?: boolean
}

interface ChangesRoute {
  readonly Params: { readonly name: string }
  readonly Body: ChangesBody
}

export const nameSchema = {
  type: 'object',
  required: ['name'],
  properties: { name: { type: 'string', description: 'The flag, percent-encoded; up to 255 characters' } },
} as const

export const headersSchema = {
  type: 'object',
  properties: {
    'if-match': { type: 'string', description: 'The revision that the flag must have, in quotes; without it any' },
  },
} as const

/** Adds the routes below the prefix of its registration. */
export function featureChangeRoutes(app: FastifyInstance, instance: Instance, guards: ChangeGuards): void {
  const classes = new ActorClasses(instance.config.actors)
  const schema = {
    operationId: 'changeFeature',
    summary: 'Applies operations to a flag, or shows what they would do',
    description:
      'All operations happen in their order and in one transaction, or none. A preview needs the scope read and does not ' +
      'count as a change, which needs the scope write.',
    params: nameSchema,
    headers: headersSchema,
    body: changesBodySchema,
    response: { 200: changesAnswerSchema, 412: flagChangedSchema, ...errorResponses },
  }
  app.post<ChangesRoute>(
    '/features/:name/changes',
    // A preview is a look; a change is guarded below, where the body is known.
    { config: { scope: 'read', isReading: true }, schema },
    async (request, reply) => {
      const { body, params } = request
      const expected = expectedRevision(request.headers['if-match'])
      const expect = expected === null ? new Map<string, Revision>() : new Map([[params.name, expected]])
      checkActorClass(body.actor_class, classes)
      const operations = withActorIds(parseOperations(body.operations), classes)
      try {
        if (body.dry_run === true) {
          return await preview({ instance, ...guards }, request, operations, expected, reply)
        }
        const terms = await guardChange(request, reply, guards, {
          what: 'a change',
          force: body.force === true,
          flags: [params.name],
          operations: () => shownOperations(body, operations),
          expect,
          confirm: body.confirm,
        })
        return await change(instance, request, operations, terms, reply)
      } catch (error) {
        if (error instanceof FlagChanged) return await answerConflict(instance, error, reply)
        throw refusedChange(error, instance.catalog, params.name)
      }
    },
  )
}

/** What is confirmed: the operations, and whether they are forced. */
function shownOperations({ force = false }: ChangesBody, operations: readonly FlagOperation[]): object {
  return { operations, force }
}

async function preview(
  { instance, confirmations }: { readonly instance: Instance; readonly confirmations: Confirmations },
  request: FastifyRequest<ChangesRoute>,
  operations: readonly FlagOperation[],
  expected: Revision | null,
  reply: FastifyReply,
): Promise<object> {
  const { params, body } = request
  const terms = {
    force: body.force === true,
    actorClass: body.actor_class,
    ...(expected === null ? {} : { expected }),
  }
  const shown = await instance.preview(params.name, operations, terms)
  tag(reply, shown.revision)
  const { level, revision } = shown
  const shownChange = {
    flags: new Map([[params.name, revision]]),
    operations: shownOperations(body, operations),
    level,
  }
  return { ...previewToJson(shown), ...(await confirmations.given(request, shownChange)) }
}

async function change(
  instance: Instance,
  request: FastifyRequest<ChangesRoute>,
  operations: readonly FlagOperation[],
  expect: ReadonlyMap<string, Revision>,
  reply: FastifyReply,
): Promise<object> {
  const { params, body } = request
  const context = { ...by(request), force: body.force === true, ...reasonOf(body) }
  const terms = {
    ...(expect.size === 0 ? {} : { expect }),
    ...(body.change_id === undefined ? {} : { id: body.change_id.toLowerCase() }),
    asksProcesses: body.wait === true,
  }
  const written = await instance.change(planOperations(params.name, operations), context, terms)
  const unmatched = written.unmatched.flatMap(({ things }) => things)
  return {
    flag: await flagAfter(instance, params.name, reply),
    change: written.changed ? { id: written.id, position: written.position } : null,
    ...(written.repeated ? { repeated: true } : {}),
    ...(unmatched.length === 0 ? {} : { unmatched }),
    ...(body.wait === true ? { processes: processesToJson(written.processes) } : {}),
  }
}

/** With this process, which has it. */
function processesToJson(asked: Written['processes']): object | null {
  if (asked === null) return null
  const { confirmed, lagging } = asked
  return { live: confirmed + lagging.length + 1, confirmed: confirmed + 1, lagging }
}

export async function answerConflict(
  instance: Instance,
  { code, message, conflict }: FlagChanged,
  reply: FastifyReply,
) {
  await instance.feature.refresh()
  const revision = await instance.revision(conflict.name)
  tag(reply, revision)
  const current = { ...toFeatureEntity(instance.feature.get(conflict.name)), revision }
  const changes = conflict.changes.map(otherChangeToJson)
  return reply.code(412).send({ code, message, current, changes, rebase: conflict.rebase })
}

/**
 * The revision of an `If-Match`; null for none and for `*`, which any revision fits. Gateways that compress make tags weak. Throws
 * FeatureError (`invalid_request`) for what is not one revision: it may not be taken for "any".
 */
export function expectedRevision(header: string | undefined): Revision | null {
  if (header === undefined || header.trim() === '*') return null
  const [, text] = /^(?:W\/)?"([^"]*)"$/.exec(header.trim()) ?? []
  const revision = text === undefined ? null : parseRevision(text)
  if (revision !== null) return revision
  throw new FeatureError('invalid_request', {
    problem: `If-Match is ${quoted(header)}, which is not the revision of a flag`,
    remedy: 'send the ETag or the revision of an answer, one and in quotes, or leave the header out',
  })
}
