// The instance IDs of a project, by which SDKs read its flags. Their secrets are shown to who may change them, and to no one beside.
import type { FastifyInstance, FastifyReply } from 'fastify'
import type { Instance } from '../../instance/instance.js'
import { isAtLeast } from '../../tokens/project-roles.js'
import { changedBy, findProject, isDryRun, isForced, numberIn, type OfProject } from '../projects/caller.js'
import { answers, bodies, projectRoute, queries } from '../projects/description.js'
import { answerTo } from '../projects/dry-run.js'
import { toInstanceIdEntity } from '../projects/entities.js'
import { pageOf } from '../projects/pagination.js'
import { parametersOf, textIn } from '../projects/parameters.js'
import { ShapeFault } from '../projects/shape-fault.js'

const all = '/projects/:id/instance_ids'

export function instanceIdRoutes(app: FastifyInstance, instance: Instance): void {
  app.get<{ Params: OfProject }>(
    all,
    projectRoute('listInstanceIds', 'The instance IDs of a project; their secrets for maintainers', {
      query: queries.page,
      answer: answers.list,
    }),
    async (request, reply) => {
      const { projects, project, role } = await findProject(instance, request)
      const shown = pageOf(await projects.instanceIds(project.id), request, reply)
      const maySee = isAtLeast(role, 'maintain')
      if (maySee) keepNowhere(reply)
      return shown.map((one) => toInstanceIdEntity(one, maySee ? one.secret : undefined))
    },
  )
  app.post<{ Params: OfProject }>(
    all,
    projectRoute('createInstanceId', 'Makes an instance ID; the answer has its secret', {
      body: bodies.instanceId,
      answer: answers.made,
    }),
    async (request, reply) => {
      const { projects, project } = await findProject(instance, request, 'maintain')
      const parameters = parametersOf(request)
      const [name, environment = null] = [textIn(parameters, 'name'), textIn(parameters, 'environment')]
      if (name === undefined) throw new ShapeFault('name is missing')
      const made = await projects.addInstanceId(project.id, { name, environment }, changedBy(request))
      keepNowhere(reply)
      const secret = isDryRun(request) ? null : made.secret
      return reply.code(201).send(answerTo(request, toInstanceIdEntity(made, secret)))
    },
  )
  app.delete<{ Params: OfProject & { readonly number: string } }>(
    `${all}/:number`,
    projectRoute('retireInstanceId', 'Ends an instance ID; one that was used within a day needs force', {
      query: { ...queries.force, ...queries.terms },
      answer: answers.nothing,
    }),
    async (request, reply) => {
      const { projects, project } = await findProject(instance, request, 'maintain')
      const number = numberIn(request.params.number)
      await projects.retireInstanceId(project.id, number, changedBy(request), isForced(request))
      return isDryRun(request) ? answerTo(request, {}) : reply.code(204).send()
    },
  )
}

/** A secret must not lie in a cache. */
function keepNowhere(reply: FastifyReply): void {
  void reply.header('cache-control', 'no-store')
}
