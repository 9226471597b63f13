// The routes that take changes back, and the one that changes several flags at once.
import { randomUUID } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { createToken } from '../../../lib/tokens/tokens.js'
import { readAnswer, startApp, type TestApp } from '../support.js'

const at = (body: unknown, ...path: readonly string[]): unknown =>
  path.reduce((value, key) => (typeof value === 'object' && value !== null ? Reflect.get(value, key) : undefined), body)

function post({ call }: TestApp, path: string, payload: object, ifMatch?: string) {
  return call('POST', path, { payload, ...(ifMatch === undefined ? {} : { headers: { 'if-match': `"${ifMatch}"` } }) })
}

const restore = (app: TestApp, payload: object, ifMatch?: string, name = 'my_flag') =>
  post(app, `/api/v4/features/${name}/restore`, payload, ifMatch)
const undo = (app: TestApp, payload: object, ifMatch?: string, name = 'my_flag') =>
  post(app, `/api/v4/features/${name}/undo`, payload, ifMatch)
const change = (app: TestApp, payload: object) => post(app, '/api/web/changes', payload)

async function newest({ feature }: TestApp): Promise<string> {
  const [entry] = await feature.history({ limit: 1 })
  if (entry?.changeId == null) throw new Error('the history is empty')
  return entry.changeId
}

describe('POST /api/v4/features/:name/restore', () => {
  it('shows what it would do and what others did since, and then does it on condition of what was seen', async () => {
    const app = await startApp()
    await app.feature.enablePercentageOfActors('my_flag', 25)
    const first = await newest(app)
    await app.feature.enable('my_flag', { flipperId: 'User:1' }, { author: 'token:ada' })
    const shown = await restore(app, { change_id: first, dry_run: true })
    expect(shown).toMatchObject({ status: 200, body: { changed: true, later: [{ author: 'token:ada' }] } })
    expect(at(shown.body, 'after', 'summary')).toBe('on for 25 % of actors; off for everybody else')
    const revision = String(at(shown.body, 'revision'))
    expect(shown.headers['etag']).toBe(`"${revision}"`)
    const made = await restore(app, { change_id: first, reason: 'back' }, revision)
    expect(made).toMatchObject({ status: 200, body: { change: { id: await newest(app) } } })
    expect(at(made.body, 'flag', 'gates')).toMatchObject([{ key: 'boolean' }, { value: 25 }])
    const late = await restore(app, { change_id: first }, revision)
    expect(late).toMatchObject({ status: 412, body: { code: 'flag_changed', changes: [{ reason: 'back' }] } })
    expect((await restore(app, { change_id: first, dry_run: true }, revision)).status).toBe(412)
  })

  it('takes a revision and a time, and is made once under an id of the caller', async () => {
    const app = await startApp()
    await app.feature.enablePercentageOfActors('my_flag', 25)
    const revision = await app.instance.revision('my_flag')
    await app.feature.enable('my_flag')
    const id = randomUUID()
    const made = await restore(app, { revision, new_change_id: id })
    expect(made).toMatchObject({ status: 200, body: { change: { id } } })
    await app.feature.enable('my_flag')
    expect(await restore(app, { revision, new_change_id: id })).toMatchObject({ body: { repeated: true } })
    expect(app.feature.enabled('my_flag')).toBe(true)
    expect(await restore(app, { at: '0s' })).toMatchObject({ status: 200, body: { change: null } })
  })

  it.each([
    [{}, 400, 'invalid_request'],
    [{ at: '2h', revision: '1-00000000-00000000' }, 400, 'invalid_request'],
    [{ at: 'tomorrow' }, 400, 'invalid_point'],
    [{ at: '9999-01-01T00:00Z' }, 400, 'invalid_point'],
    [{ revision: '1-00000000-00000000' }, 400, 'not_in_history'],
    [{ change_id: 'x' }, 400, 'invalid_request'],
  ])('refuses %j by %i %s', async (body, status, code) => {
    const app = await startApp()
    await app.feature.enable('my_flag')
    expect(await restore(app, body)).toMatchObject({ status, body: { code } })
    expect(app.feature.enabled('my_flag')).toBe(true)
  })
})

