// Postgres dies under SDKs that poll, report, hold streams, and ask with instance IDs that are not known: those that are known go on with
// the flags that they have, nothing is refused, and servers that are killed and started meanwhile know the flags from disk or from Redis.
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest'
import { DatabaseMachine } from './database-machine.js'
import { allOf, atMost } from './figures.js'
import { waiting } from './fleet.js'
import { RedisMachine } from './redis-machine.js'
import { flagFor, makeToken, RestClient, usersOf } from './rest-client.js'
import { countsOf, Poller, Reporter, type SdkClient, type SdkProject, Stranger, Streamer } from './sdk-crowd.js'
import { Serving } from './serving.js'
import { hangMs, size } from './size.js'

const awayMs = size(1_500, 60_000)
const intervalMs = size(40, 100)

let database: DatabaseMachine
let redis: RedisMachine
/** One keeps its flags on disk, one in Redis. */
let withDisk: Serving
let withRedis: Serving
/** Knows nothing: it starts while Postgres is away. */
let withNothing: Serving | undefined
let rest: RestClient
let steady: SdkProject
let written: SdkProject
const clients: SdkClient[] = []
const isBack = { now: true }

beforeAll(async () => {
  ;[database, redis] = await Promise.all([DatabaseMachine.start(), RedisMachine.start()])
  const env = { DATABASE_URL: database.url() }
  ;[withDisk, withRedis] = await Promise.all([
    Serving.start({ env }),
    Serving.start({ env: { ...env, REDIS_URL: redis.url() }, config: { diskFile: false } }),
  ])
  rest = new RestClient(withDisk, await makeToken(database.url()))
  ;[steady, written] = [await makeShop('group/steady'), await makeShop('group/written')]
}, hangMs)
afterEach(async () => {
  await Promise.all(clients.splice(0).map((client) => client.end()))
})
afterAll(async () => {
  for (const server of [withDisk, withRedis, withNothing]) await server?.kill()
  await redis?.stop()
  await database?.stop()
})

async function makeShop(path: string): Promise<SdkProject> {
  const project = await rest.makeProject(path)
  for (const [name, users] of [
    ['steady', '1,2'],
    ['counter', '0'],
  ] as const) {
    await rest.must('POST', `projects/${project.id}/feature_flags`, flagFor(name, users))
  }
  return project
}

/** One of each kind at a server. */
function crowdAt(server: Serving, project: SdkProject): readonly SdkClient[] {
  const place = { server, project, intervalMs }
  const crowd = [
    new Poller(place).start(),
    new Poller(place, 'delta').start(),
    new Streamer({ ...place, intervalMs: intervalMs * 5 }).start(),
    new Reporter(place).start(),
    new Stranger({ ...place, intervalMs: intervalMs * 5 }, () => isBack.now).start(),
  ]
  clients.push(...crowd)
  return crowd
}

const have = (all: readonly SdkClient[]) => all.filter(({ kind }) => !['reports', 'unknown'].includes(kind))
const faultsOf = (all: readonly SdkClient[]) =>
  all.flatMap(({ kind, faults }) => [...faults].map((one) => `${kind}: ${one}`))
const answersOf = (all: readonly SdkClient[], ...statuses: readonly number[]) =>
  Object.entries(countsOf(all)).reduce(
    (sum, [, counts]) => sum + statuses.reduce((own, status) => own + (counts[status] ?? 0), 0),
    0,
  )

/** Whether the copies of the directory are those of now: disk and Redis get them some seconds after a change. */
async function isKept(): Promise<boolean> {
  const [row] = await database.query('select nonce from project_state')
  const pointers = await Promise.all((await redis.keys('*:pointer')).map((key) => redis.bytes(key)))
  return pointers.some((pointer) => String(pointer).includes(String(row?.['nonce'])))
}

let copiesKnow = false

