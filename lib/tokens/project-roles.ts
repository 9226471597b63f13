// What a token may do in projects: GitLab's roles, as scopes of tokens.
import { type ProjectRight, projectOfScope, type TokenScope } from '../store/token-scope.js'

/** `owner`: of all projects. Each may do what the ones before it may. */
export type ProjectRole = ProjectRight | 'owner'

const rank: Readonly<Record<ProjectRole, number>> = { read: 1, write: 2, maintain: 3, owner: 4 }

/** Whether a role is enough where another one is needed. */
export function isAtLeast(role: ProjectRole, needed: ProjectRole): boolean {
  return rank[role] >= rank[needed]
}

/** The highest role that the scopes give in a project; null if it is outside of them. */
export function roleIn(scopes: readonly TokenScope[], project: number): ProjectRole | null {
  if (isOwner(scopes)) return 'owner'
  const rights = scopes.flatMap((scope) => projectOfScope(scope) ?? []).filter((one) => one.project === project)
  return rights.reduce<ProjectRole | null>(
    (best, { right }) => (best === null || isAtLeast(right, best) ? right : best),
    null,
  )
}

/** Whether the scopes give all rights in all projects. */
export function isOwner(scopes: readonly TokenScope[]): boolean {
  return scopes.includes('admin') || scopes.includes('projects')
}

/** Whether the scopes give a right in any project at all. */
export function seesProjects(scopes: readonly TokenScope[]): boolean {
  return isOwner(scopes) || scopes.some((scope) => projectOfScope(scope) !== null)
}
