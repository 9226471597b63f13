// GitLab's admin API for feature flags: same paths, parameters, status codes and bodies (lib/api/features.rb).
import type { FastifyInstance } from 'fastify'
import { definitionToApi } from '../../definition/definition.js'
import type { FeatureFlags } from '../../feature/feature.js'
import type { Instance } from '../../instance/instance.js'
import { previewToJson } from '../../feature/change/preview/preview-json.js'
import { operationsOf, planSet, rulesOf } from '../../feature/change/set-request.js'
import { FeatureError } from '../../errors.js'
import { quoted } from '../../text/printable.js'
import { authorOf, type CallerOf } from '../access/author.js'
import { checkRight } from '../access/route-scope.js'
import { type ChangeGuards, guardTokenChange } from '../access/guard-change.js'
import { errorResponses } from '../api-error.js'
import {
  changedFeatureSchema,
  definitionSchema,
  featureSchema,
  shownFeatureSchema,
  toFeatureEntity,
  toShownFeature,
} from '../feature-entity.js'
import { refusedChange } from '../force-parameter.js'
import { previewSchema } from '../changes/preview-entity.js'
import {
  isForced,
  isTrial,
  joinParameters,
  schemaWith,
  type SetParameters,
  setParametersSchema,
  spelledParameter,
  toSetRequest,
} from '../set-parameters.js'
import { flagNow } from '../web/flag-now.js'

interface Name {
  readonly name: string
}

const reading = { scope: 'read' } as const
/** A preview is a look; a change is guarded by guard-change.ts, once it is known that it is none. */
const changing = { scope: 'read', isReading: true } as const

export const nameSchema = {
  type: 'object',
  required: ['name'],
  properties: { name: { type: 'string', description: 'The flag, percent-encoded; up to 255 characters' } },
} as const

interface RemoveQuery {
  readonly reason?: string
  readonly dry_run?: boolean | string
}

const removeQuerySchema = {
  type: 'object',
  properties: {
    reason: { ...setParametersSchema.properties.reason },
    dry_run: { ...setParametersSchema.properties.dry_run },
  },
} as const

/** Adds the routes below the prefix of its registration. */
export function featureRoutes(app: FastifyInstance, instance: Instance, guards: ChangeGuards): void {
  addLists(app, instance)
  addGet(app, instance)
  addSet(app, instance, guards)
  addRemove(app, instance, guards)
}

function addLists(app: FastifyInstance, instance: Instance): void {
  const { feature } = instance
  const list = {
    operationId: 'listFeatures',
    summary: 'All stored flags with their gates',
    response: { 200: { description: 'By name', type: 'array', items: featureSchema }, ...errorResponses },
  }
  app.get('/features', { config: reading, schema: list }, async () => {
    await waitForStore(feature)
    return feature.all().map(toFeatureEntity)
  })

  const definitions = {
    operationId: 'listFeatureDefinitions',
    summary: 'All definitions, stored or not',
    response: { 200: { description: 'By name', type: 'array', items: definitionSchema }, ...errorResponses },
  }
  app.get('/features/definitions', { config: reading, schema: definitions }, async () =>
    [...instance.catalog.all().values()].sort((a, b) => (a.name < b.name ? -1 : 1)).map(definitionToApi),
  )
}

/** Not in GitLab, whose clients know a flag's state only from the list. */
function addGet(app: FastifyInstance, instance: Instance): void {
  const { catalog, config, feature } = instance
  const schema = {
    operationId: 'getFeature',
    summary: 'One flag that is stored or defined',
    description:
      'Read from the database, because a change may be made on condition of its revision; from memory while the database does not answer. ' +
      'A flag named "definitions" is found in the list of all flags: its address is the list of definitions.',
    params: nameSchema,
    response: { 200: { description: 'The flag as it is now', ...shownFeatureSchema }, ...errorResponses },
  }
  app.get<{ Params: Name }>('/features/:name', { config: reading, schema }, async ({ params: { name } }, reply) => {
    await waitForStore(feature)
    const now = await flagNow(instance, name, config.logger)
    const definition = catalog.get(name) ?? null
    if (definition === null && now.stored === null) throw noSuchFlag(catalog, name)
    if (now.revision !== null) void reply.header('etag', `"${now.revision}"`)
    return toShownFeature(name, now, definition)
  })
}

