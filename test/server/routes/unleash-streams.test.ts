// Streams of SDKs, over a real port, and how SDKs get there: by three tags.
import { connect } from 'node:net'
import type { InjectOptions } from 'fastify'
import { describe, expect, it, onTestFinished } from 'vitest'
import { readEvents } from '../event-stream.js'
import { startApp } from '../support.js'

const by = { author: 'test', source: 'code' }
const strategies = [{ name: 'default', parameters: {}, scopes: [{ environmentScope: '*' }] }]
const node = { 'unleash-sdk': 'unleash-node-sdk:6.12.1' }

async function withProject(streaming = true) {
  const { app, instance } = await startApp()
  const projects = await instance.projects()
  const { id } = await projects.createProject({ path: 'group/shop', name: 'shop' }, by)
  const [first] = await projects.instanceIds(id)
  if (first === undefined) throw new Error('the project has no instance ID')
  const { secret } = first
  if (streaming) await projects.changeSettings(id, { streaming }, by)
  await projects.createFlag(id, { name: 'first', strategies }, by)
  const own = { 'unleash-instanceid': secret, 'unleash-appname': 'production' }
  const url = `/api/v4/feature_flags/unleash/${id}/client`
  const ask = (path: string, headers: InjectOptions['headers'] = {}) =>
    app.inject({ url: `${url}/${path}`, headers: { ...own, ...headers } })
  const address = await app.listen({ port: 0, host: '127.0.0.1' })
  const stream = async (headers: Record<string, string> = {}) => {
    const ending = new AbortController()
    onTestFinished(() => ending.abort())
    const response = await fetch(`${address}${url}/streaming`, {
      headers: { ...own, ...headers },
      signal: ending.signal,
    })
    return { response, events: readEvents(response), end: () => ending.abort() }
  }
  return { app, projects, id, own, address, url, instanceId: first.id, ask, stream }
}

describe('a stream', () => {
  it('begins with everything, tells each change, and goes on from the last event', async () => {
    const { projects, id, stream } = await withProject()
    const { response, events, end } = await stream()
    expect([response.status, response.headers.get('content-type'), response.headers.get('x-accel-buffering')]).toEqual([
      200,
      'text/event-stream',
      'no',
    ])
    const first = await events()
    expect(first).toMatchObject({
      event: 'unleash-connected',
      data: { events: [{ type: 'hydration', features: [{ name: 'first' }], segments: [] }] },
    })
    await projects.createFlag(id, { name: 'second', strategies }, by)
    const second = await events()
    expect(second).toMatchObject({
      event: 'unleash-updated',
      data: { events: [{ type: 'feature-updated', feature: { name: 'second' } }] },
    })
    expect(Number(second?.id)).toBeGreaterThan(Number(first?.id))
    end()
    await projects.deleteFlag(id, 'first', by)
    const again = await stream({ 'last-event-id': String(second?.id) })
    expect(await again.events()).toMatchObject({
      event: 'unleash-connected',
      data: { events: [{ type: 'feature-removed', featureName: 'first', project: 'group/shop' }] },
    })
  })

  it('ends with the word to poll when the switch is turned off, or its instance ID is retired', async () => {
    const { projects, id, instanceId, stream } = await withProject()
    const one = await stream()
    await one.events()
    await projects.changeSettings(id, { streaming: false }, by)
    expect(await one.events()).toEqual({ event: 'fetch-mode', id: null, data: 'polling' })
    expect(await one.events()).toBeNull()
    await projects.changeSettings(id, { streaming: true }, by)
    const other = await stream()
    await other.events()
    await projects.retireInstanceId(id, instanceId, by, true)
    expect(await other.events()).toMatchObject({ event: 'fetch-mode' })
    expect(await other.events()).toBeNull()
  })

  it('that is never read is cut off, and delays no other one', async () => {
    const { app, projects, id, own, address, url, stream } = await withProject()
    const { events } = await stream()
    await events()
    const unread = connect(Number(new URL(address).port), '127.0.0.1')
    onTestFinished(() => void unread.destroy())
    unread.on('error', () => {}) // The server may close it.
    unread.pause()
    const headers = Object.entries(own).map(([name, value]) => `${name}: ${value}\r\n`)
    unread.write(`GET ${url}/streaming HTTP/1.1\r\nhost: localhost\r\n${headers.join('')}\r\n`)
    const open = () => new Promise((resolve) => app.server.getConnections((_, count) => resolve(count)))
    await expect.poll(open).toBe(2)
    const { flag } = await projects.flag(id, 'first')
    const [strategy] = flag.strategies
    // What the operating system takes for a connection is some megabytes.
    for (let change = 0; change < 30 && (await open()) === 2; change++) {
      const ids = Array.from({ length: 9_999 }, (_, index) => `${'x'.repeat(100)}-${change}-${index}`)
      const changed = { id: strategy?.id, name: 'userWithId', parameters: { userIds: ids.join(',') } } as const
      await projects.changeFlag(id, 'first', { strategies: [changed] }, by)
      expect(JSON.stringify(await events())).toContain(`x-${change}-9998"`)
    }
    expect(await open()).toBe(1)
  })

  it('is refused with 429 where the switch is off, and with 401 for a wrong instance ID', async () => {
    const { stream } = await withProject(false)
    const { response } = await stream()
    expect([response.status, response.headers.get('retry-after')]).toEqual([429, '15'])
    expect((await stream({ 'unleash-instanceid': 'wrong' })).response.status).toBe(401)
  })

  it('ends with the server', async () => {
    const { app, stream } = await withProject()
    const { events } = await stream()
    await events()
    await app.close()
    expect(await events().catch(() => null)).toBeNull()
  })
})

