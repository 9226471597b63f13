// How large the answer of an environment may become.
import { describe, expect, it } from 'vitest'
import { checkAnswerSize, largestAnswer } from '../../lib/project-flags/answer-size.js'
import type { ProjectFlag, UserList } from '../../lib/project-flags/project-flag.js'
import { newProject, type ProjectContent } from '../../lib/project-flags/project.js'

const at = new Date(0)
const megabyte = 'x'.repeat(1_000_000)

function content(scopes: readonly string[], list = ''): ProjectContent {
  const times = { revision: 1, createdAt: at, updatedAt: at }
  const strategies: ProjectFlag['strategies'] = scopes.map((environmentScope, id) => ({
    id,
    name: list === '' ? 'userWithId' : 'gitlabUserList',
    parameters: list === '' ? { userIds: megabyte } : {},
    userListId: list === '' ? null : 1,
    scopes: [{ id, environmentScope }],
  }))
  const lists: UserList[] = [{ id: 1, iid: 1, name: 'list', userXids: list, ...times }]
  const flag = { id: 1, iid: 1, name: 'flag', description: null, active: true, strategies, ...times }
  return { project: newProject({ path: 'shop', name: 'shop' }, 1, at), flags: [flag], lists }
}

const empty = content([])
const sixTimes = (scope: string) => Array.from({ length: 6 }, () => scope)

describe('the answer of an environment', () => {
  it.each<[string, ProjectContent, ProjectContent]>([
    ['5 MB in one environment', empty, content(sixTimes('production').slice(2))],
    ['6 MB in six environments', empty, content(['a', 'b', 'c', 'd', 'e', 'f'])],
    ['less than before', content(sixTimes('*')), content(sixTimes('*').slice(0, 5).concat('other'))],
  ])('may have %s', (_, before, after) => {
    expect(() => checkAnswerSize(before, after)).not.toThrow()
  })

  it.each<[string, ProjectContent]>([
    ['in one environment', content(sixTimes('production'))],
    ['by a wider scope', content(['*', 'production', 'review/*', 'review/1', 'production', '*', 'production', '*'])],
    ['by lists', content(sixTimes('*'), megabyte)],
  ])('may not have more than 5 MB %s', (_, after) => {
    expect(() => checkAnswerSize(empty, after)).toThrow('too large together (maximum is 5 MB)')
  })

  it('is counted for the environments that a scope names', () => {
    expect(largestAnswer(empty)).toBe(0)
    expect(largestAnswer(content(['a', '*']))).toBeGreaterThan(2_000_000)
  })
})
