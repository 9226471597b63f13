// What a token may do. A scope that only a newer version knows grants nothing here.

/** In a project: look; change flags and lists; change settings and instance IDs as well. */
export type ProjectRight = 'read' | 'write' | 'maintain'

/**
 * `admin`: everything. `read`: looks at internal flags. `projects`: makes and deletes projects, and may do everything in all of
 * them. `project:7:write`: may do that in the project with the id 7.
 */
export type TokenScope = 'admin' | 'read' | 'projects' | `project:${number}:${ProjectRight}`

const ofProject = /^project:([1-9]\d{0,14}):(read|write|maintain)$/

export function isTokenScope(value: unknown): value is TokenScope {
  return value === 'admin' || value === 'read' || value === 'projects' || parts(value) !== null
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