/** Waits until the copies of the directory have the projects, which are made once. */
async function copiesKnowProjects(): Promise<void> {
  if (!copiesKnow) await expect.poll(isKept, waiting).toBe(true)
  copiesKnow = true
}

/** Waits until each server has asked Postgres again, and its clients have answers: some have the newest flags before that. */
async function isReadAgain(all: readonly SdkClient[]): Promise<void> {
  const strangers = all.filter(({ kind }) => kind === 'unknown')
  const refused = () => strangers.map(({ counts }) => counts[401] ?? 0)
  const before = refused()
  await expect.poll(() => refused().every((count, index) => count > (before[index] ?? 0)), waiting).toBe(true)
  await expect
    .poll(() => have(all).every(({ lastStatus }) => lastStatus === 200 || lastStatus === 304), waiting)
    .toBe(true)
}

/** Waits until each client that has flags has had another answer. */
async function goesOn(all: readonly SdkClient[]): Promise<void> {
  const answered = (client: SdkClient) => Object.values(client.counts).reduce((sum, count) => sum + count, 0)
  const asking = all.filter(({ kind }) => kind !== 'stream')
  const before = asking.map(answered)
  await expect
    .poll(() => asking.every((client, index) => answered(client) > (before[index] ?? 0) + 2), waiting)
    .toBe(true)
}

it(
  'while Postgres is away SDKs go on with the flags that they have, also those of servers that are killed and started meanwhile',
  async () => {
    const fault = 'Postgres dies under SDKs'
    const project = steady
    const wrong: string[] = []
    const crowds = [withDisk, withRedis].map((server) => crowdAt(server, project))
    const all = crowds.flat()
    for (const client of have(all)) {
      client.onFlags((flags) => {
        const seen = `${[...flags.keys()].sort().join()} ${usersOf(flags.get('steady'))} ${usersOf(flags.get('counter'))}`
        if (seen !== 'counter,steady 1,2 0' && !isBack.now) wrong.push(`${client.kind}: ${seen}`)
      })
    }
    await expect.poll(() => have(all).every(({ flags }) => flags?.size === 2), waiting).toBe(true)
    await copiesKnowProjects()
    await database.crash()
    isBack.now = false
    await goesOn(all)
    await sleep(awayMs / 2)
    const starting = Serving.start({ env: { DATABASE_URL: database.url() }, config: { diskFile: false } })
    await Promise.all([withDisk.restart(), withRedis.restart(), starting])
    const nothing = await starting
    withNothing = nothing
    await goesOn(all)
    for (const { counts } of all.filter(({ kind }) => kind === 'unknown')) expect(counts[503]).toBeGreaterThan(0)
    const known = { 'unleash-instanceid': project.secret, 'unleash-appname': 'production' }
    const asked = `/api/v4/feature_flags/unleash/${project.id}/client/features`
    const unknowing = await nothing.ask(asked, { headers: known })
    expect([unknowing?.status, unknowing?.headers['retry-after']]).toEqual([503, expect.stringMatching(/^\d+$/)])
    await sleep(awayMs / 2)
    expect(wrong).toEqual([])
    expect(crowds.map(faultsOf)).toEqual([[], []])
    expect(crowds.map((crowd) => answersOf(have(crowd), 401, 429, 503))).toEqual([0, 0])
    atMost(fault, `wrong answers (of ${answersOf(have(all), 200, 304)} to polls and streams)`, 0, wrong.length)
    atMost(
      fault,
      `401 while it was away (of ${answersOf(all, 200, 202, 304, 401, 503)} answers)`,
      0,
      answersOf(have(all), 401),
    )

    isBack.now = true
    await database.restart()
    const backMs = performance.now()
    const strangers = all.filter(({ kind }) => kind === 'unknown')
    await expect.poll(() => strangers.every(({ counts }) => (counts[401] ?? 0) > 0), waiting).toBe(true)
    await expect.poll(async () => (await nothing.ask(asked, { headers: known }))?.status, waiting).toBe(200)
    await expect
      .poll(
        async () => (await rest.send('POST', `projects/${project.id}/feature_flags`, flagFor('new', '7')))?.status,
        waiting,
      )
      .toBe(201)
    await expect.poll(() => have(all).every(({ flags }) => usersOf(flags?.get('new')) === '7'), waiting).toBe(true)
    atMost(
      fault,
      'unknown ones refused and news everywhere, after it is back',
      15_000,
      performance.now() - backMs,
      ' ms',
    )
    for (const { log } of [withDisk, withRedis, nothing]) expect(log).not.toContain(project.secret.slice(7))
    allOf(fault, 'clients with the flags of now', have(all).length, have(all).length)
  },
  hangMs,
)