describe('POST /api/v4/features/:name/undo', () => {
  it('takes a change of several flags back on all of them, and says which later changes stay', async () => {
    const app = await startApp()
    const both = ['my_flag', 'my_other_flag'].map((key) => ({ key, gates: { percentage_of_actors: ['5'] } }))
    await app.feature.import({ ...(await app.feature.export()), features: both })
    const first = await newest(app)
    await app.feature.enable('my_flag', { flipperId: 'User:1' }, { author: 'token:ada' })
    const shown = await undo(app, { change_id: first, dry_run: true })
    expect(shown).toMatchObject({ status: 200, body: { change_id: first, later: [{ author: 'token:ada' }] } })
    const id = randomUUID()
    const made = await undo(app, { change_id: first, new_change_id: id, reason: 'wrong' })
    expect(made.status).toBe(200)
    expect(made.body).toMatchObject({ names: ['my_flag', 'my_other_flag'], change: { id } })
    expect([app.feature.enabled('my_flag', { flipperId: 'User:1' }), app.feature.enabled('my_flag')]).toEqual([
      true,
      false,
    ])
    expect(app.feature.persisted('my_other_flag')).toBe(false)
    expect(await undo(app, { change_id: first, new_change_id: id })).toMatchObject({ body: { repeated: true } })
    // What was undone can be made again, by undoing the undoing.
    expect((await undo(app, { change_id: id })).status).toBe(200)
    expect(app.feature.persisted('my_other_flag')).toBe(true)
  })

  it('refuses a change of another flag, one that was changed again, and one of a flag that was deleted, with the remedy', async () => {
    const app = await startApp()
    await app.feature.enablePercentageOfActors('my_flag', 25)
    const first = await newest(app)
    const foreign = await undo(app, { change_id: first }, undefined, 'my_other_flag')
    expect(foreign).toMatchObject({ status: 404, body: { code: 'not_found' } })
    await app.feature.enablePercentageOfActors('my_flag', 30)
    const refused = await undo(app, { change_id: first })
    expect(refused).toMatchObject({ status: 400, body: { code: 'not_restorable' } })
    expect(at(refused.body, 'message')).toContain('restore my_flag --to')
    await app.feature.remove('my_flag')
    expect((await undo(app, { change_id: first })).status).toBe(400)
    expect(app.feature.persisted('my_flag')).toBe(false)
  })

  it('is open to a token that may write, and its preview to one that may look', async () => {
    const app = await startApp()
    await app.feature.enable('my_flag')
    const payload = { change_id: await newest(app) }
    const as = async (scope: 'read' | 'write', more: object) => {
      const { token } = await createToken(app.instance.tokens, { name: scope, scopes: [scope], expiresAt: null })
      const url = '/api/v4/features/my_flag/undo'
      const sent = {
        method: 'POST',
        url,
        payload: { ...payload, ...more },
        headers: { 'private-token': token },
      } as const
      return (await readAnswer(app.app, sent)).status
    }
    expect([await as('read', { dry_run: true }), await as('read', {}), await as('write', {})]).toEqual([200, 403, 200])
  })

  it.each(['changes', 'history', 'definitions', 'restore', 'undo'])('knows the flag named %s', async (name) => {
    const app = await startApp()
    const path = `/api/v4/features/${name}`
    const body = { operations: [{ op: 'enable' }], force: true }
    expect((await post(app, `${path}/changes`, body)).status).toBe(200)
    const undone = await undo(app, { change_id: await newest(app) }, undefined, name)
    expect([undone.status, app.feature.persisted(name)]).toEqual([200, false])
    const restored = await restore(app, { at: '0s', dry_run: true }, undefined, name)
    expect(restored).toMatchObject({ status: 200, body: { name, changed: false } })
  })
})

describe('POST /api/web/changes', () => {
  it('shows several flags at once, and turns all of them off as one change', async () => {
    const app = await startApp()
    await app.feature.enable('my_flag', { flipperId: 'User:1' })
    await app.feature.enable('my_other_flag')
    const flags = [{ name: 'my_flag' }, { name: 'my_other_flag' }]
    const shown = await change(app, { flags, operation: 'disable', dry_run: true })
    expect(shown).toMatchObject({ status: 200, body: { level: 0 } })
    expect(at(shown.body, 'flags')).toMatchObject([{ wiped: { actors: 1 } }, { before: { state: 'on' } }])
    const seen = (at(shown.body, 'flags') as { name: string; revision: string }[]).map(({ name, revision }) => ({
      name,
      revision,
    }))
    const id = randomUUID()
    const made = await change(app, { flags: seen, operation: 'disable', change_id: id, reason: 'incident' })
    expect(made).toMatchObject({ status: 200, body: { change: { id } } })
    expect(at(made.body, 'flags')).toMatchObject([{ state: 'off' }, { state: 'off' }])
    const entries = await app.feature.history({ changeId: id, limit: 50 })
    expect(new Set(entries.map(({ feature }) => feature))).toEqual(new Set(['my_flag', 'my_other_flag']))
    expect(await change(app, { flags: seen, operation: 'disable', change_id: id })).toMatchObject({
      status: 200,
      body: { repeated: true },
    })
  })

  it('changes none where one of them has another revision', async () => {
    const app = await startApp()
    await app.feature.enable('my_flag')
    await app.feature.enable('my_other_flag')
    const revision = await app.instance.revision('my_other_flag')
    await app.feature.enable('my_other_flag', { flipperId: 'User:1' }, { author: 'token:ada' })
    const flags = [{ name: 'my_flag' }, { name: 'my_other_flag', revision }]
    for (const more of [{}, { dry_run: true }]) {
      const refused = await change(app, { flags, operation: 'delete', ...more })
      expect(refused).toMatchObject({ status: 412, body: { code: 'flag_changed', changes: [{ author: 'token:ada' }] } })
      expect(at(refused.body, 'current', 'name')).toBe('my_other_flag')
    }
    expect(app.feature.enabled('my_flag')).toBe(true)
  })

  it.each([
    [{ flags: [], operation: 'disable' }],
    [{ flags: [{ name: 'my_flag' }, { name: 'my_flag' }], operation: 'disable' }],
    [{ flags: [{ name: 'my_flag', revision: 'old' }], operation: 'disable' }],
    [{ flags: [{ name: 'my_flag' }], operation: 'enable' }],
    [{ flags: Array.from({ length: 51 }, (_, index) => ({ name: `flag_${index}` })), operation: 'delete' }],
  ])('refuses %j', async (body) => {
    const app = await startApp()
    expect(await change(app, body)).toMatchObject({ status: 400, body: { code: 'invalid_request' } })
  })

  it('turns no flag off that is not defined, and deletes one', async () => {
    const app = await startApp()
    await app.feature.enable('gone_flag', true, { force: true })
    const flags = [{ name: 'gone_flag' }]
    expect(await change(app, { flags, operation: 'disable' })).toMatchObject({ body: { code: 'unknown_flag' } })
    expect((await change(app, { flags, operation: 'delete' })).status).toBe(200)
    expect(app.feature.persisted('gone_flag')).toBe(false)
  })
})
