// How long a refresh keeps the event loop from turning, with 1,000 flags in a real database.
import pg from 'pg'
import { Child } from '../support/child.js'
import { median } from '../support/figures.js'
import { startDatabase } from '../support/services.js'
import { oneOfCrowd } from '../support/fixtures.js'

/**
 * Refreshes of everything and of one flag.
 * @type {import('../benchmarks.js').Benchmark['run']}
 */
export async function loop({ quick, say }) {
  say('loop: starting PostgreSQL')
  const database = await startDatabase()
  const client = new pg.Client({ connectionString: database.url() })
  /** @type {Child<typeof import('./refreshing.js').commands>} */
  const child = new Child(new URL('refreshing.js', import.meta.url))
  try {
    await client.connect()
    await child.ask('open', { databaseUrl: database.url() })
    /** @type {{ whole: number[], one: number[] }} */
    const blocked = { whole: [], one: [] }
    const rounds = quick ? 5 : 25
    for (let round = 0; round < rounds; round++) {
      say(`loop: round ${round + 1} of ${rounds}`)
      await change(client, round)
      await child.ask('catchUp')
      await change(client, round + 100)
      blocked.one.push(await child.ask('measure', { kind: 'delta' }))
      // A position that no history leads to: as after a restore, everything is read again.
      await client.query('truncate feature_history')
      await client.query('update feature_state set version = version + 1, nonce = gen_random_uuid()')
      blocked.whole.push(await child.ask('measure', { kind: 'whole' }))
    }
    /**
     * @param {string} what
     * @param {readonly number[]} values
     */
    const goal = (what, values) => {
      const most = Math.max(...values)
      const text = `${most.toFixed(1)} ms at most, median ${median(values).toFixed(1)} ms`
      return { row: `event loop blocked, ${what}`, goal: '≤ 15 ms', measured: text, met: most <= 15 }
    }
    const goals = [goal('1,000 flags read anew', blocked.whole), goal('one of 1,000 flags', blocked.one)]
    return { goals, tables: [], figures: { milliseconds: blocked } }
  } finally {
    await child.end()
    await client.end()
    await database.stop()
  }
}

/**
 * @param {pg.Client} client
 * @param {number} number
 */
async function change(client, number) {
  const sql = "update feature_gates set value = $1 where feature_key = $2 and key = 'percentage_of_actors'"
  await client.query(sql, [String(number / 10), oneOfCrowd])
}
