// An older dump is restored in the place of the database while SDKs poll and hold streams: all of them end with what the dump has, also
// where the restore cannot be told from a change, and no SDK is told of a revision below one that it knows.
import { execFileSync } from 'node:child_process'
import { rmSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest'
import { serverBinary } from '../support/binaries.js'
import { makeFolder } from '../support/project.js'
import { DatabaseMachine } from './database-machine.js'
import { allOf, atMost } from './figures.js'
import { waiting } from './fleet.js'
import { flagFor, makeToken, RestClient, usersOf } from './rest-client.js'
import { Poller, type SdkClient, type SdkProject, Streamer } from './sdk-crowd.js'
import { Serving } from './serving.js'
import { hangMs, size } from './size.js'

const intervalMs = size(40, 100)
const folder = makeFolder()
const dump = join(folder, 'dump')

let database: DatabaseMachine
let servers: readonly Serving[] = []
let rest: RestClient
const clients: SdkClient[] = []

beforeAll(async () => {
  database = await DatabaseMachine.start()
  const start = () => Serving.start({ env: { DATABASE_URL: database.url() } })
  servers = await Promise.all([start(), start()])
  const [first] = servers
  if (first === undefined) throw new Error('no server was started')
  rest = new RestClient(first, await makeToken(database.url()))
}, hangMs)
afterEach(async () => {
  await Promise.all(clients.splice(0).map((client) => client.end()))
})
afterAll(async () => {
  for (const server of servers) await server.kill()
  await database?.stop()
  rmSync(folder, { recursive: true, force: true })
})

function crowdOf(project: SdkProject): readonly SdkClient[] {
  const crowd = servers.flatMap((server) => {
    const place = { server, project, intervalMs }
    const several = Array.from({ length: size(1, 20) }, () => [
      new Poller(place),
      new Poller(place, 'delta'),
      new Streamer(place),
    ])
    return several.flat().map((client) => client.start())
  })
  clients.push(...crowd)
  return crowd
}

const postgres = (program: 'pg_dump' | 'pg_restore', ...options: string[]) =>
  void execFileSync(serverBinary(program), options, { stdio: 'pipe' })

/** How a dump comes back. */
const ways: readonly (readonly [string, () => Promise<void>])[] = [
  [
    'pg_restore --clean, which drops the tables and makes them anew',
    async () => postgres('pg_restore', '--clean', '--if-exists', '--dbname', database.url(), dump),
  ],
  [
    'the database dropped and made anew',
    async () => {
      await database.query('create database aside')
      const other = database.url().replace(/postgres$/, 'aside')
      postgres('pg_restore', '--dbname', other, dump)
      await database.query('create database keeper')
      const { Client } = await import('pg')
      const client = new Client({ connectionString: database.url().replace(/postgres$/, 'keeper') })
      await client.connect()
      try {
        await client.query('drop database postgres with (force)')
        await client.query('alter database aside rename to postgres')
      } finally {
        await client.end()
      }
      await database.query('drop database keeper')
    },
  ],
]

const flagsOf = (client: SdkClient) =>
  JSON.stringify([...(client.flags ?? [])].map(([name, flag]) => [name, usersOf(flag)]).sort())

it.each(ways.slice(0, size(1, ways.length)))(
  'an older dump is believed by all SDKs within seconds, and none hears of a lower revision (%s)',
  async (way, restore) => {
    const fault = `an older dump restored (${way.split(',')[0]})`
    const number = ways.findIndex(([name]) => name === way)
    const changed = await rest.makeProject(`group/changed-${number}`)
    const untouched = await rest.makeProject(`group/untouched-${number}`)
    const deleted = await rest.makeProject(`group/deleted-${number}`)
    const flagsAt = ({ id }: SdkProject) => `projects/${id}/feature_flags`
    for (const project of [changed, untouched, deleted]) {
      await rest.must('POST', flagsAt(project), flagFor('kept', '1'))
    }
    const [strategy] = JSON.parse(JSON.stringify((await rest.must('GET', `${flagsAt(changed)}/kept`))['strategies']))
    const setTo = (userIds: string) =>
      rest.must('PUT', `${flagsAt(changed)}/kept`, { strategies: [{ id: strategy.id, parameters: { userIds } }] })
    postgres('pg_dump', '--format=custom', '--file', dump, database.url())

    const crowd = crowdOf(changed)
    const others = crowdOf(untouched)
    for (let change = 2; change < size(12, 200); change++) await setTo(String(change))
    await rest.must('POST', flagsAt(changed), flagFor('lost', '1'))
    await rest.must('DELETE', `projects/${deleted.id}?force=true`)
    const lost = await rest.makeProject(`group/lost-${number}`)
    await expect.poll(() => crowd.every(({ flags }) => flags?.size === 2), waiting).toBe(true)
    await expect.poll(() => others.every(({ flags }) => flags?.size === 1), waiting).toBe(true)

    await restore()
    const startedMs = performance.now()
    const expected = '[["kept","1"]]'
    await expect.poll(() => [...new Set([...crowd, ...others].map(flagsOf))], waiting).toEqual([expected])
    const equalMs = performance.now() - startedMs
    await expect
      .poll(async () => {
        const asked = await Promise.all(
          servers.flatMap((server) =>
            [deleted, lost].map(({ id, secret }) => server.ask(pathOf(id), { headers: known(secret) })),
          ),
        )
        return asked.map((answer) => answer?.status)
      }, waiting)
      .toEqual([200, 401, 200, 401])

    await expect
      .poll(async () => (await rest.send('POST', flagsAt(changed), flagFor('after', '5')))?.status, waiting)
      .toBe(201)
    await expect.poll(() => [...new Set(crowd.map(flagsOf))], waiting).toEqual(['[["after","5"],["kept","1"]]'])
    const [row] = await database.query('select revision from project_directory where id = $1', [changed.id])
    const risen = crowd.filter(({ ids }) => ids.every((id, index) => id > (ids[index - 1] ?? 0)))
    for (const { kind, ids } of crowd)
      if (kind !== 'features') expect([kind, ids]).toEqual([kind, ids.toSorted((a, b) => a - b)])
    expect(Math.max(...crowd.flatMap(({ ids }) => ids))).toBe(Number(row?.['revision']))
    expect(crowd.flatMap(({ faults }) => [...faults])).toEqual([])
    const sources = await database.query(
      `select count(*)::int as renewed from project_history where project_id = $1 and source = 'restore'`,
      [changed.id],
    )
    expect(sources).toEqual([{ renewed: 1 }])
    for (const client of [...crowd, ...others])
      expect([client.kind, client.counts[401]]).toEqual([client.kind, undefined])
    atMost(fault, 'all clients equal it', 15_000, equalMs, ' ms')
    allOf(fault, 'clients whose ids only rise', risen.length, crowd.length)
  },
  hangMs,
)

const pathOf = (id: number) => `/api/v4/feature_flags/unleash/${id}/client/features`
const known = (secret: string) => ({ 'unleash-instanceid': secret, 'unleash-appname': 'production' })
