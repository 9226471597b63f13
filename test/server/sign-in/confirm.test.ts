// A person who is signed in changes only what was shown to them, exactly as it was shown.
import { describe, expect, it } from 'vitest'
import { newSecret } from '../../../lib/server/sign-in/sign-ins.js'
import { createToken } from '../../../lib/tokens/tokens.js'
import { type SignedIn, signIn } from '../../support/signed-in.js'
import { flagUrl, startSignInApp } from './app.js'

type App = Awaited<ReturnType<typeof startSignInApp>>

const url = `${flagUrl}/changes`
const share = (value: number) => ({ operations: [{ op: 'percentage_of_actors', value }] })
const needed = { status: 428, body: { code: 'confirmation_needed' } }
const get = (value: unknown, key: string): unknown => Reflect.get(Object(value), key)

async function start(options: Parameters<typeof startSignInApp>[0] = {}) {
  const app = await startSignInApp(options)
  const { token } = await app.tokenWith('admin')
  const me = await signIn(app.app, { token })
  return { ...app, token, me }
}

const post = ({ ask }: Pick<App, 'ask'>, who: SignedIn, target: string, payload: object, more: object = {}) =>
  ask({ method: 'POST', url: target, payload, headers: { ...who.headers, ...more } })

async function confirmOf(app: Pick<App, 'ask'>, who: SignedIn, payload: object, target = url): Promise<string> {
  const { status, body } = await post(app, who, target, { ...payload, dry_run: true })
  expect(status).toBe(200)
  return String(get(body, 'confirm'))
}

