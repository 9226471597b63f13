// Pages hold streams through what proxies and servers do to them: cut, buffered, led to another server that has just started. Each of them
// has every change once and in order, and many that come back at once cost the database a few statements.
import { connect, createServer, type Socket } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { Client } from 'pg'
import { afterAll, beforeAll, expect, it, vi } from 'vitest'
import { createDatabase, type TestDatabase } from '../support/services.js'
import { startTcpProxy, type TcpProxy } from '../support/tcp-proxy.js'
import { readEvents } from '../server/event-stream.js'
import { type AppAt, startAppAt } from './app-at.js'
import { allOf, atMost } from './figures.js'
import { hangMs, size } from './size.js'

const pages = Number(process.env['SLUICE_STREAMS'] ?? size(50, 500))
const cuts = size(3, 20)
const waiting = { timeout: 60_000, interval: 20 }

let database: TestDatabase
const servers: AppAt[] = []

beforeAll(async () => {
  database = await createDatabase()
  servers.push(await startAppAt(database.url))
}, hangMs)
afterAll(async () => {
  for (const server of servers) await server.close()
  await database?.close()
})

/** A page as far as the stream goes: it comes back with the last event that it has. */
class Page {
  readonly changes: string[] = []
  resyncs = 0
  /** How often it has been greeted. */
  greeted = 0
  readonly #ending = new AbortController()
  readonly #ended: Promise<void>
  #last: string | null = null
  readonly #port: number
  readonly #token: string

  constructor(port: number, token: string) {
    this.#port = port
    this.#token = token
    this.#ended = this.#follow()
  }

  async end(): Promise<void> {
    this.#ending.abort()
    await this.#ended
  }

  async #follow(): Promise<void> {
    while (!this.#ending.signal.aborted) {
      await this.#read().catch(() => {}) // It was cut: it comes back.
      await sleep(20)
    }
  }

  async #read(): Promise<void> {
    const last = this.#last === null ? {} : { 'last-event-id': this.#last }
    const response = await fetch(`http://127.0.0.1:${this.#port}/api/web/events`, {
      headers: { 'private-token': this.#token, ...last },
      signal: this.#ending.signal,
    })
    const next = readEvents(response)
    for (let event = await next(); event !== null; event = await next()) {
      if (event.event === 'hello') this.greeted += 1
      if (event.event === 'resync') this.resyncs += 1
      if (event.event === 'flags') {
        const { changes } = event.data as { readonly changes: readonly { readonly change_id: string }[] }
        this.changes.push(...changes.map(({ change_id }) => change_id))
      }
      this.#last = event.id ?? this.#last
    }
  }
}

async function made(flag: string): Promise<readonly unknown[]> {
  const rows = await database.query(
    'select change_id from feature_history where feature_key = $1 group by version, change_id order by version',
    [flag],
  )
  return rows.map((row) => row['change_id'])
}

const first = (): AppAt => servers[0] ?? fail()
const portOf = ({ url }: AppAt) => Number(new URL(url).port)
const fail = (): never => {
  throw new Error('no server was started')
}

async function open(count: number, port: number): Promise<readonly Page[]> {
  const all = Array.from({ length: count }, () => new Page(port, first().token))
  await expect.poll(() => all.every(({ greeted }) => greeted > 0), waiting).toBe(true)
  return all
}

it('pages that are cut again and again, and led to a server that has just started, have every change once and in order', {
  timeout: hangMs,
}, async () => {
  const fault = `${pages} streams of pages`
  const flag = 'my_flag'
  const proxy: TcpProxy = await startTcpProxy(portOf(first()))
  const all = await open(pages, proxy.port)
  let share = 0
  const change = async (count: number) => {
    for (let done = 0; done < count; done += 1) {
      share += 0.001
      await first().instance.feature.enablePercentageOfActors(flag, share)
    }
  }
  const haveAll = async () => {
    const wanted = await made(flag)
    await expect.poll(() => all.every(({ changes }) => changes.length >= wanted.length), waiting).toBe(true)
    for (const { changes } of all) expect(changes).toEqual(wanted)
  }
  await change(3)
  await haveAll()
  for (let cut = 0; cut < cuts; cut += 1) {
    proxy.accepting = false
    proxy.cut()
    await change(2)
    proxy.accepting = true
    await change(1)
    await haveAll()
  }
  const second = await startAppAt(database.url)
  servers.push(second)
  proxy.targetPort = portOf(second)
  const greeted = all.map((page) => page.greeted)
  const asked = vi.spyOn(Client.prototype, 'query')
  proxy.cut()
  const backMs = performance.now()
  await expect.poll(() => all.every((page, index) => page.greeted > (greeted[index] ?? 0)), waiting).toBe(true)
  const statements = asked.mock.calls.length
  asked.mockRestore()
  atMost(fault, 'until all are back at a server that has just started', 10_000, performance.now() - backMs, ' ms')
  atMost(fault, 'statements for all that come back', 25, statements)
  expect(statements).toBeLessThan(pages)
  await change(2)
  await haveAll()
  const whole = all.filter(({ resyncs }) => resyncs === 0).length
  expect(whole).toBe(pages)
  allOf(fault, `pages with every change once and in order (${3 * cuts + 5} changes)`, whole, pages)
  await Promise.all(all.map((page) => page.end()))
  await proxy.close()
})

it('a proxy that holds back what it gets, and gives it out in pieces, loses no change and changes no order', {
  timeout: hangMs,
}, async () => {
  const flag = 'my_other_flag'
  const proxy = await startHoldingProxy(portOf(first()))
  const all = await open(3, proxy.port)
  for (let share = 1; share <= 10; share += 1) await first().instance.feature.enablePercentageOfActors(flag, share)
  const wanted = await made(flag)
  await expect.poll(() => all.every(({ changes }) => changes.length >= wanted.length), waiting).toBe(true)
  for (const { changes, resyncs } of all) expect([changes, resyncs]).toEqual([wanted, 0])
  await Promise.all(all.map((page) => page.end()))
  proxy.close()
})

/** Gives out what the server sends every 150 ms, in pieces of 37 bytes, which begin and end anywhere in an event. */
async function startHoldingProxy(targetPort: number) {
  const sockets = new Set<Socket>()
  const server = createServer((client) => {
    const target = connect(targetPort, '127.0.0.1')
    let held = Buffer.alloc(0)
    const timer = setInterval(() => {
      for (; held.length > 0; held = held.subarray(37)) client.write(held.subarray(0, 37))
    }, 150)
    for (const socket of [client, target]) {
      sockets.add(socket)
      socket.on('error', () => {}) // The other side is gone: 'close' follows.
      socket.on('close', () => {
        clearInterval(timer)
        client.destroy()
        target.destroy()
      })
    }
    client.on('data', (data) => target.write(data))
    target.on('data', (data) => {
      held = Buffer.concat([held, data])
    })
  })
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done))
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('no port was given')
  return {
    port: address.port,
    close() {
      for (const socket of sockets) socket.destroy()
      server.close()
    },
  }
}
