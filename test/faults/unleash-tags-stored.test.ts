// The same as unleash-tags.test.ts on a real Postgres, with two servers: edits by the one, by the other and by SQL, and now and then an
// older state of the tables. No tag ever names two bodies, equal bodies have one tag on both servers, and a delta's tag, which is a
// revision, names one delta.
import { afterAll, beforeAll, expect, it } from 'vitest'
import type { ProjectFlags } from '../../lib/project-flags/project-flags.js'
import { type Random, seededRandom } from '../support/random.js'
import { type SdkServer, startSdkServer } from '../support/sdk-server.js'
import { createDatabase, type TestDatabase } from '../support/services.js'
import { allOf, atMost } from './figures.js'
import { waiting } from './fleet.js'
import { hangMs, size } from './size.js'

/** One address asks more than a thousand SDKs would. */
const server = { pollsPerMinute: 1_000_000 }
/** For what takes ten seconds at most. */
const patience = { timeout: 60_000, interval: 20 }
const by = { author: 'test', source: 'http' }
const environments = ['production', 'staging', 'review/1', ''] as const
const scopes = ['*', 'production', 'prod*', 'review/*', 'staging']
const flagNames = ['new_layout', 'beta', 'search']

let database: TestDatabase
beforeAll(async () => {
  database = await createDatabase()
})
afterAll(() => database.close())

/** One edit at random, by one server or by SQL; some are refused, because they change nothing that is there. */
async function edit(projects: ProjectFlags, id: number, listId: number, random: Random): Promise<void> {
  const name = random.pick(flagNames)
  const exists = (await projects.content(id)).flags.some((flag) => flag.name === name)
  const environment = random.pick(scopes)
  const strategies = [
    { name: 'default', parameters: {}, scopes: [{ environmentScope: environment }] },
    {
      name: 'userWithId',
      parameters: { userIds: String(random.below(20)) },
      scopes: [{ environmentScope: environment }],
    },
    { name: 'gitlabUserList', parameters: {}, userListId: listId, scopes: [{ environmentScope: environment }] },
  ].slice(0, 1 + random.below(3))
  const kind = random.below(7)
  if (!exists) await projects.createFlag(id, { name, strategies }, by)
  else if (kind === 0) await projects.deleteFlag(id, name, by)
  else if (kind === 1) await projects.changeFlag(id, name, { active: random.below(3) > 0 }, by)
  else if (kind === 2) await projects.changeFlag(id, name, { description: random.pick(['', 'why', null]) }, by)
  else if (kind === 3) await database.query(`update project_flags set active = not active where project_id = ${id}`)
  else if (kind === 4) {
    const users = `${random.below(20)},${random.below(20)}`
    await database.query('update project_user_lists set user_xids = $1 where id = $2', [users, listId])
  } else if (kind === 5)
    await database.query(`update project_flags set name = 'renamed-' || id where project_id = ${id}`)
  else await projects.changeFlag(id, name, { strategies }, by)
}

