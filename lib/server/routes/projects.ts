// Projects, their settings, instance IDs and history: ours, beside GitLab's routes for feature flags.
import type { FastifyInstance } from 'fastify'
import type { Instance } from '../../instance/instance.js'
import type { HistoryEntry, InstanceId, MinimumRole, Settings } from '../../project-flags/project.js'
import { isRecord } from '../../text/json.js'
import { adminRoute, changedBy, findProject, isForced, numberIn, type OfProject } from '../projects/caller.js'
import { toProjectEntity } from '../projects/entities.js'
import { pageOf } from '../projects/pagination.js'
import { ShapeFault } from '../projects/shape-fault.js'

const mostHistory = 1_000
const roles: readonly MinimumRole[] = ['developer', 'maintainer', 'owner', 'no_one_allowed']

export function projectRoutes(app: FastifyInstance, instance: Instance): void {
  addProjects(app, instance)
  addSettings(app, instance)
  addInstanceIds(app, instance)
  addHistory(app, instance)
}

function addProjects(app: FastifyInstance, instance: Instance): void {
  app.get('/projects', adminRoute('listProjects', 'All projects'), async (request, reply) => {
    const all = await (await instance.projects()).projects()
    return pageOf(all, request, reply).map(toProjectEntity)
  })
  app.post(
    '/projects',
    adminRoute('createProject', 'Makes a project, with a first instance ID'),
    async (request, reply) => {
      const { path, name = path } = textsIn(request.body, ['path', 'name'])
      if (path === undefined) throw new ShapeFault('path is missing')
      const projects = await instance.projects()
      const project = await projects.createProject({ path, name: name ?? path }, changedBy(request))
      return reply.code(201).send(toProjectEntity(project))
    },
  )
  app.get<{ Params: OfProject }>('/projects/:id', adminRoute('getProject', 'One project'), async ({ params }) =>
    toProjectEntity((await findProject(instance, params)).project),
  )
  app.put<{ Params: OfProject }>(
    '/projects/:id',
    adminRoute('changeProject', 'Changes the settings that are named'),
    async (request) => {
      const { projects, project } = await findProject(instance, request.params)
      return toProjectEntity(await projects.changeSettings(project.id, settingsIn(request.body), changedBy(request)))
    },
  )
  app.delete<{ Params: OfProject }>(
    '/projects/:id',
    adminRoute('deleteProject', 'Deletes a project with all its flags'),
    async (request, reply) => {
      const { projects, project } = await findProject(instance, request.params)
      await projects.deleteProject(project, changedBy(request), isForced(request))
      return reply.code(202).send({ message: '202 Accepted' })
    },
  )
}

/** GitLab's route for the one setting that it has. */
function addSettings(app: FastifyInstance, instance: Instance): void {
  app.get<{ Params: OfProject }>(
    '/projects/:id/feature_flags_settings',
    adminRoute('getProjectFlagSettings', 'The role that may change flags'),
    async ({ params }) => {
      const { project } = await findProject(instance, params)
      return { minimum_role: project.minimumRole }
    },
  )
  app.put<{ Params: OfProject }>(
    '/projects/:id/feature_flags_settings',
    adminRoute('changeProjectFlagSettings', 'Sets the role that may change flags'),
    async (request) => {
      const { projects, project } = await findProject(instance, request.params)
      const query = isRecord(request.query) ? request.query : {}
      const body = isRecord(request.body) ? request.body : {}
      const minimumRole = roleIn({ ...query, ...body }['minimum_role'], 'minimum_role')
      if (minimumRole === undefined) throw new ShapeFault('minimum_role is missing')
      const changed = await projects.changeSettings(project.id, { minimumRole }, changedBy(request))
      return { minimum_role: changed.minimumRole }
    },
  )
}

