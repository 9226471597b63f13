// One flag as its page reads it.
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it, vi } from 'vitest'
import { StoreUnavailable } from '../../../../lib/errors.js'
import { makeProject, startApp, type TestApp } from '../../support.js'

const at = (body: unknown, ...path: readonly string[]): unknown =>
  path.reduce((value, key) => (typeof value === 'object' && value !== null ? Reflect.get(value, key) : undefined), body)

describe('GET /api/web/flags/:name/checks', () => {
  it('has nothing to tell while checks are not counted, and refuses what is no flag and no number of hours', async () => {
    const { call, feature } = await startApp()
    await feature.enable('stored_alone', true, { force: true })
    const ask = (name: string, query = '') => call('GET', `/api/web/flags/${name}/checks${query}`)
    for (const name of ['my_flag', 'stored_alone']) expect((await ask(name, '?hours=24')).status).toBe(204)
    expect(await ask('no_such')).toMatchObject({ status: 404, body: { message: expect.stringContaining('no_such') } })
    for (const hours of ['0', '721', 'x']) expect((await ask('my_flag', `?hours=${hours}`)).status).toBe(400)
  })
})

function read({ call }: TestApp, name: string) {
  return call('GET', `/api/web/flags/${encodeURIComponent(name)}`)
}

const users = (count: number) => Array.from({ length: count }, (_, index) => ({ flipperId: `User:${index + 1}` }))

