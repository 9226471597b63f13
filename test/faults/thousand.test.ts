// A thousand replicas that boot at once: Redis carries them; without it Postgres' connections run out, and no boot fails.
import { setTimeout as pause } from 'node:timers/promises'
import { Client } from 'pg'
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest'
import type { ReplicaStatus } from '../../lib/replica/replica.js'
import type { TestProject } from '../support/project.js'
import { CheckerProcess } from './checker-process.js'
import { DatabaseMachine } from './database-machine.js'
import { allOf, atMost } from './figures.js'
import { createFleetProject, expected, seed, waiting } from './fleet.js'
import { RedisMachine } from './redis-machine.js'
import { hangMs, isFull, size } from './size.js'

const processes = size(3, 40)
const copies = size(5, 25)
const replicas = processes * copies

let project: TestProject
let database: DatabaseMachine
/** Counts connections, over one that it has had from the start. */
let counter: Client
let peak = 0
let counting: NodeJS.Timeout
let redis: RedisMachine

beforeAll(async () => {
  project = await createFleetProject()
  // So few in the small size, too, that they run out.
  database = await DatabaseMachine.start({ settings: { max_connections: String(size(12, 100)) } })
  counter = new Client({ connectionString: database.url() })
  counter.on('error', () => {}) // Ended with the server at the latest.
  await counter.connect()
  counting = setInterval(() => {
    countConnections().catch(() => {}) // Cut off with the server, at the end.
  }, 100)
  redis = await RedisMachine.start()
  await seed(database.store)
  const first = new CheckerProcess()
  await first.start(options())
  await vi.waitFor(async () => expect(await redis.keys('*:pointer')).toHaveLength(1), waiting)
  await first.end('SIGTERM')
}, hangMs)
afterAll(async () => {
  clearInterval(counting)
  await counter?.end()
  await redis?.stop()
  await database?.stop()
  await project?.close()
})

/** Longer than an unused connection is kept where there is a Redis, so that few connections serve many. */
const pollIntervalMs = size(4_000, 10_000)

async function countConnections(): Promise<void> {
  const others = `select count(*)::int as count from pg_stat_activity
    where backend_type = 'client backend' and pid <> pg_backend_pid()`
  const { rows } = await counter.query<{ count: number }>(others)
  peak = Math.max(peak, rows[0]?.count ?? 0)
}

function options() {
  return {
    root: project.root,
    databaseUrl: database.url(),
    redisUrl: redis.url(),
    pollIntervalMs,
    listen: false,
    diskFile: false,
  } as const
}

let members: readonly CheckerProcess[] = []
afterEach(async () => {
  await Promise.all(members.map((member) => member.end('SIGKILL')))
})

/** Starts all from a barrier: when every process is up. */
async function bootAll() {
  members = Array.from({ length: processes }, () => new CheckerProcess())
  await Promise.all(members.map((member) => member.ask({ do: 'digest' })))
  peak = 0
  const before = performance.now()
  await Promise.all(members.map((member) => member.start(options(), [], copies)))
  const readyMs = performance.now() - before
  return { readyMs, before }
}

async function statusesOf(asked: readonly CheckerProcess[]): Promise<readonly ReplicaStatus[]> {
  return (await Promise.all(asked.map((member) => member.ask({ do: 'statuses' })))).flat()
}

/** In every copy; and nothing went wrong unnoticed on the way. */
async function expectRightAnswers(): Promise<void> {
  for (const { flag, actor, answer } of expected) {
    const answers = await Promise.all(members.map((member) => member.ask({ do: 'ask', flag, actor })))
    expect(new Set(answers.flat())).toEqual(new Set([answer]))
  }
  for (const look of await Promise.all(members.map((member) => member.look()))) expect(look.unhandled).toEqual([])
}

/** Waits for all to be confirmed by Postgres, and notes how many were in time; resolves with the moment. */
async function allFresh(fault: string): Promise<number> {
  const fresh = async () => {
    const statuses = await statusesOf(members)
    return statuses.filter((status) => status.source === 'postgres' && !status.degraded).length
  }
  const until = performance.now() + size(waiting.timeout, 90_000)
  let count = await fresh()
  while (count < replicas && performance.now() < until) {
    await pause(500) // Each question takes the processor that the boots need.
    count = await fresh()
  }
  allOf(fault, 'fresh', count, replicas)
  // In the full size a machine of two cores may not be up to a thousand: the table says so.
  if (!isFull) expect(count).toBe(replicas)
  if (count === replicas) await expectRightAnswers()
  return performance.now()
}

describe(`${replicas} replicas that boot at once`, { timeout: hangMs }, () => {
  it('are carried by Redis, and ask little of Postgres', async () => {
    const fault = '1,000 replicas boot at once'
    const { readyMs } = await bootAll()
    const sources = (await statusesOf(members)).map(({ source }) => source)
    allOf(fault, 'booted', sources.length, replicas)
    allOf(fault, 'had the last state when ready', sources.filter((source) => source !== 'definitions').length, replicas)
    atMost(fault, 'Postgres connections while booting', 20, peak)
    atMost(fault, 'all ready', 10_000, readyMs, ' ms')
    await allFresh(fault)
  })

  it('without Redis all boot, and all are fresh as soon as there are connections for them', async () => {
    const fault = '1,000 replicas boot at once, Redis down too'
    await redis.crash()
    const { readyMs, before } = await bootAll()
    const freshMs = (await allFresh(fault)) - before
    allOf(fault, 'booted', (await statusesOf(members)).length, replicas)
    atMost(fault, 'all ready', 10_000, readyMs, ' ms')
    atMost(fault, 'all fresh', 30_000, freshMs, ' ms')
  })
})