/** The error for a flag that is neither defined nor stored. Not `unknown_flag`, which is 400: that is a change which cannot be made. */
export function noSuchFlag(catalog: Instance['catalog'], name: string): FeatureError {
  const broken = catalog.brokenFault(name)
  if (broken !== null) return new FeatureError('not_found', { problem: broken.problem, remedy: broken.remedy })
  const near = catalog.suggest(name)
  return new FeatureError('not_found', {
    problem: `the flag ${quoted(name)} is neither defined nor stored`,
    remedy:
      near === null
        ? 'GET /api/v4/features and GET /api/v4/features/definitions show all flags'
        : `did you mean "${near}"?`,
  })
}

function addSet(app: FastifyInstance, instance: Instance, guards: ChangeGuards): void {
  const { feature } = instance
  const rules = rulesOf(instance.config, spelledParameter)
  const schema = {
    operationId: 'setFeature',
    summary: 'Sets a flag, for everybody, for a share or for targets',
    description:
      'All of it happens, or nothing. The parameters may also stand in the query. One that is null counts as absent. ' +
      'A preview (dry_run) needs the scope read, a change the scope write.',
    consumes: ['application/json', 'application/x-www-form-urlencoded'],
    params: nameSchema,
    body: schemaWith(rules.classes),
    response: {
      200: previewSchema,
      201: { description: 'The flag as it is now', ...changedFeatureSchema },
      ...errorResponses,
    },
  }
  app.post<{ Params: Name; Body: SetParameters }>(
    '/features/:name',
    {
      config: changing,
      schema,
      preValidation: async (request, reply) => {
        Object.assign(request, { body: joinParameters(request.query, request.body) })
        if (!isTrial(request.body)) await guardTokenChange(request, reply, guards, request.method)
      },
    },
    async (request, reply) => {
      const { params, body } = request
      const asked = toSetRequest(body, rules.classes)
      if (isTrial(body)) {
        const terms = { force: isForced(body), optOutMustExist: true }
        const operations = await operationsOf(params.name, asked, rules)
        const shown = await instance.preview(params.name, operations, terms).catch((error: unknown) => {
          throw refusedChange(error, instance.catalog, params.name)
        })
        return reply.code(200).send(previewToJson(shown))
      }
      if (isForced(body)) checkRight(request, 'force', 'admin')
      const steps = await planSet(params.name, asked, rules)
      const written = await instance
        .change(steps, { ...by(request), force: isForced(body), ...reasonOf(body) })
        .catch((error: unknown) => {
          throw refusedChange(error, instance.catalog, params.name)
        })
      const unmatched = written.unmatched.flatMap(({ things }) => things)
      const entity = toFeatureEntity(feature.get(params.name))
      return reply.code(201).send(unmatched.length === 0 ? entity : { ...entity, unmatched })
    },
  )
}

function addRemove(app: FastifyInstance, instance: Instance, guards: ChangeGuards): void {
  const schema = {
    operationId: 'deleteFeature',
    summary: 'Removes what is stored of a flag, so that its default counts again',
    description: 'A preview (dry_run) needs the scope read, the removal the scope write.',
    params: nameSchema,
    querystring: removeQuerySchema,
    response: {
      200: previewSchema,
      204: { description: 'Done, also where nothing was stored', type: 'null' },
      ...errorResponses,
    },
  }
  app.delete<{ Params: Name; Querystring: RemoveQuery }>(
    '/features/:name',
    {
      config: changing,
      schema,
      preValidation: async (request, reply) => {
        if (!isTrial(request.query)) await guardTokenChange(request, reply, guards, request.method)
      },
    },
    async (request, reply) => {
      const { params, query } = request
      if (isTrial(query)) {
        return reply.code(200).send(previewToJson(await instance.preview(params.name, [{ op: 'delete' }])))
      }
      await instance.feature.remove(params.name, { ...by(request), ...reasonOf(query) })
      return reply.code(204).send()
    },
  )
}

/** The stored flags are not known before the first read, and an empty list would be wrong. Throws StoreUnavailable. */
async function waitForStore(feature: FeatureFlags): Promise<void> {
  if (feature.status().ageMs === null) await feature.refresh()
}

/** The author and the source of a change that this request makes. */
export function by(request: CallerOf): { author?: string; source: string } {
  const author = authorOf(request)
  return { ...(author === null ? {} : { author }), source: 'http' }
}

export function reasonOf({ reason }: { readonly reason?: string }): { reason?: string } {
  return reason === undefined || reason === '' ? {} : { reason }
}
