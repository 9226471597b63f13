// What a token may do. A scope that only a newer version knows grants nothing here.

/** In a project: look; change flags and lists; change settings and instance IDs as well. */
export type ProjectRight = 'read' | 'write' | 'maintain'

const general = ['admin', 'read', 'write', 'approve', 'projects', 'act_as'] as const

/**
 * `admin`: everything. `read`: looks at internal flags; `write`: changes them as well. `approve`: approves changes of others, and nothing
 * else. `projects`: makes and deletes projects, and may do everything in all of them. `project:7:write`: may do that in the project
 * with the id 7. `act_as`: names the author of a change, for a program that speaks for people; only beside another scope.
 */
export type TokenScope = (typeof general)[number] | `project:${number}:${ProjectRight}`

const ofProject = /^project:([1-9]\d{0,14}):(read|write|maintain)$/

export function isTokenScope(value: unknown): value is TokenScope {
  return general.some((scope) => scope === value) || parts(value) !== null
}

/** The project of a scope and the right in it; null for a scope of all projects or of none. */
export function projectOfScope(scope: TokenScope): { readonly project: number; readonly right: ProjectRight } | null {
  return parts(scope)
}

function parts(value: unknown): { readonly project: number; readonly right: ProjectRight } | null {
  if (typeof value !== 'string') return null
  const [, project, right] = ofProject.exec(value) ?? []
  if (project === undefined || (right !== 'read' && right !== 'write' && right !== 'maintain')) return null
  return { project: Number(project), right }
}
