// What a run asks the database beside what the library does.
import pg from 'pg'
import { loadPostgresStore } from '../support/build.js'
import { silent } from '../support/fixtures.js'

const tables = { features: 'features', gates: 'feature_gates' }

/**
 * What PostgreSQL does by itself in the minute after a large import is not what is measured.
 * @param {string} url
 */
export function tidy(url) {
  return withClient(url, async (client) => {
    await client.query('vacuum analyze')
    await client.query('checkpoint')
  })
}

/**
 * Everything stored, with its position and digest.
 * @param {string} url
 */
export async function readWhole(url) {
  const { PostgresStore } = await loadPostgresStore()
  const store = new PostgresStore({ connection: { connectionString: url }, tables, logger: silent })
  try {
    return await store.readAll({ digest: true })
  } finally {
    await store.close()
  }
}

/**
 * The changes after a position, oldest first: the count of each, and when it was made by the system's clock.
 * @param {string} url
 * @param {import('../../lib/index.js').Position} position
 */
export function historySince(url, { version }) {
  return withClient(url, async (client) => {
    const sql = `
      select version::text, extract(epoch from min(at)) * 1000 as at
      from feature_history
      where version > $1
      group by feature_history.version
      order by feature_history.version`
    const { rows } = await client.query(sql, [version])
    return rows.map((row) => ({ version: Number(row.version), at: Number(row.at) }))
  })
}

/**
 * @template T
 * @param {string} url
 * @param {(client: pg.Client) => Promise<T>} work
 */
async function withClient(url, work) {
  const client = new pg.Client({ connectionString: url })
  await client.connect()
  try {
    return await work(client)
  } finally {
    await client.end()
  }
}
