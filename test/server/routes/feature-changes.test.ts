// The route of changes: previews, conditions and conflicts.
import { describe, expect, it } from 'vitest'
import { createToken } from '../../../lib/tokens/tokens.js'
import { readAnswer, startApp, type TestApp } from '../support.js'

const url = '/api/v4/features/my_flag/changes'

function send({ call }: TestApp, payload: object, ifMatch?: string, at = url) {
  return call('POST', at, { payload, ...(ifMatch === undefined ? {} : { headers: { 'if-match': ifMatch } }) })
}

const share = (value: number) => ({ operations: [{ op: 'percentage_of_actors', value }] })
const get = (body: unknown, ...path: readonly string[]): unknown =>
  path.reduce((value, key) => (typeof value === 'object' && value !== null ? Reflect.get(value, key) : undefined), body)

const lists: readonly (readonly object[])[] = [
  [{ op: 'enable' }],
  [{ op: 'disable' }],
  [{ op: 'percentage_of_time', value: 12.5 }],
  [{ op: 'add', list: 'actors', ids: ['User:1', 'Project:7'] }],
  [{ op: 'add', list: 'never', ids: ['User:2'] }],
  [{ op: 'add', list: 'groups', ids: ['beta_testers'] }],
  [{ op: 'remove', list: 'actors', ids: ['User:1', 'User:9'] }],
  [{ op: 'remove', list: 'never', ids: ['User:2'] }],
  [{ op: 'remove', list: 'groups', ids: ['beta_testers'] }],
  [{ op: 'disable' }, { op: 'add', list: 'actors', ids: ['User:3'] }, { op: 'percentage_of_actors', value: 33.333 }],
  [{ op: 'percentage_of_actors', value: 0 }],
  [{ op: 'delete' }],
]

