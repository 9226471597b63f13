// A server is killed (kill -9) in the middle of writes to flags and user lists over REST: what it has acknowledged is stored, and what
// it has not is there whole or not at all. A change is a row, its history and a revision; none of the three is there alone.
import { afterAll, beforeAll, expect, it } from 'vitest'
import { seededRandom } from '../support/random.js'
import { createDatabase, type TestDatabase } from '../support/services.js'
import { atMost } from './figures.js'
import { waiting } from './fleet.js'
import { flagFor, makeToken, RestClient } from './rest-client.js'
import { Serving } from './serving.js'
import { hangMs, size } from './size.js'

const kills = size(5, 200)
const writers = 4

let database: TestDatabase
let server: Serving
let rest: RestClient

beforeAll(async () => {
  database = await createDatabase()
  server = await Serving.start({ env: { DATABASE_URL: database.url }, config: { diskFile: false } })
  rest = new RestClient(server, await makeToken(database.url))
}, hangMs)
afterAll(async () => {
  await server?.kill()
  await database?.close()
})

interface Account {
  /** The reasons of changes that were answered with success, each another one. */
  readonly acknowledged: string[]
  /** Those whose answer was lost. */
  readonly open: string[]
}

/** Changes a flag and a list of its own without a pause, until the server is gone. */
async function write(project: number, writer: number, account: Account): Promise<void> {
  const flags = `projects/${project}/feature_flags`
  const lists = `projects/${project}/feature_flags_user_lists`
  const name = `flag-${writer}`
  let list = 0
  for (let turn = 0; ; turn++) {
    const reason = `${project} ${writer} ${account.acknowledged.length} ${turn}`
    const steps: readonly (readonly [string, string, object])[] = [
      ['POST', flags, { ...flagFor(name, `${turn}`), reason }],
      ['PUT', `${flags}/${name}`, { description: reason, reason }],
      ['POST', lists, { name: `list-${writer}-${turn}`, user_xids: '1,2', reason }],
      ['PUT', `${lists}/${list}`, { user_xids: `1,${turn}`, reason }],
      ['DELETE', `${flags}/${name}`, { reason }],
    ]
    const [method, path, body] = steps[turn % steps.length] ?? ['GET', flags, {}]
    const answer = await rest.send(method, path, body)
    if (answer === null) {
      account.open.push(reason)
      return
    }
    if (answer.status >= 300) throw new Error(`${method} ${path}: ${answer.status} ${answer.body}`)
    account.acknowledged.push(reason)
    if (method === 'POST' && path === lists) list = Number(JSON.parse(answer.body).iid)
  }
}

it('the account sees a row without its history, a history without its row, and a revision that falls behind', async () => {
  const { id } = await rest.makeProject('group/account')
  await rest.must('POST', `projects/${id}/feature_flags`, flagFor('whole', '1'))
  expect(await database.query(halfWritten)).toEqual([])
  const ways = [
    `update project_flags set description = 'alone' where project_id = ${id}`,
    `update project_history set after = null where project_id = ${id} and kind = 'flag'`,
    `update project_directory set revision = revision - 1 where id = ${id}`,
  ]
  for (const way of ways) {
    await database.query(`set session_replication_role = replica; ${way}`)
    expect((await database.query(halfWritten)).length, way).toBeGreaterThan(0)
    await database.query(
      `delete from project_flags where project_id = ${id}; delete from project_history where project_id = ${id}`,
    )
    await rest.must('POST', `projects/${id}/feature_flags`, flagFor('whole', '1'))
  }
})

it(
  'a server that is killed under writes loses none that it acknowledged, and leaves none half written',
  async () => {
    const fault = 'serve killed under writes to projects'
    const random = seededRandom()
    const account: Account = { acknowledged: [], open: [] }
    for (let kill = 0; kill < kills; kill++) {
      if (kill > 0) await server.restart()
      const { id } = await rest.makeProject(`group/killed-${kill}`)
      const known = account.acknowledged.length
      const load = Promise.all(Array.from({ length: writers }, (_, writer) => write(id, writer, account)))
      await expect.poll(() => account.acknowledged.length, waiting).toBeGreaterThan(known + random.below(size(12, 40)))
      await server.kill()
      await load
    }
    // What was under way may still be rolled back, or committed, by Postgres.
    await expect.poll(async () => (await database.query(underWay))[0], waiting).toEqual({ count: 0 })
    const stored = new Map((await database.query(recorded)).map(({ reason, times }) => [String(reason), Number(times)]))
    const lost = account.acknowledged.filter((reason) => stored.get(reason) !== 1)
    const twice = account.open.filter((reason) => (stored.get(reason) ?? 0) > 1)
    expect({ lost, twice }).toEqual({ lost: [], twice: [] })
    const half = await database.query(halfWritten)
    expect(half).toEqual([])
    atMost(fault, `acknowledged writes lost (of ${account.acknowledged.length}, ${kills} kills)`, 0, lost.length)
    atMost(fault, `rows, history or revisions alone (${account.open.length} writes without an answer)`, 0, half.length)
  },
  hangMs,
)

const underWay = `
select count(*)::int as count
from pg_stat_activity
where datname = current_database() and backend_type = 'client backend' and pid <> pg_backend_pid()`

const recorded = `
select reason, count(*)::int as times from project_history where reason is not null and source = 'http' group by reason`

/**
 * The last word of history about each flag and list beside the row that it is about, and the revision of each project beside its history:
 * all that do not agree.
 */
const halfWritten = `
with told as (
  select distinct on (project_id, kind, coalesce(after, before) -> 'id')
    project_id, kind, coalesce(after, before) -> 'id' as id, after, revision
  from project_history
  where kind in ('flag', 'user_list')
  order by project_id, kind, coalesce(after, before) -> 'id', project_history.id desc
),
here as (
  select project_id, 'flag' as kind, to_jsonb(id) as id, to_jsonb(one) as row, revision from project_flags one
  union all
  select project_id, 'user_list', to_jsonb(id), to_jsonb(one), revision from project_user_lists one
)
select coalesce(here.project_id, told.project_id) as project_id, coalesce(here.kind, told.kind) as kind, here.row, told.after
from here
full join told using (project_id, kind, id)
where exists (select from project_directory directory where directory.id = coalesce(here.project_id, told.project_id))
  and (
    here.row is null and told.after is not null
    or here.row is not null and told.after is null
    or here.revision <> told.revision
    or not here.row @> (told.after - 'user_xids_added' - 'user_xids_removed')
  )
union all
select directory.id, 'project', to_jsonb(directory), null
from project_directory directory
where directory.revision <> (select max(revision) from project_history history where history.project_id = directory.id)`
