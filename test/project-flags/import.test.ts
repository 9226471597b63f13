// Flags and lists as GitLab's API answers them, read and stored in a project.
import { describe, expect, it } from 'vitest'
import { readGitLabJson } from '../../lib/project-flags/import/gitlab-json.js'
import { jsonDocuments } from '../../lib/project-flags/import/json-documents.js'
import { judgeImport } from '../../lib/project-flags/import/import-plan.js'
import { MemoryProjects } from '../../lib/project-flags/store/memory.js'
import type { ProjectContent } from '../../lib/project-flags/project.js'
import { ProjectFlags } from '../../lib/project-flags/project-flags.js'

const by = { author: 'test', source: 'import' }

const scope = (environment: string) => ({ id: 5, environment_scope: environment })
const strategy = (name: string, parameters: unknown, list: object | null = null, ...environments: string[]) => ({
  id: 9,
  name,
  parameters,
  scopes: (environments.length === 0 ? ['production'] : environments).map(scope),
  user_list: list,
})
const flag = (name: string, ...strategies: object[]) => ({
  name,
  description: null,
  active: true,
  version: 'new_version_flag',
  created_at: '2026-01-01T00:00:00.000Z',
  updated_at: '2026-01-01T00:00:00.000Z',
  scopes: [],
  strategies,
})
const list = (name: string, userXids: string, id = 40) => ({ id, iid: 2, name, user_xids: userXids, project_id: 77 })
const share = { groupId: 'default', rollout: '10', stickiness: 'default' }

async function emptyProject(): Promise<{ projects: ProjectFlags; id: number; content: ProjectContent }> {
  const projects = new ProjectFlags(new MemoryProjects())
  const { id } = await projects.createProject({ path: 'shop', name: 'Shop' }, by)
  return { projects, id, content: await projects.content(id) }
}

describe('several documents in one file', () => {
  it.each([
    ['one array', '[1,2]', [[1, 2]]],
    ['pages one after the other', '[{"a":"]["}][2]\n[3]', [[{ a: '][' }], [2], [3]]],
    ['an object a line', '{"a":"\\"}{"}\n{"b":2}\n', [{ a: '"}{' }, { b: 2 }]],
    ['a single value', ' 7 ', [7]],
  ] as const)('are read: %s', (_, text, expected) => {
    expect(jsonDocuments(text)).toEqual(expected)
  })

  it.each(['', '[1', '[1] x', '{"a":1}}', '[1][', 'not JSON'])('are refused where they are not JSON: %j', (text) => {
    expect(() => jsonDocuments(text)).toThrow(SyntaxError)
  })
})

describe('what GitLab answers', () => {
  it('is read from pages, from answers of both routes, and from an export', () => {
    const pages = [[flag('one')], [flag('two'), flag('one')], list('testers', '1')]
    const exported = {
      project: {},
      feature_flags: [flag('one'), flag('two')],
      feature_flags_user_lists: [list('testers', '1')],
    }
    expect(readGitLabJson(pages)).toEqual(readGitLabJson([exported]))
    expect(readGitLabJson(pages)).toMatchObject({ flags: [{ name: 'one' }, { name: 'two' }], misfits: [], repairs: [] })
  })

  it('has lists that only strategies show; a list of its own goes before', () => {
    const shown = flag('one', strategy('gitlabUserList', {}, list('testers', '1,2')))
    expect(readGitLabJson([[shown]]).lists).toEqual([{ name: 'testers', userXids: '1,2' }])
    expect(readGitLabJson([[shown], [list('testers', '3')]]).lists).toEqual([{ name: 'testers', userXids: '3' }])
  })

  it('is repaired where older GitLab stored the same in another form', () => {
    const { flags, repairs } = readGitLabJson([
      flag('one', strategy('flexibleRollout', { ...share, stickiness: 'USERID' })),
      flag('two', strategy('userWithId', { userIds: '1, 2,\n2,3' })),
    ])
    expect(flags.map(({ strategies }) => strategies[0]?.parameters)).toEqual([
      { ...share, stickiness: 'userId' },
      { userIds: '1,2,3' },
    ])
    expect(repairs).toEqual([
      'flag "one": stickiness "USERID" is "userId"',
      'flag "two": blanks around ids, and ids that were there twice, are gone',
    ])
  })

  it.each([
    [
      'an error of GitLab',
      { message: '401 Unauthorized' },
      'an answer of GitLab',
      'it is the error "401 Unauthorized"',
    ],
    ['a number', 7, 'the entry "7"', 'it is neither a flag nor a user list'],
    ['null', null, 'the entry "null"', 'it is neither a flag nor a user list'],
    ['another object', { name: 'x' }, 'the entry "x"', 'neither a flag (strategies) nor a user list (user_xids)'],
    ['a legacy flag', { ...flag('old'), version: 'legacy_flag' }, 'flag "old"', 'its version is "legacy_flag"'],
    ['a flag without a name', { ...flag('x'), name: 5 }, 'flag "5"', 'its name is no text'],
    ['strategies that are no list', { ...flag('x'), strategies: {} }, 'flag "x"', 'its strategies are no list'],
    ['a strategy without its list', flag('x', strategy('gitlabUserList', {})), 'flag "x"', 'has no user_list'],
    [
      'a scope that is no text',
      { ...flag('x', { name: 'default', scopes: [1] }) },
      'flag "x"',
      'has no environment_scope',
    ],
    ['a list of numbers', { ...list('l', ''), user_xids: [1] }, 'the user list "l"', 'must be texts'],
    ['the key __proto__', JSON.parse('{"__proto__":{"strategies":[]}}'), 'an entry without a name', 'neither a flag'],
  ] as const)('is told of where it does not fit, and the rest is read: %s', (_, entry, what, why) => {
    const { flags, misfits } = readGitLabJson([[entry, flag('good')]])
    expect(flags.map(({ name }) => name)).toEqual(['good'])
    expect(misfits).toEqual([{ what, why: [expect.stringContaining(why)] }])
  })

  it('does not fit where two entries have one name and differ', () => {
    const { misfits } = readGitLabJson([[flag('one'), { ...flag('one'), active: false }]])
    expect(misfits).toEqual([{ what: 'flag "one"', why: ['it is there twice, and not the same'] }])
  })
})