describe('a change by a person who is signed in', () => {
  it('is made with the confirmation of its preview, by the author who the history names', async () => {
    const app = await start()
    const confirm = await confirmOf(app, app.me, share(25))
    const answer = await post(app, app.me, url, { ...share(25), confirm, reason: 'any' })
    expect(answer).toMatchObject({ status: 200, body: { flag: { state: 'conditional' } } })
    const [entry] = await app.instance.feature.history({ feature: 'my_flag', limit: 1 })
    expect(entry).toMatchObject({ author: 'token:ann', source: 'http', reason: 'any' })
  })

  it('of one who came by a link is made in the name of the command line', async () => {
    const app = await start()
    const { secret, idHash } = newSecret()
    await app.instance.signIns.create({ kind: 'code', idHash, tokenId: null, person: 'cli:ann', scopes: ['admin'] })
    const me = await signIn(app.app, { code: secret })
    const confirm = await confirmOf(app, me, share(25))
    expect((await post(app, me, url, { ...share(25), confirm })).status).toBe(200)
    expect(await app.instance.feature.history({ feature: 'my_flag', limit: 1 })).toMatchObject([{ author: 'cli:ann' }])
  })

  it('is refused without one, forged, of other operations, forced, of another flag, sign-in or revision, and nothing is written', async () => {
    const app = await start()
    const other = await signIn(app.app, { token: app.token })
    const good = await confirmOf(app, app.me, share(25))
    const [version = '', text = '', signature = ''] = good.split('.')
    const content = JSON.parse(Buffer.from(text, 'base64url').toString())
    const forged = (changes: object) =>
      `${version}.${Buffer.from(JSON.stringify({ ...content, ...changes })).toString('base64url')}.${signature}`
    const wrong: readonly (readonly [string, object, object?])[] = [
      ['none', share(25)],
      ['an empty one', { ...share(25), confirm: '' }],
      ['a cut one', { ...share(25), confirm: good.slice(0, -1) }],
      ['another signature', { ...share(25), confirm: `${version}.${text}.${'x'.repeat(43)}` }],
      ['a later end', { ...share(25), confirm: forged({ until: content.until + 1 }) }],
      ['another level', { ...share(25), confirm: forged({ level: 0, more: 1 }) }],
      ['other operations', { ...share(50), confirm: good }],
      [
        'one more operation',
        { operations: [...share(25).operations, { op: 'add', list: 'groups', ids: ['a'] }], confirm: good },
      ],
      ['force', { ...share(25), force: true, confirm: good }],
      ['another revision', { ...share(25), confirm: good }, { 'if-match': '"7-00000000-e3b0c442"' }],
      ['of another sign-in', { ...share(25), confirm: await confirmOf(app, other, share(25)) }],
      [
        'of another flag',
        { ...share(25), confirm: await confirmOf(app, app.me, share(25), '/api/v4/features/canary/changes') },
      ],
    ]
    for (const [name, payload, headers] of wrong) {
      expect([name, await post(app, app.me, url, payload, headers)]).toMatchObject([name, needed])
    }
    expect(app.instance.feature.persisted('my_flag')).toBe(false)
    expect((await post(app, app.me, url, { ...share(25), confirm: good })).status).toBe(200)
  })

  it('is refused ten minutes after the preview', async () => {
    const app = await start()
    const confirm = await confirmOf(app, app.me, share(25))
    app.clock.ms += 599_999
    expect((await post(app, app.me, url, { ...share(25), confirm })).status).toBe(200)
    const late = await confirmOf(app, app.me, share(50))
    app.clock.ms += 600_000
    expect(await post(app, app.me, url, { ...share(50), confirm: late })).toMatchObject(needed)
  })

  it('is a conflict where another writer came in between, and where the confirmation was used already', async () => {
    const app = await start()
    const confirm = await confirmOf(app, app.me, share(25))
    await app.instance.feature.enablePercentageOfActors('my_flag', 10)
    expect(await post(app, app.me, url, { ...share(25), confirm })).toMatchObject({
      status: 412,
      body: { code: 'flag_changed' },
    })
    const next = await confirmOf(app, app.me, share(25))
    expect((await post(app, app.me, url, { ...share(25), confirm: next })).status).toBe(200)
    await app.instance.feature.enablePercentageOfActors('my_flag', 10)
    expect((await post(app, app.me, url, { ...share(25), confirm: next })).status).toBe(412)
  })

  it('may be repeated with its change_id', async () => {
    const app = await start()
    const body = { ...share(25), change_id: '5f0c1c9e-3c1f-4a57-9a1f-0d5b3e7a9c11' }
    const confirm = await confirmOf(app, app.me, share(25))
    const first = await post(app, app.me, url, { ...body, confirm })
    const again = await post(app, app.me, url, { ...body, confirm })
    expect(again).toMatchObject({ status: 200, body: { repeated: true, change: get(first.body, 'change') } })
  })

  it('is known at each server with the same database, and at no server with another one or another environment', async () => {
    const one = await start()
    const same = await startSignInApp({ clock: one.clock, store: one.store })
    const staging = await startSignInApp({ clock: one.clock, store: one.store, feature: { env: 'development' } })
    const elsewhere = await start({ clock: one.clock })
    const confirm = await confirmOf(one, one.me, share(25))
    const body = { ...share(25), confirm }
    expect(await post(staging, one.me, url, body)).toMatchObject(needed)
    expect(await post(elsewhere, elsewhere.me, url, body)).toMatchObject(needed)
    expect((await post(same, one.me, url, body)).status).toBe(200)
  })

  it('is refused on every route that changes something and has no preview', async () => {
    const app = await start()
    const made = await app.ask({
      method: 'POST',
      url: '/api/v4/projects',
      payload: { path: 'group/shop', name: 'Shop' },
      headers: { 'private-token': app.token },
    })
    const project = `/api/v4/projects/${get(made.body, 'id')}`
    const routes = [
      ['POST', flagUrl, { value: true }],
      ['DELETE', flagUrl, undefined],
      ['POST', '/api/v4/projects', { path: 'b', name: 'B' }],
      ['PUT', project, { name: 'C' }],
      ['DELETE', project, undefined],
      ['POST', `${project}/feature_flags`, { name: 'a' }],
      ['POST', `${project}/feature_flags?dry_run=true`, { name: 'a' }],
      ['POST', `${project}/instance_ids`, { name: 'a' }],
      ['POST', `${project}/feature_flags_user_lists`, { name: 'a', user_xids: 'b' }],
    ] as const
    for (const [method, target, payload] of routes) {
      const rest = payload === undefined ? {} : { payload }
      const answer = await app.ask({ method, url: target, headers: app.me.headers, ...rest })
      expect([target, answer.status, get(answer.body, 'code')]).toEqual([target, 428, 'confirmation_needed'])
    }
    expect(app.instance.feature.persisted('my_flag')).toBe(false)
  })

  it('of several flags, a restore and an undo are confirmed too', async () => {
    const app = await start()
    const { feature } = app.instance
    await feature.enable('my_flag')
    const [{ changeId = null } = {}] = await feature.history({ feature: 'my_flag', limit: 1 })
    await feature.disable('my_flag')
    const asks: readonly (readonly [string, object])[] = [
      [`${flagUrl}/restore`, { change_id: changeId }],
      [`${flagUrl}/undo`, { change_id: changeId }],
      ['/api/web/changes', { flags: [{ name: 'my_flag' }, { name: 'canary' }], operation: 'disable' }],
    ]
    for (const [target, payload] of asks) {
      expect([target, await post(app, app.me, target, payload)]).toMatchObject([target, needed])
    }
    const [restoring, , several] = asks
    for (const [target, payload] of [restoring, several].flatMap((one) => (one === undefined ? [] : [one]))) {
      const confirm = await confirmOf(app, app.me, payload, target)
      expect([target, (await post(app, app.me, target, { ...payload, confirm })).status]).toEqual([target, 200])
    }
    const [{ changeId: last = null } = {}] = await feature.history({ feature: 'my_flag', limit: 1 })
    const undoing = { change_id: last }
    const confirm = await confirmOf(app, app.me, undoing, `${flagUrl}/undo`)
    expect((await post(app, app.me, `${flagUrl}/undo`, { ...undoing, confirm })).status).toBe(200)
  })
})

describe('a program with a token', () => {
  it('gets no confirmation and needs none', async () => {
    const app = await start()
    const { token } = await createToken(app.instance.tokens, { name: 'ci', scopes: ['write'], expiresAt: null })
    const headers = { 'private-token': token }
    const shown = await app.ask({ method: 'POST', url, payload: { ...share(25), dry_run: true }, headers })
    expect(Object.keys(Object(shown.body))).not.toContain('confirm')
    expect((await app.ask({ method: 'POST', url, payload: share(25), headers })).status).toBe(200)
  })
})
