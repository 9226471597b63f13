// Two HTTP clients that change a flag as they read it (If-Match), beside two writers who know nothing of this: one writes rows as Flipper
// does, one as a person in psql. protections.test.ts shows that the held rounds find it where a protection is missing.
import { Client } from 'pg'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type AppAt, startTwoServers, type TwoServers } from './app-at.js'
import { allOf, atMost } from './figures.js'
import { hangMs, size } from './size.js'
import * as clientsOf from './two-clients.js'
import { addedByWriter, asFlipper, asPsql, heldRound, isRefused, type RowWriter } from './two-clients.js'

const rounds = size(15, 1_000)
/** Of each writer of rows: all of them together must not come to 100 %. */
const mostPerRound = 20
const heldRounds = size(2, 50)

let two: TwoServers
beforeAll(async () => {
  two = await startTwoServers()
}, hangMs)
afterAll(() => two?.close())

interface Tally {
  made: number
  refused: number
  /** Refusals that do not say whose change was first, and answers of other kinds. */
  readonly wrong: string[]
}

/** Reads the flag as it is stored now, and adds a thousandth to what it has read. */
async function addOne(server: AppAt, flag: string, tally: Tally): Promise<void> {
  const answer = await clientsOf.addOne(server, flag, await clientsOf.see(server, flag))
  if (answer.status === 200) tally.made += 1
  else if (isRefused(answer)) tally.refused += 1
  else tally.wrong.push(`${answer.status} ${JSON.stringify(answer.content).slice(0, 300)}`)
}

/** How many a writer of rows may have committed by now; null: it is to stop. */
type Allowed = () => number | null

/** Adds a thousandth again and again, in transactions of its own; gives how many were committed. */
async function writeRows(allowed: Allowed, flag: string, write: RowWriter): Promise<number> {
  const client = new Client({ connectionString: two.database.url })
  await client.connect()
  let made = 0
  for (let most = allowed(); most !== null; most = allowed()) {
    await new Promise((resolve) => setTimeout(resolve, 3))
    if (made >= most) continue
    try {
      await client.query('begin')
      const isWritten = await write(client, flag, 1)
      await client.query(isWritten ? 'commit' : 'rollback')
      if (isWritten) made += 1
    } catch {
      // Another writer was first with the same value, or with the locks: this one begins anew, as its application would.
      await client.query('rollback')
    }
  }
  await client.end()
  return made
}

describe.each([
  ['one server', 'my_flag', [0, 0]],
  ['two servers', 'my_other_flag', [0, 1]],
] as const)('of what two clients and two other writers change at once, %s', (what, flag, at) => {
  const fault = `changes at once, ${what}`
  beforeAll(async () => {
    await two.of([0])[0]?.instance.feature.enablePercentageOfActors(flag, 0.001)
  })

  it('nothing is lost, and who is refused is told of the other change', { timeout: hangMs }, async () => {
    const [first = 0] = await clientsOf.storedThousandths(two.database, flag)
    const tally: Tally = { made: 0, refused: 0, wrong: [] }
    let begun = 0
    const allowed = () => (begun > rounds ? null : (begun + 1) * mostPerRound)
    const others = [asFlipper, asPsql].map((write) => writeRows(allowed, flag, write))
    try {
      for (; begun < rounds; begun += 1) {
        await Promise.all(two.of(at).map((server) => addOne(server, flag, tally)))
      }
    } finally {
      begun = Number.POSITIVE_INFINITY
    }
    const [byFlipper = 0, byPsql = 0] = await Promise.all(others)
    expect(tally.wrong).toEqual([])
    const stored = await clientsOf.storedThousandths(two.database, flag)
    expect(stored).toHaveLength(1)
    const lost = first + tally.made + byFlipper + byPsql - (stored[0] ?? 0)
    expect(lost).toBe(0)
    expect([byFlipper > 0, byPsql > 0, tally.refused > 0]).toEqual([true, true, true])
    const all = rounds * at.length
    allOf(fault, 'requests made, or refused with the change of another', tally.made + tally.refused, all)
    atMost(fault, `lost updates (${tally.made} made, ${byFlipper + byPsql} by others)`, 0, lost)
  })

  it('nothing is lost of what is committed while both clients wait with what they have read', {
    timeout: hangMs,
  }, async () => {
    let right = 0
    for (let round = 0; round < heldRounds; round += 1) {
      const held = await heldRound(two.database, two.of(at), flag, round % 2 === 0 ? asFlipper : asPsql)
      expect(held.answers.map(isRefused)).toEqual([true, true])
      expect(held.after).toEqual([held.before + addedByWriter])
      right += 1
    }
    allOf(fault, 'held rounds whose other writer lost nothing', right, heldRounds)
  })
})
