// A server with very many projects: how soon it is ready, and what memory it takes when the flags of all were asked for.
import pg from 'pg'
import { tidy } from '../fleet/database-look.js'
import { Served } from './served.js'

const projects = 2_000
const flagsEach = 50
const atOnce = 20
/** lib/replica/projects/contents.ts */
const mostBytes = 256 * 1024 * 1024

/**
 * @param {{ database: import('../support/services.js').PostgresServer, say: (text: string) => void }} given
 */
export async function manyProjects({ database, say }) {
  const count = projects.toLocaleString('en')
  say(`unleash: storing ${count} projects`)
  await fill(database.url())
  await tidy(database.url())
  say(`unleash: a server with ${count} projects`)
  const served = await Served.start(database.url())
  try {
    const ready = await served.child.ask('usage')
    await served.flags('many/p-1', 'bench-secret-1')
    const before = await served.child.ask('collectedUsage')
    const { bytes } = await askAll(served)
    const after = await served.child.ask('collectedUsage')
    const grown = { rss: after.rss - before.rss, heap: after.heap - before.heap }
    const goals = [
      {
        row: `${count} projects, from the start of the process`,
        goal: 'ready ≤ 2 s',
        measured: `${(served.readyMs / 1_000).toFixed(2)} s (of it ${(ready.processorMs / 1_000).toFixed(2)} s of processor time)`,
        met: served.readyMs <= 2_000,
      },
      {
        row: `memory for their flags, ${Math.round(bytes / 1e6)} MB of answers`,
        goal: `≤ ${mb(mostBytes)}`,
        measured: `${mb(grown.heap)} (the process grew by ${mb(grown.rss)}, to ${mb(after.rss)})`,
        met: grown.heap <= mostBytes,
      },
    ]
    return { goals, tables: [], figures: { readyMs: served.readyMs, before, after, bytes } }
  } finally {
    await served.close()
  }
}

/** @param {Served} served */
async function askAll(served) {
  let [next, bytes] = [1, 0]
  const ask = async () => {
    while (next <= projects) {
      const project = next++
      const { body } = await served.flags(`many/p-${project}`, `bench-secret-${project}`)
      bytes += body.length
    }
  }
  await Promise.all(Array.from({ length: atOnce }, ask))
  return { bytes }
}

/**
 * The rows as the library would write them. The flags are written before any server looks, without their history: a hundred thousand
 * changes one by one take minutes.
 * @param {string} databaseUrl
 */
async function fill(databaseUrl) {
  const client = new pg.Client({ connectionString: databaseUrl })
  await client.connect()
  try {
    await client.query('begin')
    await client.query(
      "insert into project_directory (path, name) select 'many/p-' || n, 'P' || n from generate_series(1, $1::integer) n",
      [projects],
    )
    await client.query(`
      insert into project_instance_ids (project_id, name, secret)
      select id, 'default', 'bench-secret-' || split_part(path, '-', 2)
      from project_directory
      where path like 'many/p-%'`)
    await client.query('set constraints all immediate')
    await client.query('set local session_replication_role = replica')
    await client.query(
      `insert into project_flags (project_id, iid, name, revision, strategies)
      select id, n, 'flag_' || n, revision, jsonb_build_array(
        jsonb_build_object(
          'id', n * 10, 'name', 'flexibleRollout', 'user_list_id', null,
          'parameters', jsonb_build_object('groupId', 'default', 'rollout', '25', 'stickiness', 'default'),
          'scopes', jsonb_build_array(jsonb_build_object('id', n * 10 + 1, 'environment_scope', '*'))
        ),
        jsonb_build_object(
          'id', n * 10 + 2, 'name', 'userWithId', 'user_list_id', null,
          'parameters', jsonb_build_object('userIds', 'user-1,user-2,user-3,user-4,user-5'),
          'scopes', jsonb_build_array(jsonb_build_object('id', n * 10 + 3, 'environment_scope', 'production'))
        ),
        jsonb_build_object(
          'id', n * 10 + 4, 'name', 'gradualRolloutUserId', 'user_list_id', null,
          'parameters', jsonb_build_object('groupId', 'default', 'percentage', '10'),
          'scopes', jsonb_build_array(jsonb_build_object('id', n * 10 + 5, 'environment_scope', 'review/*'))
        )
      )
      from project_directory
      cross join generate_series(1, $1::integer) n
      where path like 'many/p-%'`,
      [flagsEach],
    )
    await client.query('commit')
  } finally {
    await client.end()
  }
}

/** @param {number} bytes */
function mb(bytes) {
  return `${(bytes / 1024 / 1024).toFixed(0)} MiB`
}
