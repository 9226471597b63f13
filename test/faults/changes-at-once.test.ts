// Two HTTP clients that change a flag as they read it (If-Match), beside two writers who know nothing of this: one writes rows as Flipper
// does, one as a person in psql. Each of them adds a thousandth to a percentage that it has read, so that a lost update is a thousandth too few.
import { Client } from 'pg'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createDatabase, type TestDatabase } from '../support/services.js'
import { type AppAt, startAppAt } from './app-at.js'
import { allOf, atMost } from './figures.js'
import { hangMs, size } from './size.js'

const rounds = size(15, 1_000)
const percentageOf = (flag: string) => `feature_key = '${flag}' and key = 'percentage_of_actors'`

let database: TestDatabase
let servers: readonly AppAt[] = []

beforeAll(async () => {
  database = await createDatabase()
  servers = await Promise.all([startAppAt(database.url), startAppAt(database.url)])
}, hangMs)
afterAll(async () => {
  for (const server of servers) await server.close()
  await database?.close()
})

interface Tally {
  made: number
  refused: number
  /** Refusals that do not say whose change was first, and answers of other kinds. */
  readonly wrong: string[]
}

async function send({ url, token }: AppAt, path: string, body?: object, revision?: string) {
  const answer = await fetch(`${url}/api/v4/features/${path}`, {
    method: body === undefined ? 'GET' : 'POST',
    headers: {
      'private-token': token,
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      ...(revision === undefined ? {} : { 'if-match': `"${revision}"` }),
    },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  })
  const content: ReturnType<typeof JSON.parse> = await answer.json()
  return { status: answer.status, content }
}

/** Reads the flag as it is stored now, and adds a thousandth to what it has read. */
async function addOne(server: AppAt, flag: string, tally: Tally): Promise<void> {
  const seen = await send(server, `${flag}/changes`, { operations: [{ op: 'enable' }], dry_run: true })
  const gates: readonly { gate: string; before: unknown }[] = seen.content.gates
  const stored = gates.find(({ gate }) => gate === 'percentage_of_actors')
  const value = (Math.round(Number(stored?.before ?? 0) * 1_000) + 1) / 1_000
  const operations = [{ op: 'percentage_of_actors', value }]
  const { status, content } = await send(server, `${flag}/changes`, { operations }, String(seen.content.revision))
  if (status === 200) tally.made += 1
  else if (status === 412 && content.code === 'flag_changed' && content.changes.length > 0) tally.refused += 1
  else tally.wrong.push(`${status} ${JSON.stringify(content).slice(0, 300)}`)
}

/** Adds a thousandth again and again, in transactions of its own, until it is told to stop; gives how many were committed. */
async function writeRows(isOver: () => boolean, write: (client: Client) => Promise<boolean>): Promise<number> {
  const client = new Client({ connectionString: database.url })
  await client.connect()
  let made = 0
  while (!isOver()) {
    try {
      await client.query('begin')
      const isWritten = await write(client)
      await client.query(isWritten ? 'commit' : 'rollback')
      if (isWritten) made += 1
    } catch {
      // Another writer was first with the same value, or with the locks: this one begins anew, as its application would.
      await client.query('rollback')
    }
    await new Promise((resolve) => setTimeout(resolve, 3))
  }
  await client.end()
  return made
}

/** Flipper deletes the row and inserts another one, and locks no row of the flag itself. */
const asFlipper = (flag: string) => async (client: Client) => {
  const { rows } = await client.query(`delete from feature_gates where ${percentageOf(flag)} returning value`)
  if (rows.length === 0) return false
  const next = (Math.round(Number(rows[0].value) * 1_000) + 1) / 1_000
  await client.query(
    `insert into feature_gates (feature_key, key, value, created_at, updated_at) values ($1, $2, $3, now(), now())`,
    [flag, 'percentage_of_actors', String(next)],
  )
  return true
}

const asPsql = (flag: string) => async (client: Client) => {
  const { rowCount } = await client.query(
    `update feature_gates set value = trim_scale(value::numeric + 0.001)::text where ${percentageOf(flag)}`,
  )
  return rowCount === 1
}

async function stored(flag: string): Promise<number> {
  const rows = await database.query(`select value from feature_gates where ${percentageOf(flag)}`)
  expect(rows).toHaveLength(1)
  return Math.round(Number(rows[0]?.['value']) * 1_000)
}

describe('of what two clients and two other writers change at once', () => {
  it.each([
    ['one server', 'my_flag', [0, 0]],
    ['two servers', 'my_other_flag', [0, 1]],
  ] as const)(
    'nothing is lost, and who is refused is told of the other change: %s',
    { timeout: hangMs },
    async (what, flag, at) => {
      await servers[0]?.instance.feature.enablePercentageOfActors(flag, 0.001)
      const tally: Tally = { made: 0, refused: 0, wrong: [] }
      let isOver = false
      const others = [asFlipper(flag), asPsql(flag)].map((write) => writeRows(() => isOver, write))
      const clients = at.flatMap((index) => servers[index] ?? [])
      try {
        for (let round = 0; round < rounds; round += 1) {
          await Promise.all(clients.map((server) => addOne(server, flag, tally)))
        }
      } finally {
        isOver = true
      }
      const [byFlipper = 0, byPsql = 0] = await Promise.all(others)
      expect(tally.wrong).toEqual([])
      const lost = 1 + tally.made + byFlipper + byPsql - (await stored(flag))
      expect(lost).toBe(0)
      expect([byFlipper > 0, byPsql > 0, tally.refused > 0]).toEqual([true, true, true])
      const all = rounds * clients.length
      allOf(
        `changes at once, ${what}`,
        'requests made, or refused with the change of another',
        tally.made + tally.refused,
        all,
      )
      atMost(`changes at once, ${what}`, `lost updates (${tally.made} made, ${byFlipper + byPsql} by others)`, 0, lost)
    },
  )
})
