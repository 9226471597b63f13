// Projects, their settings and their history: ours, beside GitLab's routes for feature flags.
import type { FastifyInstance, FastifyRequest } from 'fastify'
import { FeatureError } from '../../errors.js'
import type { Instance } from '../../instance/instance.js'
import type { Logger } from '../../log.js'
import type { MinimumRole, Settings } from '../../project-flags/project.js'
import type { SdkReports } from '../../project-flags/reports/reports.js'
import { roleIn } from '../../tokens/project-roles.js'
import { assertOwner, changedBy, type Found, findProject, isForced, type OfProject } from '../projects/caller.js'
import { answers, bodies, describeOnly, projectRoute, queries } from '../projects/description.js'
import { answerTo } from '../projects/dry-run.js'
import { toHistoryEntity, toProjectEntity } from '../projects/entities.js'
import { parseForm } from '../projects/form.js'
import { type GitLabErrors, sendGitLabError } from '../projects/gitlab-errors.js'
import { pageOf, placeOf, tellPages } from '../projects/pagination.js'
import { booleanIn, choiceIn, parametersOf, textIn } from '../projects/parameters.js'
import { hasRevision, tagAnswer } from '../projects/revision-tags.js'
import { ShapeFault } from '../projects/shape-fault.js'
import { flagRoutes } from './project-flags.js'
import { instanceIdRoutes } from './project-instance-ids.js'
import { reportRoutes } from './project-reports.js'
import { userListRoutes } from './project-user-lists.js'

type Routes = (app: FastifyInstance, instance: Instance) => void

const roles: readonly MinimumRole[] = ['developer', 'maintainer', 'owner', 'no_one_allowed']

export interface ProjectRoutesOptions {
  readonly logger: Logger
  readonly reports: Pick<SdkReports, 'tellUses'>
}

/** Adds the routes below the prefix of its registration, in scopes of their own: bodies and errors are GitLab's. */
export async function projectRoutes(
  scope: FastifyInstance,
  instance: Instance,
  { logger, reports }: ProjectRoutesOptions,
): Promise<void> {
  // What was used a moment ago is not to be deleted as unused: uses are written with a delay.
  scope.addHook('preHandler', async ({ method }) => {
    if (method === 'DELETE') await reports.tellUses()
  })
  await addScope(scope, instance, { logger }, [
    addProjects,
    addOne,
    addSettings,
    addHistory,
    flagRoutes,
    instanceIdRoutes,
    reportRoutes,
  ])
  await addScope(scope, instance, { logger, shapeKey: 'message' }, [userListRoutes])
}

async function addScope(
  scope: FastifyInstance,
  instance: Instance,
  errors: GitLabErrors,
  routes: readonly Routes[],
): Promise<void> {
  await scope.register(async (app) => {
    describeOnly(app)
    app.removeContentTypeParser('application/x-www-form-urlencoded')
    app.addContentTypeParser('application/x-www-form-urlencoded', { parseAs: 'string' }, (_request, body, done) => {
      try {
        done(null, parseForm(body.toString()))
      } catch (error) {
        done(error instanceof Error ? error : new Error('the form could not be read', { cause: error }))
      }
    })
    app.setErrorHandler((error: Error, request, reply) => sendGitLabError(error, request, reply, errors))
    for (const add of routes) add(app, instance)
  })
}

function addProjects(app: FastifyInstance, instance: Instance): void {
  app.get(
    '/projects',
    projectRoute('listProjects', 'The projects that the token may see', {
      query: { ...queries.search, ...queries.page },
      answer: answers.list,
    }),
    async (request, reply) => {
      const found = await (await instance.projects()).projects(textIn(parametersOf(request), 'search'))
      const scopes = request.token?.scopes ?? []
      const seen = found.filter(({ id }) => roleIn(scopes, id) !== null)
      return pageOf(seen, request, reply).map(toProjectEntity)
    },
  )
  app.post(
    '/projects',
    projectRoute('createProject', 'Makes a project, with a first instance ID', {
      body: bodies.project,
      answer: answers.made,
    }),
    async (request, reply) => {
      assertOwner(request)
      const parameters = parametersOf(request)
      const path = textIn(parameters, 'path')
      if (path === undefined) throw new ShapeFault('path is missing')
      const given = { path, name: textIn(parameters, 'name') ?? path }
      const project = await (await instance.projects()).createProject(given, changedBy(request))
      tagAnswer(reply, project.revision)
      return reply.code(201).send(answerTo(request, toProjectEntity(project)))
    },
  )
}

