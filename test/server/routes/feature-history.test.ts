// The routes that tell who changed flags: of one flag, and of all.
import { expect, it } from 'vitest'
import { createToken } from '../../../lib/tokens/tokens.js'
import { readAnswer, startApp } from '../support.js'

const url = '/api/v4/features/my_flag/history'

it('tells each change of a flag once, to a token that may only look, and goes on where a page ended', async () => {
  const { app, feature, instance } = await startApp({ rateLimits: { writes: 1 } })
  const { token } = await createToken(instance.tokens, { name: 'reader', scopes: ['read'], expiresAt: null })
  const ask = async (at: string) => readAnswer(app, { url: at, headers: { 'private-token': token } })
  await feature.enablePercentageOfActors('my_flag', 25, { reason: 'a first share', author: 'ann' })
  const ids = Array.from({ length: 30 }, (_, index) => ({ flipperId: `User:${index}` }))
  await feature.enable('my_flag', ids, { author: 'bob' })
  const { changes } = await feature.changes({ feature: 'my_flag' })
  const [share] = changes.slice(-1)
  await feature.undo(share?.changeId ?? '')

  const all = await ask(url)
  expect(all).toMatchObject({
    status: 200,
    body: {
      entries: [
        { author: 'code:test', undoes: share?.changeId, flags: [{ sentence: '25 → 0 % of actors' }] },
        { author: 'bob', counts: { flags: 1, added: 30, removed: 0 }, undoes: null, untracked: false },
        {
          change_id: share?.changeId,
          position: expect.stringMatching(/^2-[0-9a-f]{8}$/),
          author: 'ann',
          source: 'http',
          reason: 'a first share',
          flags: [{ name: 'my_flag', sentence: '0 → 25 % of actors', gates: ['percentage_of_actors'] }],
          restores: null,
        },
      ],
      next: null,
    },
  })
  const first = await ask('/api/web/history?limit=2')
  expect(first.body).toMatchObject({ entries: [{}, { author: 'bob' }], next: '3' })
  expect((await ask('/api/web/history?limit=2&before=3')).body).toMatchObject({
    entries: [{ author: 'ann' }, { flags: [{ name: 'canary' }] }],
    next: null,
  })
  const found = async (query: string) => {
    const { body } = await ask(`/api/web/history?${query}`)
    return Reflect.get(Object(body), 'entries').map((entry: { position: string }) => entry.position.split('-')[0])
  }
  expect(await found('flag=canary')).toEqual(['1'])
  expect(await found('author=bob&q=')).toEqual(['3'])
  expect(await found('q=FIRST+share')).toEqual(['2'])
  expect(await found('source=cli')).toEqual([])
  expect(await found('from=1h')).toEqual(['4', '3', '2', '1'])
  expect(await found('to=1h')).toEqual([])
  expect(await found('from=1&to=2')).toEqual(['2'])
})

it('answers whether a change was made, also of a flag that was never one', async () => {
  const { call } = await startApp()
  const id = '2f5c5a52-6c0e-4d0f-9d3a-6b1f2f6a9d11'
  const asked = `/api/v4/features/no_such_flag/history?change_id=${id}`
  expect(await call('GET', asked)).toMatchObject({ status: 200, body: { entries: [], next: null } })
  const payload = { operations: [{ op: 'percentage_of_actors', value: 5 }], change_id: id }
  await call('POST', '/api/v4/features/my_flag/changes', { payload })
  expect((await call('GET', `${url}?change_id=${id}`)).body).toMatchObject({ entries: [{ change_id: id }] })
})

it('knows a flag that was deleted, and one of which no change is asked for', async () => {
  const { call, feature } = await startApp()
  await feature.enable('my_flag')
  await feature.remove('my_flag')
  expect((await call('GET', url)).body).toMatchObject({
    entries: [{ flags: [{ sentence: 'back to the default: what was stored was deleted (on for everybody)' }] }, {}],
  })
  expect(await call('GET', `${url}?author=no_such_person`)).toMatchObject({ status: 200, body: { entries: [] } })
  expect(await call('GET', '/api/v4/features/my_other_flag/history')).toMatchObject({ status: 200 })
})

it.each([
  [url.replace('my_flag', 'no_such_flag'), 404, 'not_found'],
  [`${url}?limit=0`, 400, 'invalid_request'],
  [`${url}?limit=101`, 400, 'invalid_request'],
  [`${url}?before=-1`, 400, 'invalid_request'],
  [`${url}?from=2026-11-20T10:00`, 400, 'invalid_point'],
  [`${url}?to=2f5c5a52-6c0e-4d0f-9d3a-6b1f2f6a9d11`, 400, 'invalid_point'],
  ['/api/web/history?q=a%00b', 400, 'invalid_request'],
])('refuses %s', async (address, status, code) => {
  const { call } = await startApp()
  expect(await call('GET', address)).toMatchObject({ status, body: { code } })
})