describe('GET /api/web/flags/:name', () => {
  it('shows gates with the beginning of each list, the definition, and the newest changes', async () => {
    const app = await startApp()
    const { feature } = app
    await feature.enable('my_flag', users(60), { author: 'cli:sam', reason: 'error rate flat' })
    await feature.optOut('my_flag', { flipperId: 'User:99' })
    await feature.enablePercentageOfActors('my_flag', 25)
    const { status, headers, body } = await read(app, 'my_flag')
    expect(status).toBe(200)
    expect(headers['etag']).toBe(`"${at(body, 'flag', 'revision')}"`)
    expect(at(body, 'flag')).toMatchObject({
      name: 'my_flag',
      stored: true,
      state: 'conditional',
      summary: 'on for 60 actors and 25 % of actors; off for everybody else; off for 1 opted-out actor',
      gates: { boolean: false, percentage_of_actors: 25, percentage_of_time: 0, groups: [], unknown: [] },
    })
    expect(at(body, 'flag', 'gates', 'actors', 'count')).toBe(60)
    expect(at(body, 'flag', 'gates', 'actors', 'first')).toHaveLength(50)
    expect(at(body, 'flag', 'gates', 'never')).toEqual({ count: 1, first: ['User:99'] })
    expect(at(body, 'definition')).toMatchObject({
      name: 'my_flag',
      type: 'development',
      group: 'group::web',
      file: 'config/feature_flags/development/my_flag.yml',
      line: 1,
      overdue: false,
      faults: [],
    })
    expect(at(body, 'history')).toMatchObject([
      { source: 'http', flags: [{ name: 'my_flag', sentence: '0 → 25 % of actors' }] },
      { flags: [{ sentence: 'never for User:99' }] },
      { author: 'cli:sam', reason: 'error rate flat', position: expect.stringMatching(/^2-[0-9a-f]{8}$/) },
    ])
    expect(body).toMatchObject({ degraded: false, groups_known: ['beta_testers'], environments: [], policy: null })
  })

  it('counts the actors of the class that is asked for, and names those that can be asked for', async () => {
    const actors = { User: { sample: () => [1, 2, 3] }, Project: {}, Team: {} }
    const app = await startApp({ feature: { actors } })
    await app.feature.enable('my_flag', [{ flipperId: 'Project:1' }, { flipperId: 'Project:2' }])
    const effect = async (query = '') => at((await app.call('GET', `/api/web/flags/my_flag${query}`)).body, 'effect')
    expect(await effect()).toMatchObject({ actor_class: 'Project', classes: ['Project', 'User'], known: 2, on: 2 })
    expect(await effect('?actor_class=User')).toMatchObject({ actor_class: 'User', of: 'application', known: 3, on: 0 })
    expect(await effect('?actor_class=Team')).toMatchObject({ actor_class: 'Team', of: null, known: null, on: 0 })
    const wrong = await app.call('GET', '/api/web/flags/my_flag?actor_class=Nothing')
    expect([wrong.status, at(wrong.body, 'message')]).toEqual([400, expect.stringContaining('User, Project, Team')])
  })

  it('counts for how many known actors it is on at each share, so that moving a slider asks nothing', async () => {
    const app = await startApp()
    const { feature } = app
    await feature.enable('my_other_flag', users(200))
    await feature.enable('my_flag', { flipperId: 'User:1' })
    await feature.optOut('my_flag', { flipperId: 'User:2' })
    const shown = async () => at((await read(app, 'my_flag')).body, 'effect')
    const { by_percent: byPercent, ...effect } = (await shown()) as { by_percent: number[] }
    expect(effect).toEqual({
      actor_class: 'User',
      classes: ['User'],
      known: 200,
      sample: 200,
      of: 'lists',
      on: 1,
      margin: 0,
    })
    expect([byPercent.length, byPercent[0], byPercent[100]]).toEqual([101, 1, 199])
    for (const share of [1, 10, 50, 99]) {
      await feature.enablePercentageOfActors('my_flag', share)
      const on = users(200).filter((user) => feature.enabled('my_flag', user)).length
      expect([byPercent[share], at(await shown(), 'on')]).toEqual([on, on])
    }
  })

  it('shows a flag of which only a broken file is there by its faults, and one that is only stored without a definition', async () => {
    const root = makeProject()
    const file = 'config/feature_flags/development/broken.yml'
    writeFileSync(join(root, file), 'name: broken\ntype: development\ndefault_enabled: perhaps\n')
    const app = await startApp({ feature: { root, strict: false } })
    const { status, body } = await read(app, 'broken')
    expect(status).toBe(200)
    expect(at(body, 'definition')).toMatchObject({ name: null, type: null, file, line: 3 })
    expect(at(body, 'definition', 'faults')).toMatchObject([
      { file, line: 3, field: 'default_enabled', severity: 'error' },
    ])
    await app.feature.enable('removed_long_ago', true, { force: true })
    expect(at((await read(app, 'removed_long_ago')).body, 'definition')).toBeNull()
  })

  it.each(['a.b', 'a/b', '__proto__', 'constructor', 'ä ?#%2F'])(
    'finds the flag %j, and says of it while it is not there that it is not',
    async (name) => {
      const app = await startApp()
      expect(await read(app, name)).toMatchObject({ status: 404, body: { code: 'not_found' } })
      await app.feature.enable(name, true, { force: true })
      const { status, body } = await read(app, name)
      expect([status, at(body, 'flag', 'name'), at(body, 'flag', 'state')]).toEqual([200, name, 'on'])
    },
  )

  it('suggests the flag that was probably meant', async () => {
    const { body } = await read(await startApp(), 'my_flga')
    expect(at(body, 'message')).toContain('did you mean "my_flag"?')
  })

  it('is answered from memory while the database is away or silent, and then without a revision', async () => {
    const app = await startApp()
    await app.feature.enable('my_flag', { flipperId: 'User:1' })
    const away = new StoreUnavailable('store_unavailable', { problem: 'it is away', remedy: 'wait' })
    const stored = vi.spyOn(app.instance, 'stored').mockRejectedValue(away)
    const answers = [await read(app, 'my_flag')]
    stored.mockReturnValue(new Promise(() => {}))
    answers.push(await read(app, 'my_flag'))
    for (const { status, headers, body } of answers) {
      expect([status, headers['etag']]).toEqual([200, undefined])
      expect(body).toMatchObject({ degraded: true, flag: { revision: null, gates: { actors: { count: 1 } } } })
    }
  })
})