describe('POST /api/v4/features/:name/changes', () => {
  it('does what its preview showed, for every operation, and a preview writes nothing', async () => {
    const app = await startApp()
    for (const operations of lists) {
      const before = app.feature.get('my_flag')
      const preview = await send(app, { operations, dry_run: true })
      expect(app.feature.get('my_flag')).toEqual(before)
      const made = await send(app, { operations }, String(preview.headers['etag']))
      expect([preview.status, made.status]).toEqual([200, 200])
      const after = await send(app, { operations: [{ op: 'delete' }], dry_run: true })
      expect(get(after.body, 'before')).toEqual(get(preview.body, 'after'))
      expect(get(made.body, 'flag', 'revision')).toBe(get(after.body, 'revision'))
      expect(get(made.body, 'unmatched')).toEqual(get(preview.body, 'unmatched'))
    }
    expect(app.feature.persisted('my_flag')).toBe(false)
  })

  it('counts who gains and who loses the flag among the actors of its lists, opt-outs and clearing included', async () => {
    const app = await startApp()
    await app.feature.enable('my_flag', [{ flipperId: 'User:1' }, { flipperId: 'User:2' }])
    await app.feature.optOut('my_flag', { flipperId: 'User:3' })
    await app.feature.enable('my_other_flag', [{ flipperId: 'User:4' }, { flipperId: 'Project:1' }])
    const { body } = await send(app, { operations: [{ op: 'enable' }], dry_run: true })
    expect(get(body, 'effect')).toEqual({
      actor_class: 'User',
      known: 4,
      sample: 4,
      of: 'lists',
      gain: 2,
      lose: 0,
      margin: 0,
      unknown: 0,
      gain_first: ['User:3', 'User:4'],
      lose_first: [],
      without_actor: { before: 0, after: 1 },
      everybody: true,
    })
    expect(get(body, 'wiped')).toEqual({ actors: 2, never: 1, groups: 0 })
  })

  it('lets a token that may only look see a preview, and change nothing', async () => {
    const { app, instance } = await startApp()
    const { token } = await createToken(instance.tokens, { name: 'reader', scopes: ['read'], expiresAt: null })
    const as = (payload: object) =>
      readAnswer(app, { method: 'POST', url, payload, headers: { 'private-token': token } })
    expect((await as({ ...share(25), dry_run: true })).status).toBe(200)
    expect(await as(share(25))).toMatchObject({ status: 403, body: { code: 'forbidden' } })
  })

  it.each([
    ['"', 400],
    ['my_flag', 400],
    ['"1-2-3"', 400],
    ['"0-00000000-e3b0c442", "0-00000000-e3b0c442"', 400],
    ['"0-00000000-e3b0c442"', 200],
    ['W/"0-00000000-e3b0c442"', 200],
    ['*', 200],
    ['"7-00000000-e3b0c442"', 412],
    ['"0-00000000-00000000"', 412],
  ])(
    'answers to If-Match %s with %i, for a preview and for a change of a flag of which nothing is stored',
    async (tag, status) => {
      const app = await startApp()
      expect((await send(app, { ...share(25), dry_run: true }, tag)).status).toBe(status)
      expect((await send(app, share(25), tag)).status).toBe(status)
      expect(app.feature.persisted('my_flag')).toBe(status === 200)
    },
  )

  it('refuses the revision of another flag', async () => {
    const app = await startApp()
    await app.feature.enable('my_flag')
    await app.feature.enable('my_other_flag')
    const other = await send(
      app,
      { ...share(5), dry_run: true, force: true },
      undefined,
      url.replace('my_flag', 'canary'),
    )
    const refused = await send(app, { operations: [{ op: 'disable' }] }, String(other.headers['etag']))
    expect(refused).toMatchObject({ status: 412, body: { code: 'flag_changed' } })
  })

  it('says who changed the flag, and whether the change could be made on top of that', async () => {
    const app = await startApp()
    await app.feature.enablePercentageOfActors('my_flag', 25)
    const seen = String((await send(app, { ...share(50), dry_run: true })).headers['etag'])
    await app.feature.enable('my_flag', { flipperId: 'User:1' }, { author: 'ada', reason: 'beta' })
    const clean = await send(app, share(50), seen)
    expect(clean).toMatchObject({
      status: 412,
      body: { rebase: 'clean', changes: [{ author: 'ada', reason: 'beta', sentence: 'added User:1' }] },
    })
    expect(clean.headers['etag']).toBe(`"${String(get(clean.body, 'current', 'revision'))}"`)
    await app.feature.enablePercentageOfActors('my_flag', 30)
    const conflict = await send(app, share(50), seen)
    expect(get(conflict.body, 'rebase')).toBe('conflict')
    expect(get(conflict.body, 'changes')).toHaveLength(2)
    expect((await send(app, share(50), String(conflict.headers['etag']))).status).toBe(200)
  })

  it('makes a change once that is sent again under its change_id, and says so', async () => {
    const app = await startApp()
    const change_id = '2F5C5A52-6c0e-4d0f-9d3a-6b1f2f6a9d11'
    const first = await send(app, { ...share(25), change_id }, '"0-00000000-e3b0c442"')
    await app.feature.enablePercentageOfActors('my_flag', 30)
    const again = await send(app, { ...share(25), change_id }, '"0-00000000-e3b0c442"')
    expect([first.status, again.status]).toEqual([200, 200])
    expect(get(again.body, 'change')).toEqual(get(first.body, 'change'))
    expect([get(first.body, 'repeated'), get(again.body, 'repeated')]).toEqual([undefined, true])
    expect(get(again.body, 'flag', 'gates')).toContainEqual({ key: 'percentage_of_actors', value: 30 })
    const other = url.replace('my_flag', 'my_other_flag')
    expect((await send(app, { ...share(25), change_id }, undefined, other)).status).toBe(400)
    expect((await send(app, { ...share(25), change_id: 'mine' })).status).toBe(400)
  })

  it("is previewed by GitLab's route in the same words", async () => {
    const app = await startApp()
    const preview = await send(app, { ...share(25), dry_run: true })
    const payload = { value: 25, key: 'percentage_of_actors', dry_run: true }
    expect(await app.call('POST', '/api/v4/features/my_flag', { payload })).toMatchObject({
      status: 200,
      body: preview.body,
    })
    const query = '/api/v4/features/my_flag?value=true&dry_run=1'
    expect((await app.call('POST', query)).body).toMatchObject({ after: { summary: 'on for everybody' } })
    expect(app.feature.persisted('my_flag')).toBe(false)
  })

  it("is previewed by GitLab's route that deletes, and by both with a token that may only look", async () => {
    const { app, instance, call, feature } = await startApp()
    const { token } = await createToken(instance.tokens, { name: 'reader', scopes: ['read'], expiresAt: null })
    const as = (method: 'POST' | 'DELETE', query: string) =>
      readAnswer(app, { method, url: `/api/v4/features/canary?${query}`, headers: { 'private-token': token } })
    const deleted = await as('DELETE', 'dry_run=true')
    expect(deleted).toMatchObject({
      status: 200,
      body: { before: { stored: true }, after: { stored: false }, wiped: { actors: 1 }, narrows: true },
    })
    expect((await as('POST', 'value=true&dry_run=1')).status).toBe(200)
    expect((await as('POST', 'value=true&dry_run=1&force=true')).status).toBe(200)
    expect((await as('POST', 'value=120&key=percentage_of_actors&dry_run=1')).status).toBe(400)
    for (const query of ['value=true', 'value=true&dry_run=false', 'value=true&dry_run=no', '']) {
      expect([query, (await as('POST', query)).status, (await as('DELETE', query)).status]).toEqual([query, 403, 403])
    }
    expect(feature.persisted('canary')).toBe(true)
    expect((await call('DELETE', '/api/v4/features/canary?dry_run=no')).status).toBe(400)
    expect((await call('DELETE', '/api/v4/features/canary')).status).toBe(204)
  })

  it('warns of the default-on trap in a preview, with operations that do what was meant, and refuses the change', async () => {
    const app = await startApp()
    const at = url.replace('my_flag', 'on_by_default')
    const operations = [{ op: 'add', list: 'never', ids: ['User:1'] }]
    const { body } = await send(app, { operations, dry_run: true }, undefined, at)
    expect(get(body, 'after', 'summary')).toBe('off for everybody (1 opt-out stored)')
    expect(get(body, 'effect', 'without_actor')).toEqual({ before: 1, after: 0 })
    const [warning] = get(body, 'warnings') as readonly [object]
    const safer = Reflect.get(warning, 'safer')
    expect(safer).toEqual([{ op: 'enable' }, ...operations])
    expect(await send(app, { operations }, undefined, at)).toMatchObject({ body: { code: 'default_on_trap' } })
    expect((await send(app, { operations: safer }, undefined, at)).status).toBe(200)
    expect(app.feature.enabled('on_by_default', { flipperId: 'User:2' }, { type: 'ops' })).toBe(true)
    expect(app.feature.enabled('on_by_default', { flipperId: 'User:1' }, { type: 'ops' })).toBe(false)
  })

  it('quotes names and ids in the commands to copy', async () => {
    const app = await startApp()
    const name = "$(reboot)'"
    const operations = [{ op: 'add', list: 'actors', ids: ['User:`id`'] }]
    const payload = { operations, dry_run: true, force: true }
    const { body } = await send(app, payload, undefined, `/api/v4/features/${encodeURIComponent(name)}/changes`)
    expect(get(body, 'commands', 'cli')).toMatch(/ set '\$\(reboot\)'\\''' true --actor 'User:`id`' --force$/)
    expect(get(body, 'commands', 'curl')).toContain(`"$SLUICE_URL"'/api/v4/features/%24(reboot)'\\''/changes'`)
  })

  it.each([
    [{}],
    [{ operations: [] }],
    [{ operations: [{ op: 'enabel' }] }],
    [{ operations: [{ op: 'enable', ids: ['User:1'] }] }],
    [{ operations: [{ op: 'percentage_of_actors' }] }],
    [{ operations: [{ op: 'percentage_of_actors', value: 101 }] }],
    [{ operations: [{ op: 'percentage_of_actors', value: '50' }] }],
    [{ operations: [{ op: 'add', list: 'actor', ids: ['User:1'] }] }],
    [{ operations: [{ op: 'add', list: 'actors', ids: [] }] }],
    [{ operations: [{ op: 'add', list: 'actors', ids: ['7'] }] }],
    [{ operations: [{ op: 'add', list: 'actors', ids: ['User:1:opt_out'] }] }],
    [{ operations: [{ op: 'add', list: 'groups', ids: ['a\nb'] }] }],
    [{ ...share(50), dry_run: 'yes' }],
    [{ ...share(50), dryrun: true }],
  ])('refuses %j, and writes nothing', async (payload) => {
    const app = await startApp()
    expect((await send(app, payload)).status).toBe(400)
    expect(app.feature.persisted('my_flag')).toBe(false)
  })

  it('changes a flag whose name is a word of an address', async () => {
    const app = await startApp()
    for (const name of ['changes', 'definitions', 'history']) {
      const at = `/api/v4/features/${name}/changes`
      expect((await send(app, { ...share(25), force: true }, undefined, at)).status).toBe(200)
      expect(app.feature.persisted(name)).toBe(true)
    }
  })
})
