// Clients that change a flag as they read it (If-Match), and writers who know nothing of that: one writes rows as Flipper does, one as a
// person in psql. Each of them adds to a percentage that it has read, so that a lost update is a percentage too low.
import { Client } from 'pg'
import { expect } from 'vitest'
import { waiting } from './fleet.js'
import type { AppAt } from './app-at.js'
import type { TestDatabase } from '../support/services.js'

export interface Answer {
  readonly status: number
  readonly content: ReturnType<typeof JSON.parse>
}

/** What a client has read of a flag: its revision, and its percentage in thousandths. */
interface Seen {
  readonly revision: string
  readonly thousandths: number
}

async function send({ url, token }: AppAt, flag: string, body: object, revision?: string): Promise<Answer> {
  const answer = await fetch(`${url}/api/v4/features/${flag}/changes`, {
    method: 'POST',
    headers: {
      'private-token': token,
      'content-type': 'application/json',
      ...(revision === undefined ? {} : { 'if-match': `"${revision}"` }),
    },
    body: JSON.stringify(body),
  })
  return { status: answer.status, content: await answer.json() }
}

/** Reads the flag as it is stored now. */
export async function see(server: AppAt, flag: string): Promise<Seen> {
  const { content } = await send(server, flag, { operations: [{ op: 'enable' }], dry_run: true })
  const gates: readonly { gate: string; before: unknown }[] = content.gates
  const stored = gates.find(({ gate }) => gate === 'percentage_of_actors')
  return { revision: String(content.revision), thousandths: Math.round(Number(stored?.before ?? 0) * 1_000) }
}

/** Adds a thousandth to what was seen, if the flag still is as it was seen. */
export function addOne(server: AppAt, flag: string, { revision, thousandths }: Seen): Promise<Answer> {
  const operations = [{ op: 'percentage_of_actors', value: (thousandths + 1) / 1_000 }]
  return send(server, flag, { operations }, revision)
}

/** Whether a client was refused, and told of the change of another. */
export function isRefused({ status, content }: Answer): boolean {
  return status === 412 && content.code === 'flag_changed' && content.changes.length > 0
}

/** Adds thousandths in the transaction of the client; resolves with whether there was anything to add to. */
export type RowWriter = (client: Client, flag: string, thousandths: number) => Promise<boolean>

const percentageOf = (flag: string) => `feature_key = '${flag}' and key = 'percentage_of_actors'`

/** Flipper deletes the row and inserts another one, and locks no row of the flag itself. */
export const asFlipper: RowWriter = async (client, flag, thousandths) => {
  const { rows } = await client.query(`delete from feature_gates where ${percentageOf(flag)} returning value`)
  if (rows.length === 0) return false
  const next = (Math.round(Number(rows[0].value) * 1_000) + thousandths) / 1_000
  await client.query(
    `insert into feature_gates (feature_key, key, value, created_at, updated_at) values ($1, $2, $3, now(), now())`,
    [flag, 'percentage_of_actors', String(next)],
  )
  return true
}

export const asPsql: RowWriter = async (client, flag, thousandths) => {
  const { rowCount } = await client.query(
    `update feature_gates set value = trim_scale(value::numeric + ${thousandths / 1_000})::text where ${percentageOf(flag)}`,
  )
  return rowCount === 1
}

/** The percentages that are stored, in thousandths: one, where the writers did no harm. */
export async function storedThousandths(database: TestDatabase, flag: string): Promise<readonly number[]> {
  const rows = await database.query(`select value from feature_gates where ${percentageOf(flag)} order by value`)
  return rows.map(({ value }) => Math.round(Number(value) * 1_000))
}

export interface HeldRound {
  readonly answers: readonly Answer[]
  /** What was stored when the clients looked, in thousandths. */
  readonly before: number
  /** What is stored at the end. */
  readonly after: readonly number[]
}

/** What the writer of rows adds in a held round: another number than a client does. */
export const addedByWriter = 10

/**
 * The clients see the flag. Then a writer of rows adds to it and does not commit before each server waits for it, with the rows of the
 * flag already compared: so each round has the race that a free run meets once in hundreds.
 */
export async function heldRound(
  database: TestDatabase,
  clients: readonly AppAt[],
  flag: string,
  write: RowWriter,
): Promise<HeldRound> {
  const open = { connectionString: database.url }
  const [writer, watcher] = [new Client(open), new Client(open)]
  await Promise.all([writer.connect(), watcher.connect()])
  try {
    for (let attempt = 0; attempt < 20; attempt += 1) {
      const looks = await Promise.all(clients.map(async (server) => ({ server, seen: await see(server, flag) })))
      await writer.query('begin')
      await write(writer, flag, addedByWriter)
      let isOver = false
      const sent = Promise.all(looks.map(({ server, seen }) => addOne(server, flag, seen))).finally(() => {
        isOver = true
      })
      await untilWaiting(watcher, new Set(clients).size, () => isOver)
      await writer.query('commit')
      const answers = await sent
      // On a slow machine a server may have given up its wait for the lock; then there was no race.
      if (answers.some(({ content }) => content.code === 'store_conflict')) continue
      const before = looks[0]?.seen.thousandths ?? 0
      return { answers, before, after: await storedThousandths(database, flag) }
    }
    throw new Error('in 20 rounds a server has each time given up its wait for the lock')
  } finally {
    await Promise.all([writer.end(), watcher.end()])
  }
}

/** Resolves when so many connections wait for a lock (a server makes its changes one after the other), or when none can wait any more. */
async function untilWaiting(watcher: Client, count: number, isOver: () => boolean): Promise<void> {
  const blocked = `select count(*)::int as count from pg_stat_activity
    where datname = current_database() and wait_event_type = 'Lock'`
  const isWaiting = async () => isOver() || (await watcher.query(blocked)).rows[0]?.count === count
  await expect.poll(isWaiting, waiting).toBe(true)
}
