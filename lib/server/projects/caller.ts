// What the routes of projects have in common: which project an address names, and who makes a change.
import type { FastifyRequest } from 'fastify'
import { FeatureError } from '../../errors.js'
import type { Instance } from '../../instance/instance.js'
import type { Project } from '../../project-flags/project.js'
import type { ChangedBy, ProjectFlags } from '../../project-flags/project-flags.js'
import { isRecord } from '../../text/json.js'
import { ShapeFault } from './shape-fault.js'

export interface OfProject {
  readonly id: string
}

/** The options of a route for administrators: from here on a scope belongs to the route and not to the method. */
export function adminRoute(operationId: string, summary: string) {
  return { config: { scopes: ['admin'] }, schema: { operationId, summary } } as const
}

const longestReason = 1_000

/** Throws MissingProject. */
export async function findProject(
  instance: Instance,
  { id }: OfProject,
): Promise<{ readonly projects: ProjectFlags; readonly project: Project }> {
  const projects = await instance.projects()
  return { projects, project: await projects.project(id) }
}

/** The same for its flags and user lists. Throws FeatureError (`forbidden`) while the project has them switched off. */
export async function findWithFlags(instance: Instance, params: OfProject) {
  const found = await findProject(instance, params)
  const { project } = found
  if (project.access === 'disabled') throw forbidden(`the flags of the project "${project.path}" are switched off`)
  return found
}

/** The same for a change of them. Throws FeatureError (`forbidden`) too while no role may change them. */
export async function findToChange(instance: Instance, params: OfProject) {
  const found = await findWithFlags(instance, params)
  const { project } = found
  if (project.minimumRole !== 'no_one_allowed') return found
  throw forbidden(`no role may change the flags of the project "${project.path}"`)
}

function forbidden(problem: string): FeatureError {
  return new FeatureError('forbidden', { problem, remedy: 'change the settings of the project first' })
}

/** The author of a request's change, and its reason. Throws ShapeFault for a reason that cannot be kept. */
export function changedBy({ token, query, body }: FastifyRequest): ChangedBy {
  const given = { ...(isRecord(query) ? query : {}), ...(isRecord(body) ? body : {}) }['reason']
  const author = token === null ? 'http' : `token:${token.name}`
  if (given === undefined || given === null || given === '') return { author, source: 'http' }
  if (typeof given !== 'string' || given.length > longestReason || given.includes('\u0000')) {
    throw new ShapeFault('reason is invalid')
  }
  return { author, source: 'http', reason: given }
}

/** Whether the request asks to do it all the same. */
export function isForced({ query }: FastifyRequest): boolean {
  const given = isRecord(query) ? query['force'] : undefined
  return given === 'true' || given === '1'
}

/** A number in an address; for anything else there is nothing. */
export function numberIn(text: string): number {
  return /^\d{1,15}$/.test(text) ? Number(text) : Number.NaN
}
