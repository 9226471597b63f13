// The limit that holds for every address, and the documents that cost next to nothing below it.
import { describe, expect, it, vi } from 'vitest'
import { readAnswer, startApp } from '../support.js'

const url = '/api/v4/features'

describe('the limit of an address', () => {
  const targets = ['/api/v4/openapi.json', '/-/metrics', '/nothing', '/%zz', '/api/v4/features', '/'] as const
  const two = { feature: { server: { requestsPerMinute: 2 } } }

  it.each(targets)('holds for %s', async (target) => {
    const { app } = await startApp(two)
    const ask = (remoteAddress = '10.0.0.1') => readAnswer(app, { url: target, remoteAddress })
    const first = await ask()
    await ask()

    const third = await ask()

    expect(first.status).not.toBe(429)
    expect(third).toMatchObject({ status: 429, body: { code: 'rate_limited' } })
    expect(Number(third.headers['retry-after'])).toBeGreaterThan(0)
    expect((await ask('10.0.0.2')).status).toBe(first.status)
  })

  it('holds for all of them together, whatever the method, but never for liveness and readiness', async () => {
    const { app } = await startApp({ feature: { server: { requestsPerMinute: targets.length } } })
    for (const url of targets) await app.inject({ url, method: 'HEAD' })

    for (const method of ['GET', 'HEAD', 'POST', 'OPTIONS'] as const) {
      expect((await app.inject({ url: '/-/metrics', method })).statusCode, method).toBe(429)
    }
    for (let count = 0; count < 20; count += 1) {
      expect((await readAnswer(app, { url: '/-/liveness' })).status).toBe(200)
      expect((await readAnswer(app, { url: '/-/readiness?verbose' })).status).toBe(200)
    }
    expect((await readAnswer(app, { url: '/-/liveness/x' })).status).toBe(429)
  })

  it('leaves alone a client behind the same address whose token worked lately', async () => {
    const { app, call } = await startApp(two)
    const remoteAddress = '10.0.0.1'
    await call('GET', url, { remoteAddress })
    for (let count = 0; count < 5; count += 1) await readAnswer(app, { url: '/nothing', remoteAddress })

    expect((await readAnswer(app, { url: '/nothing', remoteAddress })).status).toBe(429)
    expect((await call('GET', url, { remoteAddress })).status).toBe(200)
    expect((await call('GET', url, { remoteAddress })).status).toBe(429)
  })

  it('counts IPv4 within IPv6 as IPv4, and a network of IPv6 as one', async () => {
    const { app } = await startApp({ feature: { server: { requestsPerMinute: 1 } } })
    const ask = async (remoteAddress: string) => (await readAnswer(app, { url: '/nothing', remoteAddress })).status

    expect([await ask('10.0.0.1'), await ask('::ffff:10.0.0.1'), await ask('::FFFF:10.0.0.1')]).toEqual([404, 429, 429])
    expect([await ask('fd00::1'), await ask('fd00::2:1'), await ask('fd00:1::1')]).toEqual([404, 429, 404])
  })

  it('believes X-Forwarded-For of a trusted proxy and of no other client', async () => {
    const { app } = await startApp({
      feature: { server: { requestsPerMinute: 1, trustedProxies: ['10.0.0.0/8', 'fd00::/16'] } },
    })
    const ask = async (remoteAddress: string, forwarded: string) =>
      (await readAnswer(app, { url: '/nothing', remoteAddress, headers: { 'x-forwarded-for': forwarded } })).status

    expect([await ask('10.0.0.1', '192.0.2.1'), await ask('10.0.0.9', '192.0.2.1:5000')]).toEqual([404, 429])
    expect([await ask('::ffff:10.0.0.1', '192.0.2.2'), await ask('fd00::1', '192.0.2.2')]).toEqual([404, 429])
    expect([await ask('10.0.0.1', '1.2.3.4, 192.0.2.2'), await ask('10.0.0.1', '192.0.2.2, 10.3.3.3')]).toEqual([
      429, 429,
    ])
    expect([await ask('203.0.113.1', '192.0.2.3'), await ask('203.0.113.1', '192.0.2.4')]).toEqual([404, 429])
    expect(await ask('10.0.0.1', 'nonsense')).toBe(404)
  })

  it('is logged once a minute, and not for each request that it refuses', async () => {
    const { app, log } = await startApp(two)
    for (let count = 0; count < 9; count += 1) await readAnswer(app, { url: '/nothing' })

    const lines = log.filter(({ level, message }) => level === 'info' && message === 'http')
    expect(lines.map(({ fields }) => Reflect.get(fields, 'status'))).toEqual([404, 404, 429])
  })

  it('lasts a minute, also while the clock is set', async () => {
    const clock = { wall: 1e12, elapsed: 0 }
    const { app } = await startApp({ ...two, now: () => clock.wall, elapsed: () => clock.elapsed })
    const ask = async () => (await readAnswer(app, { url: '/nothing' })).status
    for (let count = 0; count < 3; count += 1) await ask()

    clock.wall += 3_600_000
    clock.elapsed += 59_999
    expect(await ask()).toBe(429)
    clock.wall -= 7_200_000
    clock.elapsed += 1
    expect(await ask()).toBe(404)
  })
})

describe('documents', () => {
  it('are made once, and a scrape of the metrics serves all for a second', async () => {
    const clock = { elapsed: 0 }
    const { app, call } = await startApp({ elapsed: () => clock.elapsed })
    const scrape = async () => String((await readAnswer(app, { url: '/-/metrics' })).body)
    const first = await scrape()
    await call('GET', url)

    clock.elapsed += 999
    expect(await scrape()).toBe(first)
    clock.elapsed += 1
    expect(await scrape()).toContain('route="/api/v4/features"')
    const swagger = vi.spyOn(app, 'swagger')
    for (let count = 0; count < 3; count += 1) await readAnswer(app, { url: '/api/v4/openapi.json' })
    expect(swagger.mock.calls.length).toBeLessThanOrEqual(1)
  })
})
