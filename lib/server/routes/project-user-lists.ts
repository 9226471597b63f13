// GitLab's API for the user lists of a project: same paths, parameters, status codes and bodies (lib/api/feature_flags_user_lists.rb).
import type { FastifyInstance } from 'fastify'
import type { Instance } from '../../instance/instance.js'
import type { UserList } from '../../project-flags/project-flag.js'
import type { Project } from '../../project-flags/project.js'
import { isRecord } from '../../text/json.js'
import { adminRoute, changedBy, findToChange, findWithFlags, numberIn, type OfProject } from '../projects/caller.js'
import { pageOf } from '../projects/pagination.js'
import { ListShapeFault } from '../projects/shape-fault.js'

interface OfList extends OfProject {
  readonly iid: string
}

export function userListRoutes(app: FastifyInstance, instance: Instance): void {
  const all = '/projects/:id/feature_flags_user_lists'
  app.get<{ Params: OfProject }>(
    all,
    adminRoute('listUserLists', 'The user lists of a project'),
    async (request, reply) => {
      const { projects, project } = await findWithFlags(instance, request.params)
      const { lists } = await projects.content(project.id)
      const wanted = isRecord(request.query) ? request.query['search'] : undefined
      const found = typeof wanted === 'string' ? lists.filter(({ name }) => hasTerms(name, wanted)) : lists
      return pageOf(found, request, reply).map((list) => toEntity(list, project))
    },
  )
  app.post<{ Params: OfProject }>(all, adminRoute('createUserList', 'Makes a user list'), async (request, reply) => {
    const { projects, project } = await findToChange(instance, request.params)
    const input = inputOf(request.body)
    const missing = (['name', 'userXids'] as const).filter((key) => input[key] === undefined)
    if (missing.length > 0) {
      throw new ListShapeFault(missing.map((key) => `${key === 'name' ? key : 'user_xids'} is missing`).join(', '))
    }
    const made = await projects.createList(project.id, input, changedBy(request))
    return reply.code(201).send(toEntity(made, project))
  })
  app.get<{ Params: OfList }>(`${all}/:iid`, adminRoute('getUserList', 'One user list'), async ({ params }) => {
    const { projects, project } = await findWithFlags(instance, params)
    return toEntity(await projects.list(project.id, numberIn(params.iid)), project)
  })
  app.put<{ Params: OfList }>(`${all}/:iid`, adminRoute('changeUserList', 'Changes a user list'), async (request) => {
    const { projects, project } = await findToChange(instance, request.params)
    const iid = numberIn(request.params.iid)
    const changed = await projects.changeList(project.id, iid, inputOf(request.body), changedBy(request))
    return toEntity(changed, project)
  })
  app.delete<{ Params: OfList }>(
    `${all}/:iid`,
    adminRoute('deleteUserList', 'Deletes a user list'),
    async (request, reply) => {
      const { projects, project } = await findToChange(instance, request.params)
      await projects.deleteList(project.id, numberIn(request.params.iid), changedBy(request))
      return reply.code(204).send()
    },
  )
}

function inputOf(body: unknown): { readonly name?: string; readonly userXids?: string } {
  const given = isRecord(body) ? body : {}
  const text = (key: string) => {
    const value = given[key]
    if (value === undefined || value === null) return undefined
    if (typeof value === 'number' || typeof value === 'boolean') return String(value)
    if (typeof value === 'string' && !value.includes('\u0000')) return value
    throw new ListShapeFault(`${key} is invalid`)
  }
  const [name, userXids] = [text('name'), text('user_xids')]
  return { ...(name === undefined ? {} : { name }), ...(userXids === undefined ? {} : { userXids }) }
}

/** Each term between blanks, without regard to case. */
function hasTerms(name: string, search: string): boolean {
  const lower = name.toLowerCase()
  return search
    .toLowerCase()
    .split(/\s+/)
    .every((term) => lower.includes(term))
}

function toEntity(list: UserList, { id, path }: Project): object {
  const page = `/${path}/-/feature_flags_user_lists/${list.iid}`
  return {
    id: list.id,
    iid: list.iid,
    name: list.name,
    user_xids: list.userXids,
    project_id: id,
    created_at: list.createdAt.toISOString(),
    updated_at: list.updatedAt.toISOString(),
    path: page,
    edit_path: `${page}/edit`,
  }
}