describe('an import', () => {
  const file = readGitLabJson([
    [
      flag(
        'one',
        strategy('flexibleRollout', share),
        strategy('gitlabUserList', {}, list('testers', '1,2'), 'staging', '*'),
      ),
    ],
    [list('empty', '')],
  ])

  it('says what it would do, stores exactly that, and the second time finds all as it is', async () => {
    const { projects, id, content } = await emptyProject()
    const { report, fitting } = judgeImport(file, content)
    expect(report).toEqual({
      flags: { made: ['one'], changed: [], same: [] },
      lists: { made: ['empty', 'testers'], changed: [], same: [] },
      misfits: [],
      repairs: [],
    })
    const after = await projects.importContent(id, fitting, by)
    const testers = after.lists.find(({ name }) => name === 'testers')
    expect(testers?.userXids).toBe('1,2')
    expect(after.flags[0]?.strategies).toMatchObject([
      { name: 'flexibleRollout', parameters: share, scopes: [{ environmentScope: 'production' }] },
      {
        name: 'gitlabUserList',
        userListId: testers?.id,
        scopes: [{ environmentScope: 'staging' }, { environmentScope: '*' }],
      },
    ])
    const again = judgeImport(file, after)
    expect(again.report).toMatchObject({ flags: { same: ['one'] }, lists: { same: ['empty', 'testers'] } })
    const unchanged = await projects.importContent(id, again.fitting, by)
    expect([unchanged.project.revision, unchanged]).toEqual([after.project.revision, after])
  })

  it('leaves other flags, and the ids of strategies that stay as they are', async () => {
    const { projects, id, content } = await emptyProject()
    await projects.createFlag(id, { name: 'other' }, by)
    const before = await projects.importContent(id, judgeImport(file, content).fitting, by)
    const raised = strategy('flexibleRollout', { ...share, rollout: '30' })
    const next = readGitLabJson([
      flag('one', strategy('gitlabUserList', {}, list('testers', '1,2'), 'staging', '*'), raised),
    ])
    const { report, fitting } = judgeImport(next, before)
    expect(report.flags).toEqual({ made: [], changed: ['one'], same: [] })
    const { flags } = await projects.importContent(id, fitting, by)
    expect(flags.map(({ name }) => name)).toEqual(['one', 'other'])
    expect(flags[0]?.strategies[0]).toEqual(before.flags[0]?.strategies[1])
  })

  it.each([
    ['a name', flag('No'), 'Name can contain only lowercase letters'],
    [
      'a group with digits',
      flag('x', strategy('flexibleRollout', { ...share, groupId: 'a1' })),
      'groupId parameter is invalid',
    ],
    [
      'a percentage',
      flag('x', strategy('flexibleRollout', { ...share, rollout: 10 })),
      'must be a string between 0 and 100',
    ],
    ['a strategy', flag('x', strategy('remoteAddress', {})), 'strategy name is invalid'],
    ['a list that does not fit', flag('x', strategy('gitlabUserList', {}, list('l', 'a'.repeat(257)))), 'does not fit'],
  ] as const)(
    "tells in GitLab's sentence what cannot be stored, and nothing of it is in the file that fits: %s",
    async (_, entry, why) => {
      const { content } = await emptyProject()
      const { report, fitting } = judgeImport(readGitLabJson([entry, flag('good')]), content)
      expect(report.misfits.flatMap((misfit) => misfit.why).join('\n')).toContain(why)
      expect([report.flags.made, fitting.flags.map(({ name }) => name)]).toEqual([['good'], ['good']])
    },
  )

  it('stops at the most flags that a project may have', async () => {
    const { projects, id, content } = await emptyProject()
    const many = readGitLabJson(Array.from({ length: 201 }, (_, index) => flag(`f${index}`)))
    const { report, fitting } = judgeImport(many, content)
    expect(report.flags.made).toHaveLength(200)
    expect(report.misfits).toEqual([
      { what: 'flag "f200"', why: ['Maximum number of project feature flags (200) exceeded'] },
    ])
    await expect(projects.importContent(id, many, by)).rejects.toThrow('Maximum number')
    expect((await projects.importContent(id, fitting, by)).flags).toHaveLength(200)
  })

  it('writes nothing where one entry no longer fits, and nothing as a dry run', async () => {
    const { projects, id, content } = await emptyProject()
    const broken = readGitLabJson([list('testers', '1'), flag('good'), flag('No')])
    await expect(projects.importContent(id, broken, by)).rejects.toThrow('Name can contain only')
    await projects.importContent(id, file, { ...by, dryRun: true })
    expect(await projects.content(id)).toEqual(content)
  })
})
