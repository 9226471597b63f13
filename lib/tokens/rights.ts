// What scopes let their holder do with internal flags. Rights in projects are in project-roles.ts.
import type { TokenScope } from '../store/token-scope.js'

/** Look at flags; change them; approve what others want to change; everything. */
export type Right = 'read' | 'write' | 'approve' | 'admin'

/** Approving stands alone: who approves need not be able to change, or even to look through this server. */
const givenBy: Readonly<Record<Right, readonly TokenScope[]>> = {
  read: ['read', 'write', 'admin'],
  write: ['write', 'admin'],
  approve: ['approve', 'admin'],
  admin: ['admin'],
}

/** Whether the scopes give a right. */
export function hasRight(scopes: readonly TokenScope[], right: Right): boolean {
  return scopes.some((scope) => givenBy[right].includes(scope))
}
