// What the routes of projects have in common: which project an address names, what the caller may do in it, and on which terms a
// change is made.
import type { FastifyRequest } from 'fastify'
import { FeatureError } from '../../errors.js'
import type { Instance } from '../../instance/instance.js'
import { MissingProject } from '../../project-flags/refusal.js'
import type { MinimumRole, Project } from '../../project-flags/project.js'
import type { ProjectFlags } from '../../project-flags/project-flags.js'
import type { ChangedBy } from '../../project-flags/changes/terms.js'
import { isAtLeast, isOwner, type ProjectRole, roleIn } from '../../tokens/project-roles.js'
import { authorOf } from '../access/author.js'
import { revisionsIn } from './revision-tags.js'
import { parametersOf } from './parameters.js'
import { ShapeFault } from './shape-fault.js'

export interface OfProject {
  readonly id: string
}

/** A project that the caller may see, and its role there. */
export interface Found {
  readonly projects: ProjectFlags
  readonly project: Project
  readonly role: ProjectRole
}

const longestReason = 1_000

/** Throws MissingProject, also for a project outside the token's scopes, and FeatureError (`forbidden`) for a role that is too low. */
export async function findProject(
  instance: Instance,
  request: FastifyRequest<{ Params: OfProject }>,
  needed: ProjectRole = 'read',
): Promise<Found> {
  const projects = await instance.projects()
  const { id } = request.params
  const project = await projects.find(id)
  const role = project === null ? null : roleIn(request.token?.scopes ?? [], project.id)
  if (project === null || role === null) throw new MissingProject(id)
  if (isAtLeast(role, needed)) return { projects, project, role }
  throw forbidden(`the token may only ${role === 'read' ? 'look' : role} in the project "${project.path}"`, needed)
}

/** The same for its flags and user lists. Throws FeatureError (`forbidden`) while the project has them switched off. */
export async function findWithFlags(
  instance: Instance,
  request: FastifyRequest<{ Params: OfProject }>,
): Promise<Found> {
  const found = await findProject(instance, request)
  const { project } = found
  if (project.access !== 'disabled') return found
  throw new FeatureError('forbidden', {
    problem: `the flags of the project "${project.path}" are switched off`,
    remedy: 'change the settings of the project first',
  })
}

/** The same for a change of them. Throws FeatureError (`forbidden`) too below the role that the project asks for. */
export async function findToChange(instance: Instance, request: FastifyRequest<{ Params: OfProject }>): Promise<Found> {
  const found = await findWithFlags(instance, request)
  const { project, role } = found
  const needed = roleOf[project.minimumRole]
  if (needed === null) {
    throw new FeatureError('forbidden', {
      problem: `no role may change the flags of the project "${project.path}"`,
      remedy: 'change the settings of the project first',
    })
  }
  if (isAtLeast(role, needed)) return found
  throw forbidden(`the project "${project.path}" lets only the role "${project.minimumRole}" change its flags`, needed)
}

/** Of all projects. Throws FeatureError (`forbidden`) for a token of some projects only. */
export function assertOwner({ token }: FastifyRequest): void {
  if (!isOwner(token?.scopes ?? [])) throw forbidden('projects are made and deleted by owners alone', 'owner')
}

/** What a project's minimum role asks of a token; null: no token is enough. */
const roleOf: Readonly<Record<MinimumRole, ProjectRole | null>> = {
  developer: 'write',
  maintainer: 'maintain',
  owner: 'owner',
  no_one_allowed: null,
}

function forbidden(problem: string, needed: ProjectRole): FeatureError {
  const scope = needed === 'owner' ? '"projects"' : `"project:ID:${needed}"`
  return new FeatureError('forbidden', { problem, remedy: `use a token with the scope ${scope}` })
}

/**
 * The author of a request's change, its reason and its terms (`dry_run`, If-Match). Throws ShapeFault for a reason that cannot be
 * kept, and for a `dry_run` that is neither yes nor no: taken for no, it would write.
 */
export function changedBy(request: FastifyRequest): ChangedBy {
  const { reason } = parametersOf(request)
  const author = authorOf(request) ?? 'http'
  const ifMatch = revisionsIn(request.headers['if-match'])
  const terms = { author, source: 'http', dryRun: isDryRun(request), ...(ifMatch === null ? {} : { ifMatch }) }
  if (reason === undefined || reason === null || reason === '') return terms
  if (typeof reason !== 'string' || reason.length > longestReason || reason.includes('\u0000')) {
    throw new ShapeFault('reason is invalid')
  }
  return { ...terms, reason }
}

/** Whether the change is only to be tried. Throws ShapeFault. */
export function isDryRun(request: FastifyRequest): boolean {
  return switchIn(request, 'dry_run')
}

/** Whether the request asks to do it all the same. Throws ShapeFault. */
export function isForced(request: FastifyRequest): boolean {
  return switchIn(request, 'force')
}

function switchIn(request: FastifyRequest, name: string): boolean {
  const given = parametersOf(request)[name]
  if (given === undefined || given === null || given === '') return false
  if (given === true || given === 'true' || given === '1' || given === 1) return true
  if (given === false || given === 'false' || given === '0' || given === 0) return false
  throw new ShapeFault(`${name} is invalid`)
}

/** A number in an address; for anything else there is nothing. */
export function numberIn(text: string): number {
  return /^\d{1,15}$/.test(text) ? Number(text) : Number.NaN
}