describe('an SDK that polls', () => {
  it('is sent to the stream after its first flags, once, and only if it can go there', async () => {
    const { ask } = await withProject()
    const first = await ask('features', node)
    expect([first.statusCode, first.headers['fetch-mode'], first.json().features.length]).toEqual([200, undefined, 1])
    const tag = String(first.headers['etag'])
    for (const sdk of ['unleash-node-sdk:6.6.0', 'unleash-python-sdk:6.8.0', 'unleash-node-sdk:x', '']) {
      const { statusCode } = await ask('features', { 'unleash-sdk': sdk, 'if-none-match': tag })
      expect(statusCode, sdk).toBe(304)
    }
    const sent = await ask('features', { ...node, 'if-none-match': tag })
    expect([sent.statusCode, sent.headers['fetch-mode'], sent.headers['etag']]).toEqual([200, 'streaming', '"stream"'])
    // A gateway that takes the header away must not take the flags away.
    expect(sent.body).toBe(first.body)
    const back = await ask('features', { ...node, 'if-none-match': '"stream"' })
    const returned = `${tag.slice(0, -1)}-p"`
    expect([back.statusCode, back.headers['fetch-mode'], back.headers['etag']]).toEqual([200, undefined, returned])
    for (const form of [returned, `W/${returned}`, `${returned.slice(0, -1)}-gzip"`]) {
      const same = await ask('features', { ...node, 'if-none-match': form })
      expect([same.statusCode, same.headers['fetch-mode'], same.headers['etag']], form).toEqual([
        304,
        undefined,
        returned,
      ])
    }
  })

  it('that came back from a stream is never sent there again, whatever changes, also without the switch', async () => {
    const { ask, projects, id } = await withProject()
    await projects.changeSettings(id, { streaming: false }, by)
    const off = await ask('features', { ...node, 'if-none-match': 'W/"stream"' })
    expect([off.statusCode, off.headers['etag']]).toEqual([200, expect.stringMatching(/^"[\w-]{22}-p"$/)])
    await projects.changeSettings(id, { streaming: true }, by)
    await projects.createFlag(id, { name: 'second', strategies }, by)
    const on = await ask('features', { ...node, 'if-none-match': String(off.headers['etag']) })
    expect([on.statusCode, on.headers['fetch-mode'], on.json().features.length]).toEqual([200, undefined, 2])
    expect(on.headers['etag']).toMatch(/-p"$/)
  })
})

describe('delta', () => {
  it('is everything at first, then what has changed, and 304 where nothing has', async () => {
    const { ask, projects, id } = await withProject(false)
    const first = await ask('delta')
    const tag = String(first.headers['etag'])
    expect(first.json().events).toMatchObject([{ type: 'hydration', eventId: Number(tag.slice(1, -1)) }])
    expect((await ask('delta', { 'if-none-match': tag })).statusCode).toBe(304)
    await projects.createFlag(id, { name: 'second', strategies }, by)
    const next = await ask('delta', { 'if-none-match': `W/${tag}` })
    expect(next.json().events).toMatchObject([{ type: 'feature-updated', feature: { name: 'second' } }])
    const unknown = await ask('delta', { 'if-none-match': '"1"' })
    expect(unknown.json().events).toMatchObject([
      { type: 'hydration', features: [{ name: 'first' }, { name: 'second' }] },
    ])
  })
})
