// GitLab's API for the user lists of a project: same paths, parameters, status codes and bodies (lib/api/feature_flags_user_lists.rb).
import type { FastifyInstance } from 'fastify'
import type { Instance } from '../../instance/instance.js'
import { listWarnings } from '../../project-flags/changes/flag-warnings.js'
import { listNumbered } from '../../project-flags/project-content.js'
import type { UserList } from '../../project-flags/project-flag.js'
import type { ProjectContent } from '../../project-flags/project.js'
import { hasTerms } from '../../project-flags/search.js'
import { changedBy, findToChange, findWithFlags, isDryRun, numberIn, type OfProject } from '../projects/caller.js'
import { answers, bodies, projectRoute, queries } from '../projects/description.js'
import { answerTo } from '../projects/dry-run.js'
import { toUserListEntity } from '../projects/entities.js'
import { readListChange, readNewList } from '../projects/flag-parameters.js'
import { pageOf } from '../projects/pagination.js'
import { parametersOf, textIn } from '../projects/parameters.js'
import { hasRevision, tagAnswer } from '../projects/revision-tags.js'

interface OfList extends OfProject {
  readonly iid: string
}

const all = '/projects/:id/feature_flags_user_lists'

export function userListRoutes(app: FastifyInstance, instance: Instance): void {
  addReading(app, instance)
  addChanges(app, instance)
}

function addReading(app: FastifyInstance, instance: Instance): void {
  app.get<{ Params: OfProject }>(
    all,
    projectRoute('listUserLists', 'The user lists of a project', {
      query: { ...queries.search, ...queries.page },
      answer: answers.list,
    }),
    async (request, reply) => {
      const { projects, project } = await findWithFlags(instance, request)
      const search = textIn(parametersOf(request), 'search') ?? ''
      const { lists } = await projects.content(project.id)
      const found = lists.filter(({ name }) => hasTerms(search, name))
      return pageOf(found, request, reply).map((list) => toUserListEntity(list, project))
    },
  )
  app.get<{ Params: OfList }>(
    `${all}/:iid`,
    projectRoute('getUserList', 'One user list; its ETag is for If-Match'),
    async (request, reply) => {
      const { projects, project } = await findWithFlags(instance, request)
      const list = await projects.list(project.id, numberIn(request.params.iid))
      tagAnswer(reply, list.revision)
      return hasRevision(request, list.revision) ? reply.code(304).send() : toUserListEntity(list, project)
    },
  )
}

function addChanges(app: FastifyInstance, instance: Instance): void {
  app.post<{ Params: OfProject }>(
    all,
    projectRoute('createUserList', 'Makes a user list', { body: bodies.list, answer: answers.made }),
    async (request, reply) => {
      const { projects, project } = await findToChange(instance, request)
      const input = readNewList(parametersOf(request))
      const made = await projects.createList(project.id, input, changedBy(request))
      tagAnswer(reply, made.revision)
      return reply.code(201).send(answerTo(request, toUserListEntity(made, project)))
    },
  )
  app.put<{ Params: OfList }>(
    `${all}/:iid`,
    projectRoute('changeUserList', 'Changes a user list', { body: bodies.list }),
    async (request, reply) => {
      const { projects, project } = await findToChange(instance, request)
      const input = readListChange(parametersOf(request))
      const iid = numberIn(request.params.iid)
      const before = isDryRun(request) ? await projects.content(project.id) : null
      const changed = await projects.changeList(project.id, iid, input, changedBy(request))
      tagAnswer(reply, changed.revision)
      return answerTo(request, toUserListEntity(changed, project), () =>
        before === null ? [] : listWarnings(listNumbered(before, iid), changed, withList(before, changed)),
      )
    },
  )
  app.delete<{ Params: OfList }>(
    `${all}/:iid`,
    projectRoute('deleteUserList', 'Deletes a user list that no strategy names', {
      query: queries.terms,
      answer: answers.nothing,
    }),
    async (request, reply) => {
      const { projects, project } = await findToChange(instance, request)
      await projects.deleteList(project.id, numberIn(request.params.iid), changedBy(request))
      return isDryRun(request) ? answerTo(request, {}) : reply.code(204).send()
    },
  )
}

function withList(content: ProjectContent, list: UserList): ProjectContent {
  return { ...content, lists: content.lists.map((one) => (one.id === list.id ? list : one)) }
}
