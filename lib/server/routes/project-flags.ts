// GitLab's API for projects and their feature flags: same paths, parameters, status codes and bodies (lib/api/feature_flags.rb).
import type { FastifyInstance } from 'fastify'
import type { Instance } from '../../instance/instance.js'
import type { Logger } from '../../log.js'
import { InvalidProjectFlag } from '../../project-flags/refusal.js'
import { adminRoute, changedBy, findToChange, findWithFlags, type OfProject } from '../projects/caller.js'
import { toFlagEntities, toFlagEntity } from '../projects/entities.js'
import { readFlagChange, readNewFlag, versionOf } from '../projects/flag-parameters.js'
import { sendGitLabError } from '../projects/gitlab-errors.js'
import { pageOf } from '../projects/pagination.js'
import { ShapeFault } from '../projects/shape-fault.js'
import { userListRoutes } from './project-user-lists.js'
import { projectRoutes } from './projects.js'

interface OfFlag extends OfProject {
  readonly name: string
}

/** Adds the routes below the prefix of its registration, in a scope of their own: their errors have GitLab's bodies. */
export async function projectFlagRoutes(scope: FastifyInstance, instance: Instance, logger: Logger): Promise<void> {
  await scope.register(async (app) => {
    app.setErrorHandler((error: Error, request, reply) => sendGitLabError(error, request, reply, logger))
    projectRoutes(app, instance)
    userListRoutes(app, instance)
    addFlags(app, instance)
  })
}

function addFlags(app: FastifyInstance, instance: Instance): void {
  app.get<{ Params: OfProject; Querystring: { scope?: string } }>(
    '/projects/:id/feature_flags',
    adminRoute('listProjectFlags', 'The flags of a project'),
    async (request, reply) => {
      const { projects, project } = await findWithFlags(instance, request.params)
      const { scope } = request.query
      if (scope !== undefined && scope !== 'enabled' && scope !== 'disabled') {
        throw new ShapeFault('scope does not have a valid value')
      }
      const content = await projects.content(project.id)
      const shown = content.flags.filter(({ active }) => scope === undefined || active === (scope === 'enabled'))
      return toFlagEntities(content, pageOf(shown, request, reply))
    },
  )
  app.post<{ Params: OfProject }>(
    '/projects/:id/feature_flags',
    adminRoute('createProjectFlag', 'Makes a flag in a project'),
    async (request, reply) => {
      const { projects, project } = await findToChange(instance, request.params)
      const version = versionOf(request.body)
      if (version !== undefined && version !== 'new_version_flag') throw new InvalidProjectFlag(['Version is invalid'])
      const made = await projects.createFlag(project.id, readNewFlag(request.body), changedBy(request))
      return reply.code(201).send(toFlagEntity(made))
    },
  )
  app.get<{ Params: OfFlag }>(
    '/projects/:id/feature_flags/:name',
    adminRoute('getProjectFlag', 'One flag of a project'),
    async ({ params }) => {
      const { projects, project } = await findWithFlags(instance, params)
      return toFlagEntity(await projects.flag(project.id, params.name))
    },
  )
  app.put<{ Params: OfFlag }>(
    '/projects/:id/feature_flags/:name',
    adminRoute('changeProjectFlag', 'Changes a flag of a project'),
    async (request) => {
      const { projects, project } = await findToChange(instance, request.params)
      const input = readFlagChange(request.body)
      return toFlagEntity(await projects.changeFlag(project.id, request.params.name, input, changedBy(request)))
    },
  )
  app.delete<{ Params: OfFlag }>(
    '/projects/:id/feature_flags/:name',
    adminRoute('deleteProjectFlag', 'Deletes a flag of a project'),
    async (request) => {
      const { projects, project } = await findToChange(instance, request.params)
      return toFlagEntity(await projects.deleteFlag(project.id, request.params.name, changedBy(request)))
    },
  )
}