function addOne(app: FastifyInstance, instance: Instance): void {
  app.get<{ Params: OfProject }>(
    '/projects/:id',
    projectRoute('getProject', 'One project; its ETag changes with each change in it'),
    async (request, reply) => {
      const { project } = await findProject(instance, request)
      tagAnswer(reply, project.revision)
      return hasRevision(request, project.revision) ? reply.code(304).send() : toProjectEntity(project)
    },
  )
  app.put<{ Params: OfProject }>(
    '/projects/:id',
    projectRoute('changeProject', 'Changes the settings that are named', { body: bodies.project }),
    async (request, reply) => {
      const found = await findProject(instance, request, 'maintain')
      const changed = await changeSettings(found, settingsIn(request), request)
      tagAnswer(reply, changed.revision)
      return answerTo(request, toProjectEntity(changed))
    },
  )
  app.delete<{ Params: OfProject }>(
    '/projects/:id',
    projectRoute('deleteProject', 'Deletes a project with all its flags; one that SDKs use needs force', {
      query: { ...queries.force, ...queries.terms },
      answer: answers.taken,
    }),
    async (request, reply) => {
      const { projects, project } = await findProject(instance, request, 'owner')
      await projects.deleteProject(project, changedBy(request), isForced(request))
      const message = `its flags are deleted with "${project.path}", and its SDKs keep those that they have until they start again`
      return reply.code(202).send(answerTo(request, { message: '202 Accepted' }, () => [{ code: 'removed', message }]))
    },
  )
}

/** GitLab's route for the one setting that it has. */
function addSettings(app: FastifyInstance, instance: Instance): void {
  const path = '/projects/:id/feature_flags_settings'
  app.get<{ Params: OfProject }>(
    path,
    projectRoute('getProjectFlagSettings', 'The role that may change flags'),
    async (request) => ({ minimum_role: (await findProject(instance, request)).project.minimumRole }),
  )
  app.put<{ Params: OfProject }>(
    path,
    projectRoute('changeProjectFlagSettings', 'Sets the role that may change flags', { body: bodies.settings }),
    async (request) => {
      const found = await findProject(instance, request, 'maintain')
      const minimumRole = choiceIn(parametersOf(request), 'minimum_role', roles)
      if (minimumRole === undefined) throw new ShapeFault('minimum_role is missing')
      const changed = await changeSettings(found, { minimumRole }, request)
      return answerTo(request, { minimum_role: changed.minimumRole })
    },
  )
}

/** Maintainers may set the minimum role; only an owner may take back one that they do not have. */
async function changeSettings(
  { projects, project, role }: Found,
  settings: Partial<Settings>,
  request: FastifyRequest,
) {
  const { minimumRole } = project
  const isKept = settings.minimumRole === undefined || settings.minimumRole === minimumRole
  if (role !== 'owner' && !isKept && (minimumRole === 'owner' || minimumRole === 'no_one_allowed')) {
    throw new FeatureError('forbidden', {
      problem: `the minimum role of the project "${project.path}" is "${minimumRole}", and only an owner may change it`,
      remedy: 'use a token with the scope "projects"',
    })
  }
  return projects.changeSettings(project.id, settings, changedBy(request))
}

function addHistory(app: FastifyInstance, instance: Instance): void {
  app.get<{ Params: OfProject }>(
    '/projects/:id/history',
    projectRoute('listProjectHistory', 'Who changed what in a project', { query: queries.page, answer: answers.list }),
    async (request, reply) => {
      const { projects, project } = await findProject(instance, request)
      tellPages(await projects.countHistory(project.id), request, reply)
      return (await projects.history(project.id, placeOf(request))).map(toHistoryEntity)
    },
  )
}

function settingsIn(request: FastifyRequest): Partial<Settings> {
  const parameters = parametersOf(request)
  const given = {
    name: textIn(parameters, 'name'),
    path: textIn(parameters, 'path'),
    access: choiceIn(parameters, 'feature_flags_access_level', ['enabled', 'disabled']),
    minimumRole: choiceIn(parameters, 'feature_flags_minimum_role', roles),
    streaming: booleanIn(parameters, 'feature_flags_streaming'),
  }
  return Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined))
}
