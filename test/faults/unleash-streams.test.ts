// Unleash's SDK for Node in front of streams that work, that a gateway answers with an error, or holds back in silence: it has its first
// flags at once in each case, and hears of a change. The server is a real one on a port; the gateway is ours.
import { once } from 'node:events'
import { createServer, request, type Server, type ServerResponse } from 'node:http'
import { expect, it, onTestFinished } from 'vitest'
import { InMemStorageProvider, Unleash } from 'unleash-client'
import { startApp } from '../server/support.js'
import { atMost } from './figures.js'
import { hangMs, size } from './size.js'

const by = { author: 'test', source: 'code' }
const strategies = [{ name: 'default', parameters: {}, scopes: [{ environmentScope: '*' }] }]
const intervalMs = 200

/** What the gateway does with streams. */
type Gateway = 'passes' | 404 | 429 | 503 | 'holds back'

async function listening(server: Server): Promise<number> {
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('no port was given')
  return address.port
}

/** Passes everything on but streams, which it treats as told. */
async function startGateway(port: number, gateway: Gateway) {
  const seen = { streams: 0, polls: 0 }
  const server = createServer((incoming, outgoing: ServerResponse) => {
    const isStream = incoming.url?.endsWith('/client/streaming') === true
    if (isStream) seen.streams += 1
    else seen.polls += 1
    if (isStream && typeof gateway === 'number') {
      outgoing.writeHead(gateway).end()
      return
    }
    const asked = request(
      { port, path: incoming.url, method: incoming.method, headers: incoming.headers },
      (answer) => {
        outgoing.writeHead(answer.statusCode ?? 500, answer.headers)
        if (isStream && gateway === 'holds back') outgoing.flushHeaders()
        else answer.pipe(outgoing)
      },
    )
    asked.on('error', () => {
      if (outgoing.headersSent) outgoing.destroy()
      else outgoing.writeHead(503).end()
    })
    outgoing.on('close', () => asked.destroy())
    incoming.pipe(asked)
  })
  const at = await listening(server)
  // It stays: an SDK that was destroyed after a stream goes on with one of its two polls, and no listener hears its errors.
  server.unref()
  return { url: `http://127.0.0.1:${at}`, seen }
}

async function withSdk(gateway: Gateway) {
  const { app, instance } = await startApp()
  const projects = await instance.projects()
  const { id } = await projects.createProject({ path: 'group/shop', name: 'shop' }, by)
  await projects.changeSettings(id, { streaming: true }, by)
  await projects.createFlag(id, { name: 'first', strategies }, by)
  const [first] = await projects.instanceIds(id)
  const address = await app.listen({ port: 0, host: '127.0.0.1' })
  const { url, seen } = await startGateway(Number(new URL(address).port), gateway)
  const sdk = new Unleash({
    url: `${url}/api/v4/feature_flags/unleash/${id}/`,
    instanceId: first?.secret ?? '',
    appName: 'production',
    refreshInterval: intervalMs,
    disableMetrics: true,
    skipInstanceCountWarning: true,
    storageProvider: new InMemStorageProvider(),
  })
  sdk.on('error', () => {}) // A gateway that breaks streams is what is tested.
  onTestFinished(() => sdk.destroy())
  const isOn = (name: string) => sdk.isEnabled(name)
  return { projects, id, sdk, seen, isOn }
}

const waiting = { timeout: hangMs, interval: 5 }

it(
  'a stream that works brings a change within milliseconds, and no poll is needed',
  async () => {
    const { projects, id, seen, isOn } = await withSdk('passes')
    await expect.poll(() => isOn('first'), waiting).toBe(true)
    await expect.poll(() => seen.streams, waiting).toBe(1)
    const times: number[] = []
    for (let change = 0; change < size(10, 200); change++) {
      const startedMs = performance.now()
      await projects.changeFlag(id, 'first', { active: change % 2 === 1 }, by)
      await expect.poll(() => isOn('first'), waiting).toBe(change % 2 === 1)
      times.push(performance.now() - startedMs)
    }
    const sorted = times.toSorted((a, b) => a - b)
    atMost('streams', 'a change, median', 100, sorted[Math.floor(sorted.length / 2)] ?? 0, ' ms')
    atMost('streams', 'a change, p99', 250, sorted[Math.ceil(sorted.length * 0.99) - 1] ?? 0, ' ms')
    expect(seen.streams).toBe(1)
  },
  hangMs,
)

const broken: readonly Gateway[] = size([404, 429], [404, 429, 503, 'holds back'])

it.each(broken)(
  'where the gateway answers a stream so (%s), the SDK has its first flags at once, and hears of a change by its polls',
  async (gateway) => {
    const { projects, id, seen, isOn } = await withSdk(gateway)
    await expect.poll(() => isOn('first'), waiting).toBe(true)
    await expect.poll(() => seen.streams, waiting).toBeGreaterThan(0)
    const startedMs = performance.now()
    await projects.createFlag(id, { name: 'second', strategies }, by)
    await expect.poll(() => isOn('second'), waiting).toBe(true)
    const goal = gateway === 'holds back' ? 75_000 : gateway === 503 ? 60_000 : 2 * intervalMs
    atMost(`a stream that a gateway answers so: ${gateway}`, 'a change', goal, performance.now() - startedMs, ' ms')
    expect(isOn('first')).toBe(true)
    const { streams } = seen
    const { polls } = seen
    await expect.poll(() => seen.polls, waiting).toBeGreaterThan(polls + 3)
    // It polls from now on, and is not sent back.
    expect(seen.streams).toBe(streams)
  },
  hangMs,
)

it(
  'where the switch is turned off, on and off, the SDK goes to the stream once and never to and fro',
  async () => {
    const { projects, id, seen, isOn } = await withSdk('passes')
    await expect.poll(() => seen.streams, waiting).toBe(1)
    for (const streaming of [false, true, false]) {
      await projects.changeSettings(id, { streaming }, by)
      const { polls } = seen
      await expect.poll(() => seen.polls, waiting).toBeGreaterThan(polls + 3)
    }
    await projects.changeFlag(id, 'first', { active: false }, by)
    await expect.poll(() => isOn('first'), waiting).toBe(false)
    expect(seen.streams).toBe(1)
  },
  hangMs,
)
