// What people wait for who change flags: the list, a preview, the history, and the news of a change on another page. One server, with 5,000 flags and
// a history of a million rows.
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import pg from 'pg'
import { createProject, waitUntil } from '../fleet/fleet.js'
import { loadInstances, loadTokens } from '../support/build.js'
import { silent } from '../support/fixtures.js'
import { startDatabase } from '../support/services.js'
import { generousLimits, Served } from '../unleash/served.js'
import { eventStreams } from './event-streams.js'
import { flagList } from './flag-list.js'
import { historyPages } from './history-pages.js'
import { flagCount, flagName, listedFlag, projectFlag, projectsFlag, writeHistory } from './history-rows.js'
import { previews, sampleSize } from './previews.js'

/** @typedef {import('../benchmarks.js').Result} Result */

/** A token may have 20 streams. */
const tokenCount = 25
const many = 100_000_000

/**
 * Each in turn, beside its goal.
 * @type {import('../benchmarks.js').Benchmark['run']}
 */
export async function changes({ quick, say }) {
  say('changes: starting PostgreSQL')
  const database = await startDatabase({ shared_buffers: '128MB' })
  try {
    say('changes: writing a history of a million rows')
    const made = await writeHistory(database.url())
    const tokens = await makeTokens(database.url())
    say(`changes: starting a server with ${flagCount.toLocaleString('en')} flags`)
    const served = await Served.start(database.url(), createFolder())
    try {
      await untilIdle(database.url())
      const given = { port: served.port, token: tokens[0] ?? '', quick, say }
      /** @type {Result[]} */
      const results = [
        await flagList(given),
        await previews(given),
        await historyPages({ ...given, made }),
        await eventStreams({ ...given, tokens, databaseUrl: database.url() }),
      ]
      return {
        goals: results.flatMap(({ goals }) => goals),
        tables: results.flatMap(({ tables }) => tables),
        figures: results.map(({ figures }) => figures),
      }
    } finally {
      await served.close()
    }
  } finally {
    await database.stop()
  }
}

/** All flags are defined, and the application names users for previews. Ends with `close()`. */
function createFolder() {
  const flags = Array.from({ length: flagCount }, (_, index) => flagName(index))
  const project = createProject([...flags, listedFlag, projectFlag, projectsFlag])
  const limits = { ...generousLimits, requestsPerMinute: many, changesPerMinute: many }
  const config = `export default {
  server: ${JSON.stringify(limits)},
  actors: { User: { sample: () => Array.from({ length: ${sampleSize} }, (_, index) => index + 1) }, Project: {} },
}
`
  writeFileSync(join(project.root, 'feature.config.mjs'), config)
  return project
}

/** @param {string} databaseUrl */
async function makeTokens(databaseUrl) {
  const [{ createInstance }, { createToken }] = [await loadInstances(), await loadTokens()]
  const folder = createProject([])
  const options = { root: folder.root, env: 'production', databaseUrl, diskFile: false, logger: silent }
  const instance = createInstance(/** @type {import('../../lib/index.js').FeatureOptions} */ (options), {
    author: 'code:bench',
    source: 'code',
    watch: false,
  })
  try {
    await instance.feature.start()
    /** @type {string[]} */
    const tokens = []
    while (tokens.length < tokenCount) {
      const name = `bench-${tokens.length}`
      const { token } = await createToken(instance.tokens, { name, scopes: ['read', 'write'], expiresAt: null })
      tokens.push(token)
    }
    return tokens
  } finally {
    await instance.feature.stop()
    folder.close()
  }
}

/**
 * A server that starts compares all that is stored with the history, in the background.
 * @param {string} databaseUrl
 */
async function untilIdle(databaseUrl) {
  const client = new pg.Client({ connectionString: databaseUrl })
  await client.connect()
  try {
    let idle = 0
    await waitUntil(async () => {
      const { rows } = await client.query(
        "select from pg_stat_activity where state is distinct from 'idle' and backend_type in ('client backend', 'autovacuum worker') and pid <> pg_backend_pid()",
      )
      idle = rows.length === 0 ? idle + 1 : 0
      return idle === 25
    }, 60_000)
  } finally {
    await client.end()
  }
}
