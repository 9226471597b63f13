// Postgres that stands still, is slow, or has no connection left: everything gives up in time, and asks little meanwhile.
import { setTimeout as pause } from 'node:timers/promises'
import { Client } from 'pg'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import type { TestProject } from '../support/project.js'
import { DatabaseMachine } from './database-machine.js'
import { atMost } from './figures.js'
import { createFleetProject, Fleet, seed, waiting } from './fleet.js'
import { type Link, openLink } from './link.js'
import { hangMs, size } from './size.js'

const maxConnections = 20
const pollIntervalMs = size(200, 1_000)
const members = size(2, 8)

let project: TestProject
let database: DatabaseMachine
let link: Link
let fleet: Fleet

beforeAll(async () => {
  project = await createFleetProject()
  database = await DatabaseMachine.start({ settings: { max_connections: String(maxConnections) } })
  link = await openLink(database.port)
  await seed(database.store)
  const databaseUrl = database.url(link.port)
  // As with Redis: without LISTEN the reader's connection is the only one.
  fleet = await Fleet.start(members, () => ({
    root: project.root,
    databaseUrl,
    pollIntervalMs,
    listen: false,
    diskFile: false,
  }))
}, hangMs)
afterAll(async () => {
  await fleet?.end()
  await link?.close()
  await database?.stop()
  await project?.close()
})

/** What the machine itself does to event loops: measured right before each fault. */
let calmMs = 0
beforeEach(async () => {
  await measureAnew()
  await pause(size(100, 3_000))
  calmMs = await loopDelayMs()
  await measureAnew()
})

describe('while Postgres is', () => {
  it('frozen, reads and writes give up on one connection a process, and news come after it thaws', {
    timeout: hangMs,
  }, async () => {
    const fault = 'Postgres frozen'
    link.takePeak()
    database.freeze()
    await degraded(true)
    await fleetFails(size(1, 12))
    expectFewConnections(fault)
    const write = await fleet.first.ask({ do: 'enable', flag: 'changing', actor: 'User:frozen', wait: false })
    expect(write.code).toBe('store_unavailable')
    atMost(fault, 'a write gives up', 2_000, write.ms, ' ms')
    database.thaw()
    await healed(fault)
  })

  it('silent behind a network that swallows everything, reads and writes give up as well', {
    timeout: hangMs,
  }, async () => {
    const fault = 'Postgres unreachable without a word'
    // The writer's connection of the test before is not of those that count.
    link.cut()
    link.takePeak()
    link.mode = 'swallow'
    await degraded(true)
    await fleetFails(size(1, 12))
    expectFewConnections(fault)
    link.mode = 'pass'
    await healed(fault)
  })

  it('slow, answers that come late are still used, and those that come too late are given up', {
    timeout: hangMs,
  }, async () => {
    const fault = 'Postgres slow'
    link.delayMs = 60
    expect((await fleet.first.ask({ do: 'enable', flag: 'changing', actor: 'User:slow', wait: false })).code).toBeNull()
    await fleet.equalTo(database)
    expect((await fleet.looks()).every(({ statuses }) => statuses.every((status) => !status.degraded))).toBe(true)
    link.cut()
    link.takePeak()
    link.delayMs = 3_000
    await degraded(true)
    expectFewConnections(fault)
    link.delayMs = 0
    link.cut()
    await healed(fault)
  })

  it('cut in the middle of answers, no answer is used that is half read', { timeout: hangMs }, async () => {
    const fault = 'Postgres connections cut after n bytes'
    for (const bytes of size(
      [1, 40, 300, 900, 2_500],
      Array.from({ length: 100 }, (_, n) => n * 41),
    )) {
      link.cut()
      link.bytesLeft = bytes
      await expect.poll(() => link.bytesLeft, waiting).toBe(0)
      link.bytesLeft = Number.POSITIVE_INFINITY
      await fleet.equalTo(database)
    }
    await healed(fault)
  })

  it('out of connections, processes try again with pauses until there is one', { timeout: hangMs }, async () => {
    const fault = 'Postgres out of connections'
    const taken: Client[] = []
    link.mode = 'refuse'
    link.cut()
    link.takePeak()
    while (await takeConnection(taken)) {}
    link.mode = 'pass'
    await degraded(true)
    await fleetFails(size(1, 12))
    expectFewConnections(fault)
    const write = await fleet.first.ask({ do: 'enable', flag: 'changing', actor: 'User:full', wait: false })
    expect(write.code).toBe('store_unavailable')
    await Promise.all(taken.map((client) => client.end()))
    await healed(fault)
  })
})

async function measureAnew(): Promise<void> {
  await Promise.all(fleet.members.map((member) => member.ask({ do: 'measure' })))
}

async function loopDelayMs(): Promise<number> {
  return Math.max(...(await fleet.looks()).map(({ loopDelayP99Ms }) => loopDelayP99Ms))
}

async function degraded(wanted: boolean): Promise<void> {
  const all = async () =>
    (await fleet.looks()).every((look) => look.statuses.every((status) => status.degraded === wanted))
  await expect.poll(all, waiting).toBe(true)
}

/** Waits until every process has failed that often more. */
async function fleetFails(times: number): Promise<void> {
  const failures = async () => Math.min(...(await fleet.looks()).map(({ counts }) => counts.refreshes.failed))
  const before = await failures()
  await expect.poll(failures, waiting).toBeGreaterThanOrEqual(before + times)
}

function expectFewConnections(fault: string): void {
  const peak = link.takePeak()
  atMost(fault, `connections of ${members} processes`, members, peak)
  expect(peak).toBeLessThanOrEqual(members)
}

async function healed(fault: string): Promise<void> {
  const equalMs = await fleet.equalTo(database)
  await degraded(false)
  const enable = async () =>
    (await fleet.first.ask({ do: 'enable', flag: 'changing', actor: `User:after`, wait: false })).code
  await expect.poll(enable, waiting).toBeNull()
  await fleet.equalTo(database)
  atMost(fault, 'all equal after healing', 15_000, equalMs, ' ms')
  atMost(fault, `p99 delay of the event loop (before the fault ${calmMs} ms)`, 20, await loopDelayMs(), ' ms')
  await fleet.expectSound(fault)
}

/** False when the server has no more. */
async function takeConnection(taken: Client[]): Promise<boolean> {
  const client = new Client({ connectionString: database.url() })
  client.on('error', () => {}) // Ended with the server at the latest.
  try {
    await client.connect()
    taken.push(client)
    return true
  } catch {
    return false
  }
}
