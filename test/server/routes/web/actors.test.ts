// Lists of actors, and names that the application gives.
import { gunzipSync } from 'node:zlib'
import { describe, expect, it, vi } from 'vitest'
import type { ActorClass } from '../../../../lib/config/options.js'
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
