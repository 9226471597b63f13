// A flag of a project, from the command line and over REST, until a real Unleash SDK answers with it: everything from a real
// server on a real Postgres.
import { once } from 'node:events'
import { rmSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { InMemStorageProvider, Unleash } from 'unleash-client'
import { run } from '../cli/run.js'
import { makeFolder } from '../support/project.js'
import { type Served, startServed } from '../support/served.js'
import { createDatabase, type TestDatabase } from '../support/services.js'

let database: TestDatabase
let server: Served
let token: string
const root = makeFolder()

beforeAll(async () => {
  database = await createDatabase()
  server = await startServed(root, { DATABASE_URL: database.url })
  token = (await commandLine('token', 'create', '--name', 'flow')).stdout.trim()
  // A server from source compiles all of it at its first start, beside the other tests.
}, 180_000)

afterAll(async () => {
  server.process.kill('SIGTERM')
  await once(server.process, 'close')
  await database.close()
  rmSync(root, { recursive: true, force: true })
})

const commandLine = (...argv: string[]) => run(argv, { root, options: { databaseUrl: database.url } })

async function configured(path: string): Promise<{ api_url: string; instance_id: string }> {
  const { stdout } = await commandLine('project', 'configure', path, '--url', server.url, '--json')
  return JSON.parse(stdout)
}

function rest(method: string, path: string, body?: object) {
  return fetch(`${server.url}/api/v4/${path}`, {
    method,
    headers: { 'private-token': token, 'content-type': 'application/json' },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  })
}

/** An SDK that asks each 50 ms; stopped by `use`'s end. */
async function withSdk(values: { api_url: string; instance_id: string }, use: (sdk: Unleash) => Promise<void>) {
  const sdk = new Unleash({
    url: values.api_url,
    instanceId: values.instance_id,
    appName: 'production',
    refreshInterval: 50,
    disableMetrics: true,
    skipInstanceCountWarning: true,
    storageProvider: new InMemStorageProvider(),
  })
  const faults: string[] = []
  sdk.on('error', (error: unknown) => faults.push(String(error)))
  try {
    await use(sdk)
    expect(faults).toEqual([])
  } finally {
    sdk.destroy()
  }
}

async function until(condition: () => boolean): Promise<void> {
  const end = performance.now() + 20_000
  while (!condition()) {
    if (performance.now() > end) throw new Error('the SDK did not see the change')
    await sleep(10)
  }
}

describe('a flag of a project', () => {
  it('is seen by an SDK: off, on for everybody, and off again', async () => {
    expect(await commandLine('project', 'create', 'group/shop')).toMatchObject({ code: 0 })
    const values = await configured('group/shop')
    await withSdk(values, async (sdk) => {
      await once(sdk, 'synchronized')
      expect(sdk.isEnabled('new_layout')).toBe(false)

      const made = await rest('POST', 'projects/group%2Fshop/feature_flags', {
        name: 'new_layout',
        strategies: [{ name: 'default', parameters: {}, scopes: [{ environment_scope: '*' }] }],
      })
      expect(made.status).toBe(201)
      await until(() => sdk.isEnabled('new_layout'))

      expect(await commandLine('project', 'set', 'group/shop', 'new_layout', 'off')).toMatchObject({ code: 0 })
      await until(() => !sdk.isEnabled('new_layout'))
    })
  })

  it('is on for the users of a share, and for all whom it had when the share is raised', async () => {
    await commandLine('project', 'create', 'group/rollout')
    const values = await configured('group/rollout')
    const users = Array.from({ length: 200 }, (_, index) => ({ userId: String(index) }))
    const set = (...rest: string[]) =>
      commandLine('project', 'set', 'group/rollout', 'slow', '--env', 'production', ...rest)
    await withSdk(values, async (sdk) => {
      const on = () => users.filter((user) => sdk.isEnabled('slow', user)).map(({ userId }) => userId)
      await set('--users', '7')
      await until(() => on().length > 0)
      expect(on()).toEqual(['7'])
      await set('--percent', '10')
      await until(() => on().length > 1)
      const ten = on()
      await set('--percent', '30')
      await until(() => on().length > ten.length)
      expect(on()).toEqual(expect.arrayContaining(ten))
      await set('--all')
      await until(() => on().length === users.length)
      await set('--none')
      await until(() => on().length === 0)
    })
  })

  it('answers 304 while nothing changes, and another tag after a change', async () => {
    await commandLine('project', 'create', 'group/tags')
    const { api_url: url, instance_id: id } = await configured('group/tags')
    const ask = (tag?: string) =>
      fetch(`${url}/client/features`, {
        headers: {
          'unleash-instanceid': id,
          'unleash-appname': 'production',
          ...(tag === undefined ? {} : { 'if-none-match': tag }),
        },
      })
    const first = await ask()
    const tag = first.headers.get('etag') ?? ''
    expect(await first.json()).toEqual({ version: 1, features: [] })
    expect((await ask(`W/${tag}`)).status).toBe(304)
    await commandLine('project', 'set', 'group/tags', 'fresh', '--env', 'production', '--all')
    // Another process has changed it: this server hears of it a moment later.
    await expect.poll(async () => (await ask(tag)).status).toBe(200)
    const next = await ask(tag)
    expect(await next.json()).toEqual({
      version: 1,
      features: [{ name: 'fresh', enabled: true, strategies: [{ name: 'default', parameters: {} }] }],
    })
  })

  it('is shown to no other credential', async () => {
    await commandLine('project', 'create', 'group/one')
    await commandLine('project', 'create', 'group/two')
    const [one, two] = [await configured('group/one'), await configured('group/two')]
    const status = async (url: string, headers: Record<string, string>) =>
      (await fetch(`${url}/client/features`, { headers: { 'unleash-appname': 'production', ...headers } })).status
    expect(await status(one.api_url, { 'unleash-instanceid': two.instance_id })).toBe(401)
    expect(await status(one.api_url, { 'private-token': token })).toBe(401)
    expect(await status(one.api_url, {})).toBe(401)
    expect(await status(one.api_url.replace(/\d+$/, '999999'), { 'unleash-instanceid': one.instance_id })).toBe(401)
    expect(await status(one.api_url, { authorization: 'none', 'unleash-instanceid': one.instance_id })).toBe(200)
    const asRest = await fetch(`${server.url}/api/v4/projects`, { headers: { 'private-token': one.instance_id } })
    expect([asRest.status, await asRest.json()]).toEqual([401, { message: '401 Unauthorized', code: 'unauthorized' }])
  })
})
