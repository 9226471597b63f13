// How soon pages at a server hear of a change that another program has committed.
import pg from 'pg'
import { pause, waitUntil } from '../fleet/fleet.js'
import { Child } from '../support/child.js'
import { percentile } from '../support/figures.js'
import { now } from '../support/shared-clock.js'
import { requestText } from '../unleash/requests.js'
import { ms } from './asking.js'
import { flagName } from './history-rows.js'

/** @typedef {Child<typeof import('../unleash/stream-readers.js').commands>} Readers */

/** As many as a server takes, 20 of each token. */
const streams = 500
const spacingMs = 300
const patienceMs = 10_000
const module = new URL('../unleash/stream-readers.js', import.meta.url)
const events = { first: 'hello', change: 'flags' }

/**
 * @param {object} given
 * @param {number} given.port
 * @param {readonly string[]} given.tokens
 * @param {string} given.databaseUrl
 * @param {boolean} given.quick
 * @param {(text: string) => void} given.say
 */
export async function eventStreams({ port, tokens, databaseUrl, quick, say }) {
  const changes = quick ? 10 : 60
  /** @type {Readers} */
  const readers = new Child(module)
  const client = new pg.Client({ connectionString: databaseUrl })
  try {
    say(`changes: opening ${streams} streams`)
    await client.connect()
    for (const token of tokens) {
      const headers = { accept: 'text/event-stream', 'private-token': token }
      const request = requestText({ path: '/api/web/events', headers })
      await readers.ask('open', { port, count: streams / tokens.length, request, events })
    }
    /** @type {{ revision: number, at: number }[]} */
    const begun = []
    for (let change = 0; change < changes; change++) {
      say(`changes: change ${change + 1} of ${changes} for ${streams} streams`)
      begun.push(await commitOne(client, change))
      await pause(spacingMs)
    }
    await waitUntil(async () => (await readers.ask('delays', { begun })).missing === 0, patienceMs)
    const { delays, missing } = await readers.ask('delays', { begun })
    const ended = await readers.ask('ended')
    const p95 = percentile(delays, 0.95)
    const lost = missing === 0 && ended === 0 ? '' : `, ${missing} events missing, ${ended} streams ended`
    const goal = {
      row: `commit → event at ${streams} streams of another server, p95`,
      goal: '≤ 250 ms',
      measured: `${ms(p95)} (p50 ${ms(percentile(delays, 0.5))}, p99 ${ms(percentile(delays, 0.99))})${lost}`,
      met: p95 <= 250 && lost === '',
    }
    return { goals: [goal], tables: [], figures: { count: delays.length, p95, missing, ended } }
  } finally {
    await Promise.all([readers.end(), client.end()])
  }
}

/**
 * A change by SQL, because only so the moment of the commit is known: the triggers have run before it.
 * @param {pg.Client} client
 * @param {number} change
 */
async function commitOne(client, change) {
  await client.query('begin')
  await client.query("update feature_gates set value = $2 where feature_key = $1 and key = 'percentage_of_actors'", [
    flagName(change),
    String((change % 90) + 1.5),
  ])
  await client.query('set constraints all immediate')
  const { rows } = await client.query('select version::integer as version from feature_state')
  const at = now()
  await client.query('commit')
  return { revision: rows[0].version, at }
}
