// Connections that are lost again and again: nothing may be left of them, or a process that runs for months fills up.
import { getEventListeners } from 'node:events'
import * as driver from 'ioredis'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { Faults } from '../../lib/cache/cache-health.js'
import { RedisConnection } from '../../lib/cache/redis/connection.js'
import { RedisSubscription } from '../../lib/cache/redis/subscription.js'
import { redisTimings } from '../../lib/cache/timings.js'
import { redisSource } from '../../lib/cache/redis/url.js'
import { silentLogger } from '../../lib/log.js'
import { PostgresStore } from '../../lib/store/postgres/store.js'
import { ears } from '../cache/samples.js'
import { createDatabase, startRedis } from '../support/services.js'
import { atMost } from './figures.js'
import { type Link, openLink } from './link.js'
import { hangMs, size } from './size.js'
import { systemClock } from '../../lib/time/clock.js'

/** In each state; two of them for LISTEN, the pool and Redis. */
const losses = size(60, 5_000)
const tables = { features: 'features', gates: 'feature_gates' }
const fault = 'Connections lost again and again'

/** A guard against hanging, not a goal. */
const waiting = { timeout: hangMs, interval: 5 }

const warnings: string[] = []
const listen = vi.spyOn(AbortSignal.prototype, 'addEventListener')
const hearWarning = (warning: Error) => warnings.push(warning.message)
const ends: (() => Promise<void>)[] = []

beforeEach(() => {
  warnings.length = 0
  listen.mockClear()
  process.on('warning', hearWarning)
})
afterEach(async () => {
  process.off('warning', hearWarning)
  for (const end of ends.splice(0).reverse()) await end()
})

async function linkTo(url: string): Promise<{ link: Link; through: string }> {
  const there = new URL(url)
  const link = await openLink(Number(there.port))
  ends.push(() => link.close())
  there.port = String(link.port)
  return { link, through: there.href }
}

/** The most listeners that any signal has now. */
function mostOnASignal(): number {
  const signals = new Set(listen.mock.contexts as AbortSignal[])
  return Math.max(0, ...[...signals].map((signal) => getEventListeners(signal, 'abort').length))
}

const timers = () => process.getActiveResourcesInfo().filter((name) => name === 'Timeout').length

function expectNothingLeft(what: string, timersBefore: number): void {
  expect(warnings).toEqual([])
  expect(mostOnASignal()).toBeLessThanOrEqual(3)
  expect(timers()).toBeLessThanOrEqual(timersBefore + 3)
  atMost(fault, `listeners on a signal after ${losses} losses: ${what}`, 3, mostOnASignal())
  atMost(fault, `timers more than before: ${what}`, 3, timers() - timersBefore)
}

describe('nothing is left after many losses', () => {
  it('of the LISTEN connection, in each of its states', { timeout: hangMs }, async () => {
    const database = await createDatabase()
    ends.push(() => database.close())
    const { link, through } = await linkTo(database.url)
    const seen = { hints: 0, lost: 0 }
    const logger = { ...silentLogger, debug: () => void seen.lost++ }
    const times = { echoEveryMs: 60_000, echoWithinMs: 60_000, longestPauseMs: 1 }
    const store = new PostgresStore({
      connection: { connectionString: through },
      tables,
      logger,
      times,
      clock: { ...systemClock, random: () => 1 },
    })
    ends.push(() => store.close())
    const before = timers()
    store.listen({
      // While it waits for its echo, and (one time in two) while it waits for the next proof of life.
      hint: () => void (++seen.hints % 2 === 0 && link.cut()),
      heard: (hearing) => void (hearing && link.cut()),
    })
    await vi.waitUntil(() => seen.lost > losses, waiting)
    link.mode = 'refuse'
    const refusedFrom = seen.lost
    await vi.waitUntil(() => seen.lost > refusedFrom + losses, waiting)
    expectNothingLeft('LISTEN', before)
  })

  it('of the pool, idle and at work', { timeout: hangMs }, async () => {
    const database = await createDatabase()
    ends.push(() => database.close())
    const { link, through } = await linkTo(database.url)
    const store = new PostgresStore({ connection: { connectionString: through }, tables, logger: silentLogger })
    ends.push(() => store.close())
    await store.head(null)
    const before = timers()
    for (let loss = 0; loss < losses; loss++) {
      const read = store.head(null).catch(() => null)
      if (loss % 2 === 0) await read
      link.cut()
      await read
    }
    expectNothingLeft('the pool', before)
  })

  it('of a connection to Redis', { timeout: hangMs }, async () => {
    const { link, shared } = await toRedis()
    const before = timers()
    const connection = new RedisConnection({ driver, ...shared, part: 'connection' })
    ends.push(() => connection.close())
    const { client } = connection
    const listeners = () => client.eventNames().reduce((sum, name) => sum + client.listenerCount(name), 0)
    const atFirst = listeners()
    let lost = 0
    client.on('close', () => {
      lost += 1
    })
    client.on('ready', () => link.cut())
    await vi.waitUntil(() => lost > losses, waiting)
    link.mode = 'refuse'
    const refusedFrom = lost
    await vi.waitUntil(() => lost > refusedFrom + losses, waiting)
    expect(listeners()).toBeLessThanOrEqual(atFirst + 4)
    atMost(fault, 'listeners more than before: Redis', 4, listeners() - atFirst)
    expectNothingLeft('Redis', before)
  })

  it('of the subscription to Redis', { timeout: hangMs }, async () => {
    const { link, shared } = await toRedis()
    const before = timers()
    let lost = 0
    link.onRequest = () => {
      lost += 1
      link.cut()
    }
    const events = ears()
    const subscription = new RedisSubscription({
      driver,
      ...shared,
      channel: 'a',
      parse: () => null,
      events,
    })
    ends.push(() => subscription.close())
    await vi.waitUntil(() => lost > losses, waiting)
    expectNothingLeft('the subscription', before)
    link.onRequest = null
    await vi.waitUntil(() => subscription.subscribed, waiting)
  })
})

async function toRedis() {
  const redis = await startRedis()
  ends.push(() => redis.stop())
  const { link, through } = await linkTo(redis.url)
  const shared = {
    source: redisSource(through),
    tls: {},
    faults: new Faults(silentLogger, systemClock),
    timings: { ...redisTimings, reconnectMs: 1 },
    clock: { ...systemClock, random: () => 1 },
  }
  return { link, shared }
}
