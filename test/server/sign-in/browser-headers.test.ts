// What browsers are told beside an answer, and what is counted of people who sign in and of their changes.
import { beforeAll, afterAll, describe, expect, it } from 'vitest'
import { createInstance } from '../../../lib/instance/create.js'
import type { Instance } from '../../../lib/instance/instance.js'
import { silentLogger } from '../../../lib/log.js'
import { buildApp } from '../../../lib/server/app.js'
import { createToken } from '../../../lib/tokens/tokens.js'
import { signIn, type SignedIn } from '../../support/signed-in.js'
import { makeProjectFolder } from '../support.js'

const publicUrl = 'https://flags.example.com'
const proxied = { 'x-forwarded-proto': 'https', 'x-forwarded-for': '203.0.113.9', host: 'flags.example.com' }
const more = ['referrer-policy', 'cross-origin-opener-policy', 'permissions-policy', 'strict-transport-security']
const clock = { ms: 0 }
let instance: Instance
let app: Awaited<ReturnType<typeof buildApp>>
let token = ''
let person: SignedIn

beforeAll(async () => {
  instance = createInstance(
    {
      root: makeProjectFolder(),
      env: 'test',
      databaseUrl: 'memory',
      diskFile: false,
      logger: silentLogger,
      publicUrl,
      server: { trustedProxies: ['127.0.0.1'] },
    },
    { author: 'code:test', source: 'http', watch: false },
  )
  await instance.feature.start()
  app = await buildApp({ instance, logger: silentLogger, elapsed: () => clock.ms })
  token = (await createToken(instance.tokens, { name: 'ann', scopes: ['admin'], expiresAt: null })).token
  person = await signIn(app, { token })
})
afterAll(async () => {
  await app.close()
  await instance.feature.stop()
})

const present = (headers: Record<string, unknown>) => more.filter((name) => headers[name] !== undefined)

describe('the headers of an answer', () => {
  it('are more for a browser, and have HTTPS stay where it came by HTTPS', async () => {
    const api = '/api/v4/features'
    const asked = [
      { url: '/api/web/boot', headers: {} },
      { url: '/api/web/flags', headers: { 'private-token': token } },
      { url: api, headers: { cookie: person.cookie, 'sec-fetch-site': 'same-origin' } },
      { url: '/nothing', headers: {} },
    ]
    for (const given of asked) expect(present((await app.inject(given)).headers), given.url).toEqual(more.slice(0, 3))
    const byHttps = await app.inject({ url: '/api/web/boot', headers: proxied })
    expect(byHttps.headers).toMatchObject({
      'referrer-policy': 'no-referrer',
      'cross-origin-opener-policy': 'same-origin',
      'permissions-policy': expect.stringContaining('camera=()'),
      'strict-transport-security': 'max-age=31536000',
    })
  })

  it('are what they were for programs', async () => {
    const url = '/api/v4/features/my_flag'
    const headers = { 'private-token': token, ...proxied }
    for (const given of [
      { url: '/api/v4/features', headers },
      { url, headers },
      { method: 'POST', url, headers, payload: { value: 'true' } } as const,
      { method: 'DELETE', url, headers } as const,
      { url: '/-/liveness', headers },
    ])
      expect(present((await app.inject(given)).headers), given.url).toEqual([])
  })
})

describe('the metrics', () => {
  it('count sign-ins by result, previews, and changes that were refused', async () => {
    const values = async () => {
      // An answer of this route is kept for a while.
      clock.ms += 60_000
      const { body } = await app.inject({ url: '/-/metrics' })
      const found = [...body.matchAll(/^(sluice_(?:sign_ins|previews|changes_refused)_total\S*) (\d+)$/gm)]
      return Object.fromEntries(found.map(([, name = '', value]) => [name, Number(value)]))
    }
    const before = await values()
    const post = (url: string, payload: object, headers: Record<string, string> = { 'private-token': token }) =>
      app.inject({ method: 'POST', url, payload, headers })
    await signIn(app, { token })
    await post('/api/web/session', { token: 'wrong' }, {})
    await post('/api/web/session', { token }, { 'sec-fetch-site': 'cross-site' })
    await post('/api/web/session', { nothing: 1 }, {})
    const operations = [{ op: 'enable' }]
    const url = '/api/v4/features/my_flag/changes'
    await post(url, { operations, dry_run: true })
    await post('/api/v4/features/my_flag', { value: 'true', dry_run: 'true' })
    await app.inject({
      method: 'DELETE',
      url: '/api/v4/features/my_flag?dry_run=true',
      headers: { 'private-token': token },
    })
    await post(url, { operations }, { 'private-token': token, 'if-match': '"7-12345678-12345678"' })
    await post(url, { operations }, person.headers)
    const after = await values()
    const grown = Object.fromEntries(Object.entries(after).map(([name, value]) => [name, value - (before[name] ?? 0)]))
    expect(grown).toEqual({
      'sluice_sign_ins_total{result="done"}': 1,
      'sluice_sign_ins_total{result="wrong"}': 1,
      'sluice_sign_ins_total{result="refused"}': 1,
      'sluice_sign_ins_total{result="limited"}': 0,
      'sluice_sign_ins_total{result="failed"}': 1,
      sluice_previews_total: 3,
      'sluice_changes_refused_total{reason="conflict"}': 1,
      'sluice_changes_refused_total{reason="unconfirmed"}': 1,
    })
  })
})
