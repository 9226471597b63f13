// What every keeper of projects must do, whatever it keeps them in.
import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { FlagInput } from '../../lib/project-flags/flag-changes.js'
import { ProjectFlags } from '../../lib/project-flags/project-flags.js'
import type { ProjectStore } from '../../lib/project-flags/store.js'

export interface OpenedProjects {
  readonly store: ProjectStore
  readonly close: () => Promise<unknown>
}

const by = { author: 'test', source: 'http' }
const everywhere: FlagInput['strategies'] = [{ name: 'default', parameters: {}, scopes: [{ environmentScope: '*' }] }]

export function projectStoreContract(what: string, open: () => Promise<OpenedProjects>): void {
  describe(`projects ${what}`, () => {
    let opened: OpenedProjects
    let projects: ProjectFlags
    beforeAll(async () => {
      opened = await open()
      projects = new ProjectFlags(opened.store)
    })
    afterAll(() => opened.close())

    const makeProject = () => projects.createProject({ path: `group/p-${randomUUID()}`, name: 'A shop' }, by)

    it('are found by id and by path, without regard to case, and have a secret from the beginning', async () => {
      const project = await makeProject()
      expect(await projects.find(project.path.toUpperCase())).toEqual(project)
      expect(await projects.find(String(project.id))).toEqual(project)
      expect(await projects.find('no/such')).toBe(null)
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

    it('let one of two writers have a name', async () => {
      const project = await makeProject()
      const both = await Promise.allSettled([
        projects.createFlag(project.id, { name: 'contended' }, by),
        projects.createFlag(project.id, { name: 'contended' }, by),
      ])
      expect(both.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected'])
      expect((await projects.content(project.id)).flags).toHaveLength(1)
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

    it('hold no more than 200 flags and 20 secrets', async () => {
      const project = await makeProject()
      for (let count = 1; count < 20; count++) {
        await projects.addInstanceId(project.id, { name: `s${count}`, environment: null }, by)
      }
      const oneMore = projects.addInstanceId(project.id, { name: 'one more', environment: null }, by)
      await expect(oneMore).rejects.toMatchObject({
        sentences: ['Maximum number of instance IDs of a project (20) exceeded'],
      })
      const names = Array.from({ length: 200 }, (_, index) => `flag_${index}`)
      await opened.store.change(project.id, { id: randomUUID(), ...by, reason: null }, 0, () =>
        names.map((name) => ({
          kind: 'add_flag',
          flag: { name, description: null, active: true, strategies: [] },
        })),
      )
      await expect(projects.createFlag(project.id, { name: 'one_more' }, by)).rejects.toMatchObject({
        sentences: ['Maximum number of project feature flags (200) exceeded'],
      })
    })
  })
}
