// GitLab's API for the feature flags of a project: same paths, parameters, status codes and bodies (lib/api/feature_flags.rb).
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import type { Instance } from '../../instance/instance.js'
import { evaluateFlag } from '../../project-flags/evaluate.js'
import { changeWarnings } from '../../project-flags/changes/flag-warnings.js'
import { flagRevision } from '../../project-flags/project-content.js'
import type { ChangedFlag, FlagOf } from '../../project-flags/project-flags.js'
import { changedBy, findToChange, findWithFlags, type OfProject } from '../projects/caller.js'
import { contextIn } from '../projects/context.js'
import { answers, bodies, projectRoute, queries } from '../projects/description.js'
import { answerTo } from '../projects/dry-run.js'
import { toEvaluationEntity, toFlagEntities, toFlagEntity, toHistoryEntity } from '../projects/entities.js'
import { readFlagChange, readNewFlag } from '../projects/flag-parameters.js'
import { pageOf, placeOf, tellPages } from '../projects/pagination.js'
import { choiceIn, parametersOf, textIn } from '../projects/parameters.js'
import { hasRevision, tagAnswer } from '../projects/revision-tags.js'
import { RefusedParameter, ShapeFault } from '../projects/shape-fault.js'

interface OfFlag extends OfProject {
  readonly name: string
}

const all = '/projects/:id/feature_flags'

export function flagRoutes(app: FastifyInstance, instance: Instance): void {
  addList(app, instance)
  addCreate(app, instance)
  addOne(app, instance)
  addChanges(app, instance)
  addHistory(app, instance)
  addEvaluation(app, instance)
}

function addList(app: FastifyInstance, instance: Instance): void {
  const query = { scope: { type: 'string', enum: ['enabled', 'disabled'] }, ...queries.search, ...queries.page }
  app.get<{ Params: OfProject }>(
    all,
    projectRoute('listProjectFlags', 'The flags of a project, by name', { query, answer: answers.list }),
    async (request, reply) => {
      const { projects, project } = await findWithFlags(instance, request)
      const parameters = parametersOf(request)
      const scope = choiceIn(parameters, 'scope', ['enabled', 'disabled'])
      const active = scope === undefined ? undefined : scope === 'enabled'
      const content = await projects.search(project.id, { search: textIn(parameters, 'search'), active })
      return toFlagEntities(content, pageOf(content.flags, request, reply))
    },
  )
}

function addCreate(app: FastifyInstance, instance: Instance): void {
  app.post<{ Params: OfProject }>(
    all,
    projectRoute('createProjectFlag', 'Makes a flag in a project', { body: bodies.flag, answer: answers.made }),
    async (request, reply) => {
      const { projects, project } = await findToChange(instance, request)
      const parameters = parametersOf(request)
      const input = readNewFlag(parameters)
      if ((textIn(parameters, 'version') ?? 'new_version_flag') !== 'new_version_flag') {
        throw new RefusedParameter('Version is invalid')
      }
      const made = await projects.createFlag(project.id, input, changedBy(request))
      return reply.code(201).send(changedEntity(made, request, reply))
    },
  )
}

function addOne(app: FastifyInstance, instance: Instance): void {
  app.get<{ Params: OfFlag }>(
    `${all}/:name`,
    projectRoute('getProjectFlag', 'One flag of a project; its ETag is for If-Match'),
    async (request, reply) => {
      const { projects, project } = await findWithFlags(instance, request)
      const found = await projects.flag(project.id, request.params.name)
      const revision = tagFlag(found, reply)
      return hasRevision(request, revision) ? reply.code(304).send() : toFlagEntity(found)
    },
  )
}

function addChanges(app: FastifyInstance, instance: Instance): void {
  app.put<{ Params: OfFlag }>(
    `${all}/:name`,
    projectRoute('changeProjectFlag', 'Changes a flag of a project; a name renames it', { body: bodies.flag }),
    async (request, reply) => {
      const { projects, project } = await findToChange(instance, request)
      const input = readFlagChange(parametersOf(request))
      const changed = await projects.changeFlag(project.id, request.params.name, input, changedBy(request))
      return changedEntity(changed, request, reply)
    },
  )
  app.delete<{ Params: OfFlag }>(
    `${all}/:name`,
    projectRoute('deleteProjectFlag', 'Deletes a flag of a project, and shows it', { query: queries.terms }),
    async (request) => {
      const { projects, project } = await findToChange(instance, request)
      const gone = await projects.deleteFlag(project.id, request.params.name, changedBy(request))
      return answerTo(request, toFlagEntity(gone), () => changeWarnings({ ...gone, after: null }))
    },
  )
}

function addHistory(app: FastifyInstance, instance: Instance): void {
  app.get<{ Params: OfFlag }>(
    `${all}/:name/history`,
    projectRoute('listProjectFlagHistory', 'Who changed a flag, also under its other names', {
      query: queries.page,
      answer: answers.list,
    }),
    async (request, reply) => {
      const { projects, project } = await findWithFlags(instance, request)
      const flag = request.params.name
      const total = await projects.countHistory(project.id, { flag })
      tellPages(total, request, reply)
      return (await projects.history(project.id, { flag, ...placeOf(request) })).map(toHistoryEntity)
    },
  )
}

function addEvaluation(app: FastifyInstance, instance: Instance): void {
  app.post<{ Params: OfFlag }>(
    `${all}/:name/evaluate`,
    projectRoute('evaluateProjectFlag', 'What SDKs answer about a flag for a user, and why', {
      body: bodies.evaluate,
      isReading: true,
    }),
    async (request) => {
      const { projects, project } = await findWithFlags(instance, request)
      const parameters = parametersOf(request)
      const environment = textIn(parameters, 'environment')
      if (environment === undefined) throw new ShapeFault('environment is missing')
      const { flag, content } = await projects.flag(project.id, request.params.name)
      const evaluated = evaluateFlag(flag, content.lists, environment, contextIn(parameters))
      return toEvaluationEntity(evaluated, environment)
    },
  )
}

function changedEntity(changed: ChangedFlag, request: FastifyRequest, reply: FastifyReply): object {
  tagFlag(changed, reply)
  return answerTo(request, toFlagEntity(changed), () => changeWarnings({ ...changed, after: changed.flag }))
}

function tagFlag({ flag, content }: FlagOf, reply: FastifyReply): number {
  const revision = flagRevision(flag, content)
  tagAnswer(reply, revision)
  return revision
}
