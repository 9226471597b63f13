// What a page may know before anyone has signed in.
import { describe, expect, it, vi } from 'vitest'
import { StoreUnavailable } from '../../../../lib/errors.js'
import type { BuiltPage } from '../../../../lib/server/web/built-files.js'
import { signIn } from '../../../support/signed-in.js'
import { startSignInApp } from '../../sign-in/app.js'
import { startApp } from '../../support.js'

const url = '/api/web/boot'
const page: BuiltPage = {
  index: { type: 'text/html', etag: '"0123456789abcdefghijkl"', bodies: { identity: Buffer.from('x') } },
  assets: new Map(),
  scripts: new Map(),
}
const fromOutside = { remoteAddress: '203.0.113.9', headers: { host: 'localhost' } }

describe('GET /api/web/boot', () => {
  it('tells without a sign-in the environment, the version of server and page, and what the server has for pages', async () => {
    const { app, instance } = await startApp({ page, feature: { env: 'production' } })
    const { statusCode, headers, body } = await app.inject({ url })
    expect([statusCode, headers['cache-control']]).toEqual([200, 'no-store'])
    expect(JSON.parse(body)).toEqual({
      version: expect.stringMatching(/^\d+\.\d+\.\d+\S*\+01234567$/),
      environment: 'production',
      band: 'production',
      signed_in: false,
      database: (await instance.identity()).slice(0, 8),
      resources: expect.arrayContaining(['actors', 'boot', 'changes', 'events', 'explain', 'flags', 'session']),
      warnings: [],
    })
    const { resources } = JSON.parse(body)
    expect(resources).toEqual([...new Set(resources)].sort())
  })

  it('knows a person by the cookie, not after the sign-in has ended, and not beside a token', async () => {
    const app = await startSignInApp()
    const { token } = await app.tokenWith('read')
    const { cookie, headers } = await signIn(app.app, { token })
    const look = async (more: Record<string, string> = {}) =>
      (await app.ask({ url, headers: { cookie, ...more } })).body
    expect(await look()).toMatchObject({ signed_in: true })
    expect(await look({ 'private-token': token })).toMatchObject({ signed_in: false })
    await app.ask({ method: 'DELETE', url: '/api/web/session', headers })
    expect(await look()).toMatchObject({ signed_in: false })
  })

  it('does not say that a person is signed out while the database is away', async () => {
    const app = await startSignInApp()
    const { token } = await app.tokenWith('read')
    const { cookie } = await signIn(app.app, { token })
    app.clock.ms += 60_000
    app.outage.error = new StoreUnavailable('store_unavailable', { problem: 'away', remedy: 'wait' })
    vi.spyOn(app.instance.feature, 'status').mockReturnValue({ ...app.instance.feature.status(), degraded: true })
    const { status, body } = await app.ask({ url, headers: { cookie } })
    expect([status, body]).toMatchObject([200, { signed_in: null, warnings: [{ code: 'store_unavailable' }] }])
  })

  it('says to another machine that signing in needs HTTPS, and nothing of the database', async () => {
    const { app } = await startApp({ feature: { env: 'staging' } })
    expect((await app.inject({ url, ...fromOutside })).json()).toMatchObject({
      band: 'staging',
      database: null,
      warnings: [{ code: 'tls_needed', message: expect.stringContaining('put TLS in front') }],
    })
  })
})