function addInstanceIds(app: FastifyInstance, instance: Instance): void {
  app.get<{ Params: OfProject }>(
    '/projects/:id/instance_ids',
    adminRoute('listInstanceIds', 'The instance IDs of a project, without their secrets'),
    async ({ params }) => {
      const { projects, project } = await findProject(instance, params)
      return (await projects.instanceIds(project.id)).map(toInstanceIdEntity)
    },
  )
  app.post<{ Params: OfProject }>(
    '/projects/:id/instance_ids',
    adminRoute('createInstanceId', 'Makes an instance ID; the answer has its secret'),
    async (request, reply) => {
      const { projects, project } = await findProject(instance, request.params)
      const { name, environment } = textsIn(request.body, ['name', 'environment'])
      if (name === undefined) throw new ShapeFault('name is missing')
      const given = { name, environment: environment ?? null }
      const made = await projects.addInstanceId(project.id, given, changedBy(request))
      // The one answer that shows the secret.
      return reply.code(201).send({ ...toInstanceIdEntity(made), instance_id: made.secret })
    },
  )
  app.delete<{ Params: OfProject & { readonly number: string } }>(
    '/projects/:id/instance_ids/:number',
    adminRoute('retireInstanceId', 'Ends an instance ID'),
    async (request, reply) => {
      const { projects, project } = await findProject(instance, request.params)
      const number = numberIn(request.params.number)
      await projects.retireInstanceId(project.id, number, changedBy(request), isForced(request))
      return reply.code(204).send()
    },
  )
}

function addHistory(app: FastifyInstance, instance: Instance): void {
  app.get<{ Params: OfProject }>(
    '/projects/:id/history',
    adminRoute('listProjectHistory', 'Who changed what in a project'),
    async (request, reply) => {
      const { projects, project } = await findProject(instance, request.params)
      const entries = await projects.history(project.id, { limit: mostHistory })
      return pageOf(entries, request, reply).map(toHistoryEntity)
    },
  )
  app.get<{ Params: OfProject & { readonly name: string } }>(
    '/projects/:id/feature_flags/:name/history',
    adminRoute('listProjectFlagHistory', 'Who changed a flag of a project'),
    async (request, reply) => {
      const { projects, project } = await findProject(instance, request.params)
      const entries = await projects.history(project.id, { flag: request.params.name, limit: mostHistory })
      return pageOf(entries, request, reply).map(toHistoryEntity)
    },
  )
}

function settingsIn(body: unknown): Partial<Settings> {
  const given = isRecord(body) ? body : {}
  const texts = textsIn(body, ['name', 'path'])
  const access = given['feature_flags_access_level']
  if (access !== undefined && access !== 'enabled' && access !== 'disabled') {
    throw new ShapeFault('feature_flags_access_level does not have a valid value')
  }
  const minimumRole = roleIn(given['feature_flags_minimum_role'], 'feature_flags_minimum_role')
  const streaming = given['feature_flags_streaming']
  if (streaming !== undefined && typeof streaming !== 'boolean') {
    throw new ShapeFault('feature_flags_streaming is invalid')
  }
  return {
    ...texts,
    ...(access === undefined ? {} : { access }),
    ...(minimumRole === undefined ? {} : { minimumRole }),
    ...(streaming === undefined ? {} : { streaming }),
  }
}

function roleIn(value: unknown, name: string): MinimumRole | undefined {
  if (value === undefined || value === null) return undefined
  const role = roles.find((one) => one === value)
  if (role === undefined) throw new ShapeFault(`${name} does not have a valid value`)
  return role
}

/** The named parameters that are there. Throws ShapeFault for one that is not a text. */
function textsIn<const Name extends string>(
  body: unknown,
  names: readonly Name[],
): { readonly [name in Name]?: string } {
  const given = isRecord(body) ? body : {}
  const texts: { [name in Name]?: string } = {}
  for (const name of names) {
    const value = given[name]
    if (value === undefined || value === null) continue
    if (typeof value !== 'string' || value.includes('\u0000')) throw new ShapeFault(`${name} is invalid`)
    texts[name] = value
  }
  return texts
}

function toInstanceIdEntity({ id, name, environment, createdAt, lastUsedAt }: InstanceId): object {
  return {
    id,
    name,
    environment,
    created_at: createdAt.toISOString(),
    last_used_at: lastUsedAt?.toISOString() ?? null,
  }
}

function toHistoryEntity({ at, ...entry }: HistoryEntry): object {
  return { ...entry, at: at.toISOString() }
}
