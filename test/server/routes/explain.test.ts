// The routes that say why flags are on or off: of one flag, and of all.
import { expect, it } from 'vitest'
import { createToken } from '../../../lib/tokens/tokens.js'
import { readAnswer, startApp } from '../support.js'

const url = '/api/v4/features/my_flag/explain'

it('explains a flag to a token that may only look, now and in the past, and counts it as no change', async () => {
  const { app, feature, instance } = await startApp({ rateLimits: { writes: 1 } })
  const { token } = await createToken(instance.tokens, { name: 'reader', scopes: ['read'], expiresAt: null })
  const ask = (payload: object, at = url) =>
    readAnswer(app, { method: 'POST', url: at, payload, headers: { 'private-token': token } })
  await feature.enablePercentageOfActors('my_flag', 50, { reason: 'half' })
  const now = await ask({ actors: ['User:2', 'User:1'] })
  expect(now).toMatchObject({
    status: 200,
    body: {
      name: 'my_flag',
      actors: ['User:2', 'User:1'],
      as_of: { position: { version: '2' }, from: 'store' },
      steps: expect.arrayContaining([
        expect.objectContaining({
          gate: 'percentage_of_actors',
          detail: expect.objectContaining({
            input: 'my_flagUser:1User:2',
            joined_id: 'User:1User:2',
            threshold: 50_000,
          }),
        }),
      ]),
    },
  })
  expect((await ask({ actors: [], at: '1' })).body).toMatchObject({
    value: false,
    reason: 'default',
    approximate: ['definition'],
  })
  await feature.enablePercentageOfActors('my_flag', 100, { reason: 'all' })
  expect((await ask({ actors: ['User:1'] })).body).toMatchObject({
    value: true,
    by: { reason: 'all', author: 'code:test' },
  })
  const all = await ask(
    { actors: ['Project:1'], only: 'different', than: { actors: ['Project:2'] } },
    '/api/web/explain',
  )
  expect(all).toMatchObject({
    status: 200,
    body: {
      than_as_of: { position: { version: '3' } },
      flags: [
        { name: 'canary', value: true, reason: 'actor', default: false, than: { value: false, reason: 'closed' } },
      ],
    },
  })
  const since = await ask({ actors: ['User:1'], only: 'on', than: { at: '1' } }, '/api/web/explain')
  expect(since.body).toMatchObject({ flags: [{ name: 'my_flag', than: { value: false } }, { name: 'on_by_default' }] })
})

it.each([
  [url, { actors: ['7'] }, 400, 'invalid_arguments'],
  [url, { actors: ['Usr:7'] }, 400, 'invalid_arguments'],
  [url, { actors: 'User:7' }, 400, 'invalid_request'],
  [url, {}, 400, 'invalid_request'],
  [url, { actors: [], att: '2h' }, 400, 'invalid_request'],
  [url, { actors: [], at: '2026-11-20T10:00' }, 400, 'invalid_point'],
  [url, { actors: [], at: '2999-01-01T00:00Z' }, 400, 'invalid_point'],
  [url, { actors: [], at: '2000-01-01T00:00Z' }, 400, 'not_in_history'],
  [url, { actors: [], type: 'ops' }, 400, 'flag_type_mismatch'],
  ['/api/v4/features/my_flg/explain', { actors: [] }, 404, 'not_found'],
  ['/api/v4/features/my_flg/explain', { actors: [], at: '1' }, 404, 'not_found'],
  ['/api/web/explain', { actors: [], only: 'off' }, 400, 'invalid_request'],
  ['/api/web/explain', { actors: [], than: {} }, 400, 'invalid_request'],
  ['/api/web/explain', { actors: [], than: { at: 'yesterday' } }, 400, 'invalid_point'],
])('refuses %s with %j', async (at, payload, status, code) => {
  const { call } = await startApp()
  expect(await call('POST', at, { payload })).toMatchObject({ status, body: { code } })
})

it('explains 5,000 flags from one read', async () => {
  const { call, instance } = await startApp()
  const steps = Array.from({ length: 5_000 }, (_, index) => ({
    feature: `flag_${index}`,
    operation: { kind: 'set', gate: 'percentage_of_actors', value: '50' } as const,
  }))
  const planned = steps.map((step) => ({
    step,
    action: 'enable_percentage_of_actors' as const,
    things: [],
    percentage: 50,
    narrows: false,
  }))
  await instance.change(planned, { force: true })
  const { body } = await call('POST', '/api/web/explain', { payload: { actors: ['User:1'] } })
  expect(body).toMatchObject({ flags: { length: 5_004 } })
})
