// A page of the history by each filter, of a million rows.
import { table } from '../support/table.js'
import { atMost, Client, ms, timed } from './asking.js'
import { flagName, listedFlag } from './history-rows.js'

const most = 50
const mostMs = 50
const dayMs = 86_400_000
/** Not promised: before the history of one flag is told, all of it is compared with what is stored. */
const compared = 'history of a flag with 90,000 rows'

/**
 * @param {object} given
 * @param {number} given.port
 * @param {string} given.token
 * @param {import('./history-rows.js').MadeHistory} given.made
 * @param {boolean} given.quick
 * @param {(text: string) => void} given.say
 */
export async function historyPages({ port, token, made, quick, say }) {
  const client = await Client.open(port, token)
  try {
    const pages = pagesOf(made)
    /** @type {[string, (length: { ms: number, least: number }) => Promise<number>][]} */
    const questions = []
    /** @type {Map<string, { entries: number, ms: number }>} */
    const first = new Map()
    for (const [name, path] of pages) {
      first.set(name, await firstAnswer(port, token, path))
      questions.push([
        name,
        (length) => {
          say(`changes: the history, ${name}`)
          return client.averageMs({ path }, length)
        },
      ])
    }
    const { medians, all } = await timed(questions, { rounds: quick ? 3 : 7, ms: 150, warmUp: 5 })
    const rows = [...medians].map(([name, value]) => [
      name,
      String(first.get(name)?.entries),
      ms(first.get(name)?.ms ?? Number.NaN),
      ms(value),
    ])
    const size = `${made.rows.toLocaleString('en')} rows in ${made.changes.toLocaleString('en')} changes`
    const promised = [...medians].filter(([name]) => name !== compared)
    const goals = promised.map(([name, value]) => atMost(`history of a million rows, ${name}`, mostMs, value))
    const text = table(['', 'entries', 'first', 'median'], rows)
    return { goals, tables: [{ title: `A page of a history of ${size}`, text }], figures: { milliseconds: all } }
  } finally {
    await client.end()
  }
}

/**
 * What is asked for, and where. The newest page has a change of 10,000 rows.
 * @param {import('./history-rows.js').MadeHistory} made
 * @returns {readonly (readonly [name: string, path: string])[]}
 */
function pagesOf(made) {
  const flag = flagName(17)
  /** @param {number} days */
  const ago = (days) => new Date(Date.now() - days * dayMs).toISOString()
  /** @param {Readonly<Record<string, string>>} filter */
  const web = (filter) => `/api/web/history?${new URLSearchParams({ ...filter })}`
  /** @param {string} name */
  const ofFlag = (name) => `/api/v4/features/${name}/history`
  return [
    ['no filter', web({})],
    ['flag', web({ flag })],
    ['author', web({ author: 'author_5' })],
    ['author who is seldom there', web({ author: 'seldom' })],
    ['source', web({ source: 'cli' })],
    ['source that is seldom there', web({ source: 'import' })],
    ['from', web({ from: ago(10) })],
    ['to', web({ to: ago(10) })],
    ['from and to', web({ from: ago(100), to: ago(99) })],
    ['author, from and to', web({ author: 'author_5', from: ago(100), to: ago(90) })],
    ['q that many rows have', web({ q: 'ticket', to: ago(1) })],
    ['q that no row has', web({ q: 'no such text', to: ago(1) })],
    ['change_id', web({ change_id: made.ordinaryChange })],
    ['change_id of 10,000 rows', web({ change_id: made.recentChange })],
    ['change_id of 90,000 rows', web({ change_id: made.largestChange })],
    ['page in the middle', web({ before: '450000' })],
    ['page with 90,000 rows', web({ before: made.afterLargest })],
    ['history of a flag', ofFlag(flag)],
    [compared, ofFlag(listedFlag)],
  ]
}

/**
 * The first answer, for which a change of many rows is counted.
 * @param {number} port
 * @param {string} token
 * @param {string} path
 */
async function firstAnswer(port, token, path) {
  const began = performance.now()
  const answered = await fetch(`http://127.0.0.1:${port}${path}`, { headers: { 'private-token': token } })
  const text = await answered.text()
  const took = performance.now() - began
  const { entries } = answered.status === 200 ? JSON.parse(text) : { entries: null }
  if (!Array.isArray(entries) || entries.length > most)
    throw new Error(`${path}: ${answered.status} ${text.slice(0, 500)}`)
  return { entries: entries.length, ms: took }
}