it(
  'no tag names two bodies, and no body has two tags, over edits at random on Postgres by two servers and by SQL',
  async () => {
    const random = seededRandom()
    const servers: readonly SdkServer[] = [
      await startSdkServer({ databaseUrl: database.url, server }),
      await startSdkServer({ databaseUrl: database.url, server }),
    ]
    const services = await Promise.all(servers.map(({ instance }) => instance.projects()))
    const [service] = services
    if (service === undefined) throw new Error('no server was started')
    const { id } = await service.createProject({ path: 'group/tags', name: 'tags' }, by)
    const [first] = await service.instanceIds(id)
    const secret = first?.secret ?? ''
    const list = await service.createList(id, { name: 'l', userXids: '1' }, by)
    const bodyOf = new Map<string, string>()
    const tagOf = new Map<string, string>()
    const faults: string[] = []
    let asked = 0
    const look = async (): Promise<readonly string[]> => {
      const questions = servers.flatMap((server) =>
        environments.flatMap((environment) =>
          (['features', 'delta'] as const).map(async (what) => {
            const { status, headers, body } = await server.ask(id, secret, environment, what)
            const tag = what === 'delta' ? `${environment} ${String(headers['etag'])}` : String(headers['etag'])
            if (status !== 200) faults.push(`${status}: ${body}`)
            if ((bodyOf.get(tag) ?? body) !== body) faults.push(`${tag} names two bodies`)
            if (what === 'features' && (tagOf.get(body) ?? tag) !== tag) faults.push(`one body has two tags: ${tag}`)
            bodyOf.set(tag, body)
            if (what === 'features') tagOf.set(body, tag)
            asked += 1
            return body
          }),
        ),
      )
      return Promise.all(questions)
    }
    const noncesHeard = () =>
      Promise.all(
        servers.map(async ({ instance }) => (await instance.servedProjects()).directory.find(String(id))?.nonce),
      )
    /** Where no server has heard of what a restore takes away, no SDK was told of it, and no other revision is needed. */
    const isHeard = async (nonce: string) => {
      await expect
        .poll(async () => {
          await look()
          return new Set([nonce, ...(await noncesHeard())]).size
        }, patience)
        .toBe(1)
    }
    /**
     * After a restore the project gets a revision above all that SDKs were told. A write that comes before it takes a number that was
     * in use: a server that never heard of the first use then tells it, until the new revision is there. Tags are not concerned.
     */
    const hasNewRevision = async (restored: string) => {
      await expect
        .poll(async () => {
          await look()
          const [row] = await database.query('select nonce from project_directory where id = $1', [id])
          const nonces = [row?.['nonce'], ...(await noncesHeard())]
          return new Set(nonces).size === 1 && !nonces.includes(restored)
        }, patience)
        .toBe(true)
    }
    let older: Kept | null = null
    const edits = size(30, 1_000)
    for (let count = 0; count < edits; count++) {
      if (random.below(15) === 0) older = await keep(id)
      if (random.below(20) === 0 && older !== null) {
        const current = await keep(id)
        await isHeard(current.nonce)
        await bringBack(id, older.rows)
        if (current.revision > older.revision) await hasNewRevision(older.nonce)
      }
      await edit(random.pick(services), id, list.id, random)
      await look()
    }
    await expect
      .poll(async () => {
        const bodies = await look()
        return bodies.slice(0, bodies.length / 2).join() === bodies.slice(bodies.length / 2).join()
      }, waiting)
      .toBe(true)
    expect(faults).toEqual([])
    expect(tagOf.size).toBeGreaterThan(edits / 3)
    atMost(
      `${edits} random edits on Postgres`,
      `tags that name two bodies, or bodies with two tags (of ${asked})`,
      0,
      faults.length,
    )
    allOf(
      `${edits} random edits on Postgres`,
      'bodies with a tag of their own',
      new Set(tagOf.values()).size,
      tagOf.size,
    )
  },
  hangMs,
)

interface Kept {
  readonly revision: number
  readonly nonce: string
  readonly rows: string
}

/** The rows of the project, as text: all that an answer is made of, because a restore brings back all of it. */
async function keep(id: number): Promise<Kept> {
  const [row] = await database.query(
    `select revision::int as revision, nonce::text as nonce, json_build_object(
      'flags', (select coalesce(json_agg(flag order by id), '[]') from project_flags flag where project_id = $1),
      'lists', (select coalesce(json_agg(list order by id), '[]') from project_user_lists list where project_id = $1),
      'directory', (select json_agg(one) from project_directory one where id = $1)
    )::text as kept from project_directory where id = $1`,
    [id],
  )
  return { revision: Number(row?.['revision']), nonce: String(row?.['nonce']), rows: String(row?.['kept']) }
}

/** As a restore does: past the triggers, to the old revision and nonce. */
async function bringBack(id: number, kept: string): Promise<void> {
  const text = `'${kept.replaceAll("'", "''")}'::json`
  await database.query(`
    set session_replication_role = replica;
    delete from project_flags where project_id = ${id};
    insert into project_flags overriding system value
    select * from json_populate_recordset(null::project_flags, ${text} -> 'flags');
    delete from project_user_lists where project_id = ${id};
    insert into project_user_lists overriding system value
    select * from json_populate_recordset(null::project_user_lists, ${text} -> 'lists');
    update project_directory directory set revision = old.revision, nonce = old.nonce
    from json_populate_recordset(null::project_directory, ${text} -> 'directory') old where directory.id = old.id;
    update project_state set version = version + 1, nonce = gen_random_uuid();
    notify project_state`)
}
