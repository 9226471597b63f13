// A thousand replicas that boot at once: Redis carries them; without it Postgres' connections run out, and no boot fails.
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import type { TestProject } from '../support/project.js'
import { CheckerProcess } from './checker-process.js'
import { DatabaseMachine } from './database-machine.js'
import { allOf, atMost } from './figures.js'
import { createFleetProject, expected, openStore, seed, waiting } from './fleet.js'
import { type Link, openLink } from './link.js'
import type { Expected } from './process/messages.js'
import { RedisMachine } from './redis-machine.js'
import { hangMs, size } from './size.js'

const processes = size(3, 40)
const copies = size(5, 25)
const replicas = processes * copies

let project: TestProject
let database: DatabaseMachine
let link: Link
let redis: RedisMachine

beforeAll(async () => {
  project = await createFleetProject()
  // So few in the small size, too, that they run out.
  database = await DatabaseMachine.start({ settings: { max_connections: String(size(12, 100)) } })
  link = await openLink(database.port)
  redis = await RedisMachine.start()
  const store = openStore(database.url())
  await seed(store)
  await store.close()
  const first = new CheckerProcess()
  await first.start(options())
  await vi.waitFor(async () => expect(await redis.keys('*:pointer')).toHaveLength(1), waiting)
  await first.end('SIGTERM')
}, hangMs)
afterAll(async () => {
  await link?.close()
  await redis?.stop()
  await database?.stop()
  await project?.close()
})

/** Longer than an unused connection is kept where there is a Redis, so that few connections serve many. */
const pollIntervalMs = size(4_000, 10_000)

function options() {
  return {
    root: project.root,
    databaseUrl: database.url(link.port),
    redisUrl: redis.url(),
    pollIntervalMs,
    listen: false,
    diskFile: false,
  } as const
}

/** Starts all from a barrier: when every process is up. */
async function bootAll(answers: readonly Expected[]) {
  const members = Array.from({ length: processes }, () => new CheckerProcess())
  await Promise.all(members.map((member) => member.ask({ do: 'digest' })))
  link.takePeak()
  const before = performance.now()
  await Promise.all(members.map((member) => member.start(options(), answers, copies)))
  const readyMs = performance.now() - before
  return { members, readyMs, before }
}

async function allFresh(members: readonly CheckerProcess[]): Promise<number> {
  const fresh = async () => {
    const looks = await Promise.all(members.map((member) => member.look()))
    const statuses = looks.flatMap((look) => look.statuses)
    return statuses.filter((status) => status.source === 'postgres' && !status.degraded).length
  }
  await expect.poll(fresh, { ...waiting, interval: 200 }).toBe(replicas)
  return performance.now()
}

describe(`${replicas} replicas that boot at once`, { timeout: hangMs }, () => {
  it('are carried by Redis, and ask little of Postgres', async () => {
    const fault = '1,000 replicas boot at once'
    const { members, readyMs } = await bootAll(expected)
    const looks = await Promise.all(members.map((member) => member.look()))
    for (const look of looks) expect(look).toMatchObject({ threw: 0, wrong: 0, unhandled: [] })
    const ready = looks.flatMap(({ statuses }) => statuses).filter(({ source }) => source !== 'definitions').length
    expect(ready).toBe(replicas)
    allOf(fault, 'booted', ready, replicas)
    atMost(fault, 'Postgres connections while booting', 20, link.takePeak())
    atMost(fault, 'all ready', 10_000, readyMs, ' ms')
    await allFresh(members)
    atMost(fault, 'Postgres connections afterwards', 20, link.takePeak())
    await Promise.all(members.map((member) => member.end('SIGKILL')))
  })

  it('without Redis all boot, and all are fresh as soon as there are connections for them', async () => {
    const fault = '1,000 replicas boot at once, Redis down too'
    await redis.crash()
    const { members, readyMs, before } = await bootAll([])
    const freshMs = (await allFresh(members)) - before
    const looks = await Promise.all(members.map((member) => member.look()))
    for (const look of looks) expect(look.unhandled).toEqual([])
    allOf(fault, 'booted', looks.flatMap(({ statuses }) => statuses).length, replicas)
    atMost(fault, 'all ready', 10_000, readyMs, ' ms')
    atMost(fault, 'all fresh', 30_000, freshMs, ' ms')
    await Promise.all(members.map((member) => member.end('SIGKILL')))
  })
})
