// What scopes of tokens allow in projects.
import { describe, expect, it } from 'vitest'
import { isTokenScope, type TokenScope } from '../../lib/store/token-scope.js'
import { isOwner, roleIn, seesProjects } from '../../lib/tokens/project-roles.js'

describe('a scope', () => {
  it.each(['admin', 'read', 'projects', 'project:1:read', 'project:20:write', 'project:3:maintain'])(
    'may be %s',
    (text) => {
      expect(isTokenScope(text)).toBe(true)
    },
  )

  it.each([
    '',
    'root',
    'project',
    'project:1',
    'project:0:read',
    'project:01:read',
    'project:1:admin',
    'project:x:read',
    'project:1:read ',
    'project:1:read\n',
    null,
    1,
  ])('is not %o', (value) => {
    expect(isTokenScope(value)).toBe(false)
  })

  it.each<[readonly TokenScope[], number, string | null]>([
    [['admin'], 1, 'owner'],
    [['projects'], 1, 'owner'],
    [['read'], 1, null],
    [[], 1, null],
    [['project:1:read'], 1, 'read'],
    [['project:1:read'], 11, null],
    [['project:1:maintain', 'project:1:read'], 1, 'maintain'],
    [['project:2:maintain', 'project:1:write', 'read'], 1, 'write'],
  ])('of %o gives in project %d the role %s', (scopes, project, role) => {
    expect(roleIn(scopes, project)).toBe(role)
    expect(isOwner(scopes)).toBe(role === 'owner')
    expect(seesProjects(scopes)).toBe(role !== null || scopes.some((scope) => scope.startsWith('project:')))
  })
})
