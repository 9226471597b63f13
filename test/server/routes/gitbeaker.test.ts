// A client of GitLab's API, made for GitLab and not for us, on every route of it that both have.
import { Gitlab } from '@gitbeaker/rest'
import { expect, it } from 'vitest'
import { listenOn } from '../http.js'
import { startApp } from '../support.js'

/** gitbeaker renames the keys inside `parameters`; a text of JSON, which GitLab takes as well, arrives as it is. */
function everywhere(name: string, parameters: object, user_list_id?: number) {
  return {
    name,
    parameters: JSON.stringify(parameters),
    userListId: user_list_id,
    scopes: [{ environment_scope: '*' }],
  }
}

it('gitbeaker makes, lists, shows, changes and removes projects, flags and user lists', async () => {
  const { app, admin } = await startApp()
  const api = new Gitlab({ host: `http://127.0.0.1:${await listenOn(app)}`, token: admin })

  const project = await api.Projects.create({ name: 'The shop', path: 'group/shop' })
  expect(project).toMatchObject({ id: expect.any(Number), name: 'The shop', path: 'group/shop' })
  expect(await api.Projects.all()).toMatchObject([{ path: 'group/shop' }])
  expect(await api.Projects.show('group/shop')).toMatchObject({ id: project.id })
  expect(await api.Projects.edit(project.id, { name: 'A shop' })).toMatchObject({ name: 'A shop' })

  const lists = api.FeatureFlagUserLists
  const list = await lists.create(project.id, 'beta', '1,2')
  expect(list).toMatchObject({ iid: 1, name: 'beta', user_xids: '1,2', project_id: project.id })
  await lists.create(project.id, 'other', '')
  expect(await lists.all(project.id, { search: 'BET' })).toMatchObject([{ name: 'beta' }])
  expect(await lists.edit(project.id, 1, { name: 'testers' })).toMatchObject({ name: 'testers', user_xids: '1,2' })
  expect(await lists.show(project.id, 1)).toMatchObject({ name: 'testers' })

  const flags = api.FeatureFlags
  const strategies = [everywhere('userWithId', { userIds: '7' }), everywhere('gitlabUserList', {}, list.id)]
  const made = await flags.create(project.id, 'new_layout', 'new_version_flag', {
    description: 'A wide page',
    // The types of the client know strategies as an object only.
    strategies: Object(strategies),
  })
  expect(made).toMatchObject({
    name: 'new_layout',
    description: 'A wide page',
    active: true,
    strategies: [
      { name: 'userWithId', parameters: { userIds: '7' }, scopes: [{ environment_scope: '*' }] },
      { name: 'gitlabUserList', user_list: { iid: 1, name: 'testers' } },
    ],
  })
  for (let count = 0; count < 30; count++) await flags.create('group/shop', `flag_${count}`, 'new_version_flag')
  expect(await flags.all(project.id)).toHaveLength(31)
  expect(await flags.all(project.id, { perPage: 10, maxPages: 2 })).toHaveLength(20)
  const [first] = made.strategies ?? []
  const change = { active: false, strategies: Object([{ id: first?.id, _destroy: true }]) }
  expect(await flags.edit(project.id, 'new_layout', change)).toMatchObject({
    active: false,
    strategies: [{ name: 'gitlabUserList' }],
  })
  expect(await flags.all(project.id, { scope: 'disabled' })).toMatchObject([{ name: 'new_layout' }])
  expect(await flags.show('group/shop', 'new_layout')).toMatchObject({ strategies: [{}] })

  const inUse = lists.remove(project.id, 1)
  await expect(inUse).rejects.toMatchObject({ cause: { response: { status: 409 } } })
  await expect(flags.create(project.id, 'A', 'new_version_flag')).rejects.toThrow(/too short/)
  await flags.remove(project.id, 'new_layout')
  await lists.remove(project.id, 1)
  await expect(flags.show(project.id, 'new_layout')).rejects.toMatchObject({ cause: { response: { status: 404 } } })
  await api.Projects.remove(project.id)
  await expect(api.Projects.show(project.id)).rejects.toMatchObject({ cause: { response: { status: 404 } } })
})
