// What every keeper of projects must do, whatever it keeps them in.
import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { FlagInput } from '../../lib/project-flags/changes/flag-changes.js'
import { flagRevision } from '../../lib/project-flags/project-content.js'
import type { Project } from '../../lib/project-flags/project.js'
import { type FlagOf, type FlagQuery, ProjectFlags } from '../../lib/project-flags/project-flags.js'
import { InvalidProjectFlag } from '../../lib/project-flags/refusal.js'
import type { ProjectStore } from '../../lib/project-flags/store/store.js'

export interface OpenedProjects {
  readonly store: ProjectStore
  /** The same projects, as another process has them. */
  readonly other: ProjectStore
  readonly close: () => Promise<unknown>
}

const by = { author: 'test', source: 'http' }
const everywhere: FlagInput['strategies'] = [{ name: 'default', parameters: {}, scopes: [{ environmentScope: '*' }] }]

export function projectStoreContract(what: string, open: () => Promise<OpenedProjects>): void {
  describe(`projects ${what}`, () => {
    let opened: OpenedProjects
    let projects: ProjectFlags
    let others: ProjectFlags
    beforeAll(async () => {
      opened = await open()
      projects = new ProjectFlags(opened.store)
      others = new ProjectFlags(opened.other)
    })
    afterAll(() => opened.close())

    const makeProject = () => projects.createProject({ path: `group/p-${randomUUID()}`, name: 'A shop' }, by)

    it('are found by id and by path, without regard to case, and have a secret from the beginning', async () => {
      const project = await makeProject()
      expect(await projects.find(project.path.toUpperCase())).toEqual(project)
      expect(project).toMatchObject({ access: 'enabled', minimumRole: 'developer', streaming: false })
      expect(await projects.find(String(project.id))).toEqual(project)
      expect(await projects.find('no/such')).toBe(null)
      expect(await projects.find('no\u0000such')).toBe(null)
      const [first] = await projects.instanceIds(project.id)
      expect(first?.secret).toMatch(/^glffct-[A-Za-z0-9_-]{20}$/)
      expect(await projects.findInstanceId(project.id, first?.secret ?? '')).toMatchObject({ name: 'default' })
    })

    it('refuse a path that is taken, or that could be an id', async () => {
      const { path } = await makeProject()
      await expect(projects.createProject({ path: path.toUpperCase(), name: 'x' }, by)).rejects.toMatchObject({
        code: 'invalid_project_flag',
        sentences: ['Path has already been taken'],
      })
      for (const bad of ['42', '../x', 'a//b', '', ' a', 'a'.repeat(256)]) {
        await expect(projects.createProject({ path: bad, name: 'x' }, by)).rejects.toMatchObject({
          code: 'invalid_project_flag',
        })
      }
    })

    it('find the secret of one project in no other one', async () => {
      const [one, other] = [await makeProject(), await makeProject()]
      const [first] = await projects.instanceIds(one.id)
      expect(await projects.findInstanceId(other.id, first?.secret ?? '')).toBe(null)
      expect(await projects.findInstanceId(one.id, '')).toBe(null)
    })

    it('make, change and delete a flag, each in a revision of its own', async () => {
      const project = await makeProject()
      const made = await projects.createFlag(project.id, { name: 'new_layout', strategies: everywhere }, by)
      expect(made.flag).toMatchObject({ iid: 1, name: 'new_layout', active: true, description: null })
      expect(made.flag.revision).toBe(made.content.project.revision)
      const changed = await projects.changeFlag(project.id, 'new_layout', { active: false, description: 'd' }, by)
      expect(changed.flag).toMatchObject({ active: false, description: 'd', strategies: made.flag.strategies })
      expect(changed.content.project.revision).toBeGreaterThan(made.content.project.revision)
      expect(changed.content.project.nonce).not.toBe(made.content.project.nonce)
      await projects.deleteFlag(project.id, 'new_layout', by)
      expect((await projects.content(project.id)).flags).toEqual([])
      const again = await projects.createFlag(project.id, { name: 'new_layout' }, by)
      expect(again.flag.iid).toBe(2)
    })

    it('write nothing where nothing changes', async () => {
      const project = await makeProject()
      const made = await projects.createFlag(project.id, { name: 'same', strategies: everywhere }, by)
      const again = await projects.changeFlag(project.id, 'same', { active: true, name: 'same' }, by)
      expect(again.content.project).toEqual(made.content.project)
      expect(again.flag).toEqual(made.flag)
    })

    it('write nothing where a change is refused', async () => {
      const project = await makeProject()
      const { content } = await projects.createFlag(project.id, { name: 'first' }, by)
      const bad: FlagInput = { name: 'first', strategies: [{ name: 'flexibleRollout', parameters: {} }] }
      await expect(projects.createFlag(project.id, bad, by)).rejects.toMatchObject({
        sentences: ['Name has already been taken', 'Strategies parameters parameters are invalid'],
      })
      await expect(projects.changeFlag(project.id, 'absent', {}, by)).rejects.toMatchObject({ code: 'not_found' })
      expect(await projects.content(project.id)).toEqual(content)
    })

    it('merge strategies by id', async () => {
      const project = await makeProject()
      const strategies: FlagInput['strategies'] = [
        { name: 'userWithId', parameters: { userIds: '1,2' }, scopes: [{ environmentScope: 'production' }] },
        { name: 'default', parameters: {}, scopes: [{ environmentScope: 'review/*' }] },
      ]
      const { flag } = await projects.createFlag(project.id, { name: 'merged', strategies }, by)
      const [users, all] = flag.strategies
      const change: FlagInput = {
        strategies: [
          { id: users?.id, parameters: { userIds: '3' } },
          { id: all?.id, remove: true },
          { name: 'default', parameters: {}, scopes: [{ environmentScope: 'staging' }] },
        ],
      }
      const { flag: next } = await projects.changeFlag(project.id, 'merged', change, by)
      expect(next.strategies.map(({ name, parameters }) => [name, parameters])).toEqual([
        ['userWithId', { userIds: '3' }],
        ['default', {}],
      ])
      expect(next.strategies[0]?.scopes).toEqual(users?.scopes)
      const foreign: FlagInput = { strategies: [{ id: 999_999_999, parameters: {} }] }
      await expect(projects.changeFlag(project.id, 'merged', foreign, by)).rejects.toMatchObject({ code: 'not_found' })
    })

    it.each<[string, (project: Project, other: Project) => (() => Promise<unknown>)[], string]>([
      [
        'the name of a flag',
        ({ id }) => [
          () => projects.createFlag(id, { name: 'contended' }, by),
          () => others.createFlag(id, { name: 'contended' }, by),
        ],
        'Name has already been taken',
      ],
      [
        'the name of a list',
        ({ id }) => [
          () => projects.createList(id, { name: 'contended', userXids: '1' }, by),
          () => others.createList(id, { name: 'contended', userXids: '2' }, by),
        ],
        'Name has already been taken',
      ],
      [
        'the path of a new project',
        () => {
          const path = `group/p-${randomUUID()}`
          return [
            () => projects.createProject({ path, name: 'one' }, by),
            () => others.createProject({ path: path.toUpperCase(), name: 'other' }, by),
          ]
        },
        'Path has already been taken',
      ],
      [
        'another path for a project',
        (project, other) => {
          const path = `group/p-${randomUUID()}`
          return [
            () => projects.changeSettings(project.id, { path }, by),
            () => others.changeSettings(other.id, { path }, by),
          ]
        },
        'Path has already been taken',
      ],
    ])('let one of two writers have %s', async (_, writers, sentence) => {
      const both = await Promise.allSettled(writers(await makeProject(), await makeProject()).map((write) => write()))
      expect(both.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected'])
      expect(both.find(({ status }) => status === 'rejected')).toMatchObject({ reason: { sentences: [sentence] } })
    })

    it('change nothing where a change is only tried, and answer as if it had been made', async () => {
      const project = await makeProject()
      const dry = { ...by, dryRun: true }
      const tried = await projects.createFlag(project.id, { name: 'tried', strategies: everywhere }, dry)
      expect(tried.flag).toMatchObject({ name: 'tried', strategies: [{ name: 'default' }] })
      expect(tried.flag.strategies[0]?.id).toBeLessThan(0)
      await projects.createFlag(project.id, { name: 'there', strategies: everywhere }, by)
      const list = await projects.createList(project.id, { name: 'beta', userXids: '1' }, by)
      const content = await projects.content(project.id)
      const change = { name: 'renamed', strategies: [{ id: content.flags[0]?.strategies[0]?.id, remove: true }] }
      const changed = await projects.changeFlag(project.id, 'there', change, dry)
      expect(changed).toMatchObject({ flag: { name: 'renamed', strategies: [] }, before: content.flags[0] })
      expect((await projects.deleteFlag(project.id, 'there', dry)).flag.name).toBe('there')
      expect(await projects.changeList(project.id, list.iid, { userXids: '2' }, dry)).toMatchObject({ userXids: '2' })
      await projects.deleteList(project.id, list.iid, dry)
      expect(await projects.changeSettings(project.id, { streaming: true }, dry)).toMatchObject({ streaming: true })
      expect((await projects.addInstanceId(project.id, { name: 'second', environment: null }, dry)).secret).toBe('')
      await projects.retireInstanceId(project.id, (await projects.instanceIds(project.id))[0]?.id ?? 0, dry)
      await projects.deleteProject(project, dry)
      await projects.createProject({ path: `${project.path}-2`, name: 'x' }, dry)
      expect(await projects.content(project.id)).toEqual(content)
      expect(await projects.instanceIds(project.id)).toHaveLength(1)
      expect(await projects.find(`${project.path}-2`)).toBe(null)
      const refused: readonly (() => Promise<unknown>)[] = [
        () => projects.createFlag(project.id, { name: 'there' }, dry),
        () => projects.createList(project.id, { name: 'beta' }, dry),
        () => projects.createProject({ path: project.path, name: 'x' }, dry),
        () => projects.addInstanceId(project.id, { name: '', environment: null }, dry),
      ]
      for (const one of refused) await expect(one()).rejects.toMatchObject({ code: 'invalid_project_flag' })
    })

    it('refuse a change of what is not as its author read it, and tell who changed it', async () => {
      const project = await makeProject()
      const list = await projects.createList(project.id, { name: 'beta', userXids: '1' }, by)
      const strategies = [{ name: 'gitlabUserList', parameters: {}, userListId: list.id }]
      const read = await projects.createFlag(project.id, { name: 'read', strategies }, by)
      const seen = (one: FlagOf) => ({ ...by, ifMatch: [flagRevision(one.flag, one.content)] })
      const other = { ...by, author: 'other', reason: 'first' }
      const changed = await projects.changeFlag(project.id, 'read', { active: false }, other)
      const late = projects.changeFlag(project.id, 'read', { active: true }, seen(read))
      await expect(late).rejects.toMatchObject({
        code: 'changed_meanwhile',
        last: { author: 'other', reason: 'first', after: { active: false } },
        message: expect.stringContaining('the flag "read" was changed by "other" (http) at 20'),
      })
      await projects.changeList(project.id, list.iid, { userXids: '2' }, other)
      const byList = projects.deleteFlag(project.id, 'read', seen(changed))
      await expect(byList).rejects.toMatchObject({ last: { kind: 'user_list', author: 'other' } })
      const listToo = projects.changeList(project.id, list.iid, { name: 'x' }, { ...by, ifMatch: [list.revision] })
      await expect(listToo).rejects.toMatchObject({ code: 'changed_meanwhile', last: { kind: 'user_list' } })
      const settings = projects.changeSettings(project.id, { name: 'x' }, { ...by, ifMatch: [project.revision] })
      await expect(settings).rejects.toMatchObject({ code: 'changed_meanwhile' })
      const gone = projects.deleteProject(project, { ...by, ifMatch: [project.revision] })
      await expect(gone).rejects.toMatchObject({ code: 'changed_meanwhile' })
      const now = seen(await projects.flag(project.id, 'read'))
      expect((await projects.changeFlag(project.id, 'read', { active: true }, now)).flag.active).toBe(true)
    })

    it('let one of two writers have the last free place', async () => {
      const project = await makeProject()
      await fillWithFlags(project, 199)
      for (let count = 1; count < 19; count++) {
        await projects.addInstanceId(project.id, { name: `s${count}`, environment: null }, by)
      }
      const flags = await Promise.allSettled(
        [projects, others].map((one, index) => one.createFlag(project.id, { name: `n${index}` }, by)),
      )
      const ids = await Promise.allSettled(
        [projects, others].map((one) => one.addInstanceId(project.id, { name: 'last', environment: null }, by)),
      )
      for (const [both, sentence] of [
        [flags, 'Maximum number of project feature flags (200) exceeded'],
        [ids, 'Maximum number of instance IDs of a project (20) exceeded'],
      ] as const) {
        expect(both.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected'])
        expect(both.find(({ status }) => status === 'rejected')).toMatchObject({ reason: { sentences: [sentence] } })
      }
    })

    it('keep lists of users, which cannot be deleted while a strategy names them', async () => {
      const project = await makeProject()
      const list = await projects.createList(project.id, { name: 'beta', userXids: '1,2' }, by)
      expect(list).toMatchObject({ iid: 1, name: 'beta', userXids: '1,2' })
      const taken = projects.createList(project.id, { name: 'beta', userXids: '1, 2' }, by)
      await expect(taken).rejects.toMatchObject({
        sentences: [
          'Name has already been taken',
          'User xids user_xids must be a string of unique comma separated values each 256 characters or less',
        ],
      })
      const strategies = [{ name: 'gitlabUserList', parameters: {}, userListId: list.id }]
      const { flag } = await projects.createFlag(project.id, { name: 'listed', strategies }, by)
      expect(flag.strategies[0]?.userListId).toBe(list.id)
      const other = await makeProject()
      const foreign = projects.createFlag(other.id, { name: 'listed', strategies }, by)
      await expect(foreign).rejects.toMatchObject({
        sentences: ['Strategies user list must belong to the same project'],
      })
      const missing = [{ name: 'gitlabUserList', parameters: {}, userListId: list.id + 1_000_000 }]
      await expect(projects.createFlag(project.id, { name: 'lost', strategies: missing }, by)).rejects.toMatchObject({
        code: 'not_found',
      })
      await expect(projects.deleteList(project.id, list.iid, by)).rejects.toMatchObject({ code: 'in_use' })
      expect(await projects.changeList(project.id, 1, { userXids: '3' }, by)).toMatchObject({ userXids: '3' })
      await projects.deleteFlag(project.id, 'listed', by)
      await projects.deleteList(project.id, list.iid, by)
      await expect(projects.list(project.id, 1)).rejects.toMatchObject({ code: 'not_found' })
      expect((await projects.createList(project.id, { name: 'beta', userXids: '' }, by)).iid).toBe(2)
    })

    it('end a secret, but not one that was just used, and not without being told to', async () => {
      const project = await makeProject()
      const second = await projects.addInstanceId(project.id, { name: 'second', environment: 'staging' }, by)
      expect(await projects.findInstanceId(project.id, second.secret)).toMatchObject({ environment: 'staging' })
      await projects.noteUse(second.id)
      await expect(projects.retireInstanceId(project.id, second.id, by)).rejects.toMatchObject({ code: 'in_use' })
      await expect(projects.deleteProject(project, by)).rejects.toMatchObject({ code: 'in_use' })
      await projects.retireInstanceId(project.id, second.id, by, true)
      expect(await projects.findInstanceId(project.id, second.secret)).toBe(null)
      await expect(projects.retireInstanceId(project.id, second.id, by)).rejects.toMatchObject({ code: 'not_found' })
      await projects.deleteProject(project, by)
      expect(await projects.find(String(project.id))).toBe(null)
    })

    it('change settings, and keep what is not named', async () => {
      const [project, other] = [await makeProject(), await makeProject()]
      const changed = await projects.changeSettings(project.id, { access: 'disabled', streaming: true }, by)
      expect(changed).toMatchObject({ path: project.path, access: 'disabled', streaming: true })
      expect(changed.nonce).not.toBe(project.nonce)
      expect(await projects.changeSettings(project.id, { streaming: true }, by)).toEqual(changed)
      const taken = projects.changeSettings(project.id, { path: other.path }, by)
      await expect(taken).rejects.toMatchObject({ sentences: ['Path has already been taken'] })
    })

    it('tell who changed what, in what revision and why, without a secret', async () => {
      const project = await makeProject()
      const because = { ...by, reason: 'a try' }
      const { content } = await projects.createFlag(project.id, { name: 'told' }, because)
      await projects.changeFlag(project.id, 'told', { active: false }, by)
      const { secret } = await projects.addInstanceId(project.id, { name: 'second', environment: null }, by)
      const [id, last, first] = await projects.history(project.id, { limit: 3 })
      expect(first).toMatchObject({
        kind: 'flag',
        subject: 'told',
        before: null,
        after: { name: 'told', active: true },
        author: 'test',
        source: 'http',
        reason: 'a try',
        revision: content.project.revision,
      })
      expect(last).toMatchObject({ before: { active: true }, after: { active: false }, reason: null })
      expect(id).toMatchObject({ kind: 'instance_id', subject: 'second' })
      expect(JSON.stringify(await projects.history(project.id, { limit: 100 }))).not.toContain(secret)
      expect(await projects.history(project.id, { flag: 'told', limit: 100 })).toHaveLength(2)
    })

    it('keep of a list that was changed only the ids that came and went', async () => {
      const project = await makeProject()
      const many = Array.from({ length: 10_000 }, (_, index) => `user-${index}`)
      const list = await projects.createList(project.id, { name: 'many', userXids: many.join(',') }, by)
      const next = [...many.slice(2), 'new', 'newer']
      await projects.changeList(project.id, list.iid, { userXids: next.join(','), name: 'more' }, by)
      const [entry] = await projects.history(project.id, { limit: 1 })
      expect(entry).toMatchObject({ kind: 'user_list', subject: 'more' })
      expect(entry?.before).toEqual({ id: list.id, iid: 1, name: 'many', user_xids_removed: 'user-0,user-1' })
      expect(entry?.after).toEqual({ id: list.id, iid: 1, name: 'more', user_xids_added: 'new,newer' })
    })

    it('tell the history of a flag under all its names, page by page', async () => {
      const project = await makeProject()
      await projects.createFlag(project.id, { name: 'old_name', strategies: everywhere }, by)
      await projects.createFlag(project.id, { name: 'other' }, by)
      await projects.changeFlag(project.id, 'old_name', { name: 'new_name' }, by)
      await projects.deleteFlag(project.id, 'new_name', by)
      for (const flag of ['old_name', 'new_name']) {
        const entries = await projects.history(project.id, { flag, limit: 10 })
        expect(entries.map(({ subject }) => subject)).toEqual(['new_name', 'new_name', 'old_name'])
        expect(await projects.countHistory(project.id, { flag })).toBe(3)
      }
      const second = await projects.history(project.id, { flag: 'new_name', limit: 1, offset: 1 })
      expect(second).toMatchObject([{ before: { name: 'old_name' }, after: { name: 'new_name' } }])
      const scope = { id: expect.any(Number), environment_scope: '*' }
      expect(second[0]?.before).toEqual({
        id: expect.any(Number),
        iid: 1,
        name: 'old_name',
        description: null,
        active: true,
        strategies: [{ id: expect.any(Number), name: 'default', parameters: {}, user_list_id: null, scopes: [scope] }],
      })
      expect(await projects.countHistory(project.id)).toBe(6)
      expect(await projects.history(project.id, { flag: 'no\u0000such', limit: 1 })).toEqual([])
      expect(await projects.countHistory(project.id, { flag: 'no\u0000such' })).toBe(0)
    })

    it('find flags by the words of their names and descriptions', async () => {
      const project = await makeProject()
      await projects.createFlag(project.id, { name: 'new_layout', description: 'The wide page' }, by)
      await projects.createFlag(project.id, { name: 'new_login', active: false }, by)
      const names = async (query: FlagQuery) => (await projects.search(project.id, query)).flags.map(({ name }) => name)
      expect(await names({ search: 'NEW' })).toEqual(['new_layout', 'new_login'])
      expect(await names({ search: 'new wide' })).toEqual(['new_layout'])
      expect(await names({ search: 'new', active: false })).toEqual(['new_login'])
      expect(await names({ search: 'nothing' })).toEqual([])
      expect(await projects.projects(project.path)).toEqual([(await projects.content(project.id)).project])
    })

    it('hold no more than 200 flags and 20 secrets', async () => {
      const project = await makeProject()
      for (let count = 1; count < 20; count++) {
        await projects.addInstanceId(project.id, { name: `s${count}`, environment: null }, by)
      }
      const oneMore = projects.addInstanceId(project.id, { name: 'one more', environment: null }, by)
      await expect(oneMore).rejects.toMatchObject({
        sentences: ['Maximum number of instance IDs of a project (20) exceeded'],
      })
      await fillWithFlags(project, 200)
      await expect(projects.createFlag(project.id, { name: 'one_more' }, by)).rejects.toMatchObject({
        sentences: ['Maximum number of project feature flags (200) exceeded'],
      })
    })

    it('make several editings in one transaction; each sees what those before it have written, and a refusal undoes all', async () => {
      const { id } = await makeProject()
      const change = (...editings: Parameters<ProjectStore['change']>[3][]) =>
        opened.store.change(id, { id: randomUUID(), ...by, reason: null }, 0, ...editings)
      const addList = (name: string) => () => [{ kind: 'add_list', list: { name, userXids: '1' } }] as const
      const rename: Parameters<ProjectStore['change']>[3] = ({ lists }) =>
        lists.map((list) => ({ kind: 'change_list', id: list.id, list: { name: `${list.name}!`, userXids: '2' } }))
      const after = await change(addList('one'), rename, () => [])
      expect(after.lists).toMatchObject([{ name: 'one!', userXids: '2', revision: after.project.revision }])
      expect(await projects.content(id)).toEqual(after)
      const refused = change(addList('two'), () => {
        throw new InvalidProjectFlag(['no'])
      })
      await expect(refused).rejects.toMatchObject({ sentences: ['no'] })
      expect(await projects.content(id)).toEqual(after)
    })

    /** In one transaction. */
    async function fillWithFlags({ id }: Project, count: number): Promise<void> {
      await opened.store.change(id, { id: randomUUID(), ...by, reason: null }, 0, () =>
        Array.from({ length: count }, (_, index) => ({
          kind: 'add_flag',
          flag: { name: `flag_${index}`, description: null, active: true, strategies: [] },
        })),
      )
    }
  })
}
