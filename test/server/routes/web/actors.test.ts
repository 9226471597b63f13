// Lists of actors, and names that the application gives.
import { gunzipSync } from 'node:zlib'
import { describe, expect, it, vi } from 'vitest'
import { ActorClasses } from '../../../../lib/actors/classes.js'
import type { ActorClass } from '../../../../lib/config/options.js'
import { silentLogger } from '../../../../lib/log.js'
import { ActorPaths } from '../../../../lib/server/web/actor-paths.js'
import { systemClock } from '../../../../lib/time/clock.js'
import { createToken } from '../../../../lib/tokens/tokens.js'
import { startApp } from '../../support.js'

describe('GET /api/web/flags/:name/actors', () => {
  it('gives a whole list, of those for whom it is on or those to whom it is denied, with the revision', async () => {
    const { app, admin, call, feature } = await startApp()
    const users = Array.from({ length: 10_000 }, (_, index) => ({ flipperId: `User:${index}` }))
    await feature.enable('my_flag', users)
    await feature.optOut('my_flag', { flipperId: 'User:x' })
    const { headers, body } = await call('GET', '/api/web/flags/my_flag/actors')
    const { ids, revision } = body as { ids: string[]; revision: string }
    expect([ids.length, headers['etag']]).toEqual([10_000, `"${revision}"`])
    expect((await call('GET', '/api/web/flags/my_flag/actors?list=never')).body).toEqual({ revision, ids: ['User:x'] })
    const zipped = await app.inject({
      url: '/api/web/flags/my_flag/actors',
      headers: { 'private-token': admin, 'accept-encoding': 'gzip' },
    })
    expect(JSON.parse(gunzipSync(zipped.rawPayload).toString())).toEqual(body)
    expect(zipped.rawPayload.length).toBeLessThan(60_000)
  })

  it('knows a flag of which nothing is stored, no list of another name, and no flag that is not there', async () => {
    const { call } = await startApp()
    expect((await call('GET', '/api/web/flags/my_flag/actors')).body).toMatchObject({ ids: [] })
    expect((await call('GET', '/api/web/flags/my_flag/actors?list=off')).status).toBe(400)
    expect((await call('GET', '/api/web/flags/nothing/actors')).status).toBe(404)
  })
})

async function namesOf(actors: Readonly<Record<string, ActorClass>>, ids: readonly string[]) {
  const app = await startApp({ feature: { actors } })
  const ask = async () => app.call('POST', '/api/web/actors/names', { payload: { ids } })
  const { status, body } = await ask()
  return { status, names: (body as { names: unknown }).names, log: app.log, ask }
}

describe('POST /api/web/actors/names', () => {
  it('asks each class once for its own ids, and takes an object or a Map', async () => {
    const ofUsers = vi.fn((ids: readonly string[]) =>
      Object.fromEntries(ids.map((id) => [id, { label: `Sam ${id}`, url: 'https://app.example.com/u/7' }])),
    )
    const ofProjects = vi.fn(async () => new Map([['Project:42', { label: 'shop' }]]))
    const { names } = await namesOf({ User: { describe: ofUsers }, Project: { describe: ofProjects }, Account: {} }, [
      'User:7',
      'Project:42',
      'Project:43',
      'User:7',
      'Account:1',
      'no class',
    ])
    expect(names).toEqual({
      'User:7': { label: 'Sam User:7', url: 'https://app.example.com/u/7' },
      'Project:42': { label: 'shop', url: null },
    })
    expect([ofUsers.mock.calls, ofProjects.mock.calls]).toEqual([[[['User:7']]], [[['Project:42', 'Project:43']]]])
  })

  it.each([
    'javascript:alert(1)',
    ' JavaScript:alert(1)',
    'data:text/html,x',
    '//evil.example.com',
    '/u/7',
    'ftp://a.example.com/',
    7,
    `https://a.example.com/${'x'.repeat(3_000)}`,
  ])('makes no link of %j', async (url) => {
    const { names } = await namesOf(
      { User: { describe: () => JSON.parse(JSON.stringify({ 'User:7': { label: 'Sam', url } })) } },
      ['User:7'],
    )
    expect(names).toEqual({ 'User:7': { label: 'Sam', url: null } })
  })

  it.each([
    null,
    7,
    'Sam',
    [],
    { 'User:7': null },
    { 'User:7': { label: 7 } },
    { 'User:7': { label: ' ' } },
    { 'User:8': { label: 'Ann' } },
  ])('has no name where the application answers %j', async (answer) => {
    const { status, names } = await namesOf({ User: { describe: () => JSON.parse(JSON.stringify(answer)) } }, [
      'User:7',
    ])
    expect([status, names]).toEqual([200, {}])
  })

  it('has no name where the application throws, and says so once in the log', async () => {
    const describe = () => {
      throw new Error('no connection')
    }
    const { status, names, log, ask } = await namesOf({ User: { describe } }, ['User:7'])
    await ask()
    expect([status, names]).toEqual([200, {}])
    expect(log.filter(({ message }) => message.includes('actors.User.describe')).map(({ level }) => level)).toEqual([
      'warn',
    ])
  })

  it('waits two seconds for an application that hangs, and does not call it more than four times at once', async () => {
    const describe = vi.fn(() => new Promise<never>(() => {}))
    const { names, ask } = await namesOf({ User: { describe } }, ['User:7'])
    expect(names).toEqual({})
    await Promise.all([ask(), ask(), ask(), ask(), ask()])
    expect(describe).toHaveBeenCalledTimes(4)
  })

  it('refuses more than 200 ids, and may be asked by a token that may read', async () => {
    const ids = Array.from({ length: 201 }, (_, index) => `User:${index}`)
    expect((await namesOf({ User: {} }, ids)).status).toBe(400)
    expect((await namesOf({ User: {} }, ids.slice(1))).status).toBe(200)
  })
})

