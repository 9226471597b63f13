// Several servers of SDKs on one real Postgres: news reaches each, and no SDK is refused by mistake, whatever is away.
import { readdirSync, readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { gunzipSync } from 'node:zlib'
import { Redis } from 'ioredis'
import { afterAll, beforeAll, expect, it, onTestFinished } from 'vitest'
import { migrate } from '../../lib/store/migrations/migrate.js'
import { makeFolder } from '../support/project.js'
import { type SdkServer, startSdkServer } from '../support/sdk-server.js'
import { createDatabase, startRedis, type TestDatabase } from '../support/services.js'
import type { RedisServer } from '../support/redis-server.js'
import { startTcpProxy, type TcpProxy } from '../support/tcp-proxy.js'
import { allOf } from '../faults/figures.js'
import { size } from '../faults/size.js'

const by = { author: 'test', source: 'http' }
const strategies = [{ name: 'default', parameters: {}, scopes: [{ environmentScope: '*' }] }]
const tables = { features: 'features', gates: 'feature_gates' }

let database: TestDatabase
let redis: RedisServer
beforeAll(async () => {
  ;[database, redis] = await Promise.all([createDatabase(), startRedis()])
})
afterAll(async () => {
  await Promise.all([database.close(), redis.stop()])
})

let made = 0
async function withFlag({ instance }: SdkServer, flag: string) {
  const projects = await instance.projects()
  made += 1
  const { id } = await projects.createProject({ path: `group/p-${made}`, name: 'A shop' }, by)
  await projects.createFlag(id, { name: flag, strategies }, by)
  const [first] = await projects.instanceIds(id)
  return { id, path: `group/p-${made}`, secret: first?.secret ?? '', projects }
}

/** The address of the database through a proxy that can be cut. */
async function cuttable(): Promise<{ readonly url: string; readonly proxy: TcpProxy }> {
  const url = new URL(database.url)
  const proxy = await startTcpProxy(Number(url.port))
  onTestFinished(() => proxy.close())
  url.port = String(proxy.port)
  return { url: url.href, proxy }
}

function cut(proxy: TcpProxy): void {
  proxy.accepting = false
  proxy.cut()
}

for (const how of ['LISTEN', 'Redis'] as const) {
  it(`instance IDs that one server makes are used at once on another one, and none is refused (${how})`, async () => {
    const options = how === 'LISTEN' ? {} : { redisUrl: redis.url, listen: false }
    const [one, other] = [
      await startSdkServer({ databaseUrl: database.url, ...options }),
      await startSdkServer({ databaseUrl: database.url, ...options }),
    ]
    const statuses: number[] = []
    let last = { id: 0, projects: await one.instance.projects(), secret: '' }
    for (let index = 0; index < size(12, 200); index++) {
      if (index % 6 === 0) last = await withFlag(one, 'seen')
      const { secret } = await last.projects.addInstanceId(last.id, { name: `n-${index}`, environment: null }, by)
      statuses.push((await other.ask(last.id, secret)).status)
    }
    const answered = statuses.filter((status) => status === 200).length
    allOf(`Two servers, ${how}`, 'new instance IDs answered at once by the other one', answered, statuses.length)
    expect(new Set(statuses)).toEqual(new Set([200]))
    await last.projects.createFlag(last.id, { name: 'news', strategies }, by)
    expect((await one.ask(last.id, last.secret)).flags).toEqual(['news', 'seen'])
    await expect.poll(async () => (await other.ask(last.id, last.secret)).flags).toEqual(['news', 'seen'])
  })
}

it('with Postgres away known instance IDs get their flags, unknown ones are told to ask again, and nothing is refused', async () => {
  const { url, proxy } = await cuttable()
  const server = await startSdkServer({ databaseUrl: url })
  const { id, path, secret } = await withFlag(server, 'seen')
  const before = await server.ask(id, secret)
  expect([before.status, before.flags]).toEqual([200, ['seen']])
  expect((await server.ask(id, 'glffct-wrong')).status).toBe(401)
  cut(proxy)
  for (const project of [id, path]) {
    const { status, flags, headers } = await server.ask(project, secret)
    expect([status, flags, headers['etag']]).toEqual([200, ['seen'], before.headers['etag']])
  }
  for (const [project, wrong] of [
    [id, 'glffct-other'],
    ['no/such', secret],
  ] as const) {
    const { status, headers, body } = await server.ask(project, wrong)
    expect([status, headers['retry-after'], JSON.parse(body).code]).toEqual([503, '15', 'store_unavailable'])
    expect(body).not.toContain(wrong)
  }
  proxy.accepting = true
  await expect.poll(async () => (await server.ask(id, 'glffct-other')).status, { timeout: 15_000 }).toBe(401)
  expect(JSON.stringify(server.log)).not.toContain(secret)
})

it('a server that is restarted while Postgres is away has the right flags from disk, and none of its files holds an instance ID', async () => {
  const { url, proxy } = await cuttable()
  const folder = makeFolder()
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  const options = { databaseUrl: url, diskFile: join(folder, 'copy') }
  const first = await startSdkServer(options)
  const { id, path, secret } = await withFlag(first, 'kept')
  expect((await first.ask(path, secret)).flags).toEqual(['kept'])
  await first.close()
  cut(proxy)
  const second = await startSdkServer(options)
  expect(await second.ask(id, secret)).toMatchObject({ status: 200, flags: ['kept'] })
  expect((await second.ask(id, 'glffct-unknown')).status).toBe(503)
  const files = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((file) => file.isFile())
  expect(files.map(({ name }) => name).sort()).toEqual(['copy', 'copy.projects', `project-${id}`])
  for (const { name, parentPath } of files) {
    expect(String(gunzipSync(readFileSync(join(parentPath, name)))), name).not.toContain(secret.slice(7))
  }
  proxy.accepting = true
  await expect
    .poll(async () => (await second.instance.servedProjects()).status().degraded, { timeout: 15_000 })
    .toBe(false)
  const projects = await second.instance.projects()
  await projects.createFlag(id, { name: 'back', strategies }, by)
  expect((await second.ask(id, secret)).flags).toEqual(['back', 'kept'])
})

it('a server without a disk has the right flags from Redis, and one that knows nothing says so', async () => {
  const { url, proxy } = await cuttable()
  const { id, secret } = await withFlag(await startSdkServer({ databaseUrl: url }), 'shared')
  const options = { databaseUrl: url, redisUrl: redis.url, namespace: 'from-redis' }
  const first = await startSdkServer(options)
  expect((await first.ask(id, secret)).flags).toEqual(['shared'])
  const { position } = (await first.instance.servedProjects()).status()
  await expect.poll(pointers).toContain(position?.nonce)
  await expect.poll(keys).toContain(`kept:project-${id}`)
  await first.close()
  cut(proxy)
  const second = await startSdkServer(options)
  expect(await second.ask(id, secret)).toMatchObject({ status: 200, flags: ['shared'] })
  const third = await startSdkServer({ databaseUrl: url })
  expect((await third.ask(id, secret)).status).toBe(503)
})

/** The names of all keys in Redis, one text. */
async function keys(): Promise<string> {
  return withRedis(async (client) => (await client.keys('*')).join('\n'))
}

/** The pointers to all blobs in Redis, one text. */
async function pointers(): Promise<string> {
  return withRedis(async (client) => {
    const names = await client.keys('*:pointer')
    return (await Promise.all(names.map((name) => client.get(name)))).join('\n')
  })
}

async function withRedis(use: (client: Redis) => Promise<string>): Promise<string> {
  const client = new Redis(redis.url)
  try {
    return await use(client)
  } finally {
    client.disconnect()
  }
}

it('a server whose role may not read projects answers 503, names the command once, and goes on with internal flags', async () => {
  const role = `app_${Date.now()}_${process.pid}`
  await database.query(`create role ${role} login`)
  await migrate({ connection: { connectionString: database.url }, tables, grant: role })
  const url = new URL(database.url)
  url.username = role
  const server = await startSdkServer({ databaseUrl: url.href })
  for (let index = 0; index < 3; index++) {
    const { status, body } = await server.ask(1, 'glffct-any')
    expect([status, JSON.parse(body).code]).toEqual([503, expect.stringMatching(/^(not_migrated|store_unavailable)$/)])
  }
  const named = (text: string) => text.includes('migrate --grant-server ROLE')
  expect(server.log.filter((line) => named(JSON.stringify(line)))).toHaveLength(1)
  const { feature } = server.instance
  expect(feature.status().warnings.filter(named)).toHaveLength(1)
  expect(feature.status().degraded).toBe(false)
  await feature.enable('canary')
  expect(feature.enabled('canary')).toBe(true)
})

it('a project that a restore takes to an older revision gets a new one at once, above all that SDKs were told', async () => {
  const servers = [
    await startSdkServer({ databaseUrl: database.url }),
    await startSdkServer({ databaseUrl: database.url }),
  ] as const
  const { id, projects } = await withFlag(servers[0], 'seen')
  const { revision } = await projects.project(String(id))
  const knows = async (server: SdkServer) =>
    (await server.instance.servedProjects()).directory.find(String(id))?.revision
  await expect.poll(() => knows(servers[1])).toBe(revision)
  await database.query(`
    set session_replication_role = replica;
    update project_directory set revision = 5, nonce = gen_random_uuid() where id = ${id};
    delete from project_positions;
    update project_state set version = version - 1, nonce = gen_random_uuid();
    notify project_state;
  `)
  for (const server of servers) {
    await expect.poll(() => knows(server), { timeout: 15_000 }).toBeGreaterThan(revision)
  }
  const { revision: renewed } = await projects.project(String(id))
  expect(await Promise.all(servers.map(knows))).toEqual([renewed, renewed])
  const restored = (await projects.history(id, { limit: 10 })).filter(({ source }) => source === 'restore')
  expect(restored.map((entry) => entry.revision)).toEqual([renewed])
})
