// Postgres dies in the middle of a change that has an id: sent again, it is done once, whatever became of it the first time.
import { randomUUID } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { seededRandom } from '../support/random.js'
import { type AppAt, startAppAt } from './app-at.js'
import { DatabaseMachine } from './database-machine.js'
import { allOf, atMost } from './figures.js'
import { hangMs, size } from './size.js'

const kills = size(3, 200)
const waiting = { timeout: 30_000, interval: 50 }

let database: DatabaseMachine
let server: AppAt

beforeAll(async () => {
  database = await DatabaseMachine.start()
  server = await startAppAt(database.url())
}, hangMs)
afterAll(async () => {
  await server?.close()
  await database?.stop()
})

async function change(id: string, actor: string) {
  const answer = await fetch(`${server.url}/api/v4/features/my_flag/changes`, {
    method: 'POST',
    headers: { 'private-token': server.token, 'content-type': 'application/json' },
    body: JSON.stringify({ operations: [{ op: 'add', list: 'actors', ids: [actor] }], change_id: id }),
  })
  const content: ReturnType<typeof JSON.parse> = await answer.json()
  return { status: answer.status, content }
}

/** What the page asks after an outcome that is not known: is a change of this id in the history of the flag? Null: it cannot be said yet. */
async function wasDone(id: string): Promise<boolean | null> {
  const answer = await fetch(`${server.url}/api/v4/features/my_flag/history?change_id=${id}`, {
    headers: { 'private-token': server.token },
  })
  const content: ReturnType<typeof JSON.parse> = await answer.json()
  return answer.status === 200 ? content.entries.length > 0 : null
}

it('a change that Postgres died under is done once when it is sent again, and says whether it was done', {
  timeout: hangMs,
}, async () => {
  const fault = 'Postgres dies in the middle of a change'
  let [once, longestMs, askedMs, slowestMs] = [0, 0, 0, 0]
  const random = seededRandom()
  const found = { done: 0, lost: 0 }
  for (let kill = 0; kill < kills; kill += 1) {
    const [id, actor] = [randomUUID(), `User:${kill}`]
    // How long such a change takes when nothing disturbs it.
    const beganMs = performance.now()
    await change(randomUUID(), `Project:${kill}`)
    const tookMs = performance.now() - beganMs
    const sent = change(id, actor)
    await sleep(random.next() * tookMs)
    await database.crash()
    const sentMs = performance.now()
    const first = await sent
    longestMs = Math.max(longestMs, performance.now() - sentMs)
    expect([200, 503]).toContain(first.status)
    await database.restart()
    const backMs = performance.now()
    let done: boolean | null = null
    const asked = async () => {
      done = await wasDone(id)
      return done
    }
    await expect.poll(asked, waiting).not.toBeNull()
    askedMs = Math.max(askedMs, performance.now() - backMs)
    // The server answered before: that stands.
    if (first.status === 200) expect(done).toBe(true)
    const repeated: unknown[] = []
    const sentAgain = async () => {
      const answer = await change(id, actor)
      if (answer.status === 200) repeated.push(answer.content.repeated === true)
      return answer.status
    }
    await expect.poll(sentAgain, waiting).toBe(200)
    expect(repeated).toEqual([done])
    slowestMs = Math.max(slowestMs, performance.now() - backMs)
    const again = await change(id, actor)
    expect([again.status, again.content.repeated]).toEqual([200, true])
    const rows = await database.query(
      `select change_id, operation from feature_history where feature_key = 'my_flag' and value = '${actor}'`,
    )
    expect(rows).toEqual([{ change_id: id, operation: 'added' }])
    const gates = await database.query(
      `select 1 from feature_gates where feature_key = 'my_flag' and value = '${actor}'`,
    )
    expect(gates).toHaveLength(1)
    found[first.status === 200 ? 'done' : 'lost'] += 1
    once += 1
  }
  allOf(fault, `changes done once (${found.done} answered before, ${found.lost} not)`, once, kills)
  atMost(fault, 'until the answer of a change whose Postgres died', 10_000, longestMs, ' ms')
  atMost(fault, 'until the history says "done" or "not done", after it is back', 10_000, askedMs, ' ms')
  atMost(fault, 'until the same change is known to be done, after it is back', 10_000, slowestMs, ' ms')
})