describe('POST /api/web/actors/find', () => {
  const paths = ['gitlab-org/gitlab', 'nothing/here', 'gitlab-org/gitlab', 'broken', '__proto__']
  const find = (path: string) => {
    if (path === 'broken') throw new Error('the database is away')
    return path === 'gitlab-org/gitlab' ? 278_964 : path === '__proto__' ? 'Project:2' : null
  }
  const ask = async (actors: Readonly<Record<string, ActorClass>>, payload: object) => {
    const app = await startApp({ feature: { actors } })
    return { ...(await app.call('POST', '/api/web/actors/find', { payload })), app }
  }

  it('gives the ids of the paths that the application finds, asks for each once, and says once in the log what failed', async () => {
    const findByPath = vi.fn(find)
    const { body, app } = await ask({ Project: { findByPath } }, { actor_class: 'Project', paths })
    const { ids } = body as { ids: object }
    expect(Object.entries(ids).sort()).toEqual([
      ['__proto__', 'Project:2'],
      ['gitlab-org/gitlab', 'Project:278964'],
    ])
    expect(findByPath).toHaveBeenCalledTimes(4)
    const said = app.log.filter(({ message }) => message.includes('actors.Project.findByPath'))
    expect(said.map(({ level }) => level)).toEqual(['warn'])
  })

  it('says null for a class without findByPath, and refuses a class that is not registered, too many paths, and a reader', async () => {
    const { body, app } = await ask({ User: {} }, { actor_class: 'User', paths })
    expect(body).toEqual({ ids: null })
    const call = (payload: object, headers = {}) => app.call('POST', '/api/web/actors/find', { payload, headers })
    const wrong = await call({ actor_class: 'Team', paths })
    expect([wrong.status, wrong.body]).toMatchObject([
      400,
      { code: 'invalid_request', message: expect.stringContaining('use one of User') },
    ])
    const many = Array.from({ length: 201 }, (_, id) => `a/${id}`)
    expect((await call({ actor_class: 'User', paths: many })).status).toBe(400)
    const { token } = await createToken(app.instance.tokens, { name: 'ada', scopes: ['read'], expiresAt: null })
    expect((await call({ actor_class: 'User', paths }, { 'private-token': token })).status).toBe(403)
  })

  it('does not wait for a path longer than two seconds, and keeps what was found until then', async () => {
    const findByPath = (path: string) => (path === 'a/b' ? 7 : new Promise<never>(() => undefined))
    const actors = new Map([['User', { findByPath }]])
    const waits: { readonly ms: number; readonly end: () => void }[] = []
    const after = (ms: number, end: () => void) => {
      waits.push({ ms, end })
      return { cancel: () => undefined }
    }
    const clock = { ...systemClock, now: () => 0, after }
    const known = new ActorPaths({ actors, classes: new ActorClasses(actors), clock, logger: silentLogger })
    const asked = known.of('User', ['hangs/1', 'a/b'])
    await new Promise((resolve) => setImmediate(resolve))
    expect(waits.map(({ ms }) => ms)).toEqual([2_000, 2_000])
    for (const { end } of waits) end()
    expect(await asked).toEqual(new Map([['a/b', 'User:7']]))
  })
})