it(
  'when Postgres dies under writes no SDK goes back to older flags, and all end with what is stored',
  async () => {
    const fault = 'Postgres dies under SDKs and writes'
    const project = written
    const flag = `projects/${project.id}/feature_flags/counter`
    const [strategy] = JSON.parse(JSON.stringify((await rest.must('GET', flag))['strategies']))
    const all = [withDisk, withRedis].flatMap((server) => crowdAt(server, project))
    const back: string[] = []
    let tried = 0
    for (const client of have(all)) {
      let last = -1
      client.onFlags((flags) => {
        const seen = Number(usersOf(flags.get('counter')) ?? -1)
        if (seen < last || seen > tried) back.push(`${client.kind}: ${seen} after ${last}, of ${tried}`)
        last = seen
      })
    }
    const write = async (): Promise<boolean> => {
      tried += 1
      const parameters = { userIds: String(tried) }
      const answer = await rest.send('PUT', flag, { strategies: [{ id: strategy.id, parameters }] })
      if (answer !== null && answer.status !== 200)
        expect([answer.status, answer.body]).toEqual([503, expect.any(String)])
      return answer?.status === 200
    }
    await copiesKnowProjects()
    const kills = size(1, 20)
    for (let kill = 0; kill < kills; kill++) {
      let acknowledged = 0
      isBack.now = true
      const writing = { now: true }
      const writer = (async () => {
        while (writing.now) if (await write()) acknowledged += 1
      })()
      await expect.poll(() => acknowledged, waiting).toBeGreaterThan(3 + kill)
      await database.crash()
      isBack.now = false
      await goesOn(all)
      writing.now = false
      await writer
      expect(answersOf(have(all), 429, 503)).toBe(0)
      // Their copies of the directory may be older than those of the flags, and newer where Postgres died between the two.
      await Promise.all([withDisk.restart(), withRedis.restart()])
      await goesOn(all)
      await database.restart()
      isBack.now = true
      await isReadAgain(all)
      const [row] = await database.query(
        `select strategies -> 0 -> 'parameters' ->> 'userIds' as stored from project_flags
        where project_id = $1 and name = 'counter'`,
        [project.id],
      )
      await expect
        .poll(() => have(all).map(({ flags }) => usersOf(flags?.get('counter'))), waiting)
        .toEqual(have(all).map(() => row?.['stored']))
    }
    expect(back).toEqual([])
    expect(faultsOf(all)).toEqual([])
    expect(answersOf(have(all), 401)).toBe(0)
    expect(answersOf(have(all), 429, 503)).toBe(0)
    for (const { ids } of all) expect(ids).toEqual(ids.toSorted((a, b) => a - b))
    await Promise.all(clients.splice(0).map((client) => client.end()))
    expect(await Promise.all([withDisk, withRedis].map((server) => server.stop()))).toEqual([0, 0])
    const [counted] = await database.query(
      'select sum(yes)::int as reports from project_counts where project_id = $1',
      [project.id],
    )
    expect(Number(counted?.['reports'])).toBeGreaterThan(0)
    atMost(fault, `answers older than the one before (${tried} writes, ${kills} kills)`, 0, back.length)
    atMost(fault, '401 to known ones', 0, answersOf(have(all), 401))
  },
  hangMs,
)
