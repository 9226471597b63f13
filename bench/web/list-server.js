// What the page is measured against: `serve` as a process on a PostgreSQL, with 5,000 defined flags of which a quarter is stored, and a second
// process that changes them.
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { loadInstances, loadTokens } from '../support/build.js'
import { Child } from '../support/child.js'
import { silent } from '../support/fixtures.js'
import { startDatabase } from '../support/services.js'

export const flagCount = 5_000

/** Requests of all windows come from one address. */
const server = { requestsPerMinute: 1_000_000, changesPerMinute: 1_000_000, requestsPerConnection: 1_000_000 }

/** @typedef {Child<typeof import('../unleash/sluice-server.js').commands>} ServerChild */

/** Ends with `close()`. */
export class ListServer {
  /** Of the page. */
  url
  /** An admin's. */
  token
  #parts

  /**
   * @param {{ database: import('../support/services.js').PostgresServer, child: ServerChild, url: string, token: string,
   *   instance: import('../../lib/instance/instance.js').Instance, root: string }} given
   */
  constructor({ url, token, ...parts }) {
    this.url = url
    this.token = token
    this.#parts = parts
  }

  static async start() {
    const root = mkdtempSync(join(tmpdir(), 'sluice-bench-'))
    writeDefinitions(root)
    const database = await startDatabase()
    const { createInstance } = await loadInstances()
    const instance = createInstance(
      /** @type {import('../../lib/index.js').FeatureOptions} */ ({
        root,
        env: 'production',
        databaseUrl: database.url(),
        diskFile: false,
        logger: silent,
      }),
      { author: 'code:bench', source: 'code', watch: false },
    )
    await instance.feature.start()
    await instance.feature.import({ format: 'sluice-export', version: 1, features: storedFlags() })
    const { createToken } = await loadTokens()
    const { token } = await createToken(instance.tokens, { name: 'bench', scopes: ['admin'], expiresAt: null })
    /** @type {ServerChild} */
    const child = new Child(new URL('../unleash/sluice-server.js', import.meta.url), { execArgv: ['--expose-gc'] })
    const port = await child.ask('start', { root, databaseUrl: database.url() })
    return new ListServer({ database, child, url: `http://127.0.0.1:${port}`, token, instance, root })
  }

  /**
   * Changes the share of a flag from another process than the one that serves. Resolves with when the write began, in milliseconds since 1970.
   * @param {string} flag
   * @param {number} percent
   */
  async change(flag, percent) {
    const began = Date.now()
    await this.#parts.instance.feature.enablePercentageOfActors(flag, percent)
    return began
  }

  async close() {
    const { child, database, instance, root } = this.#parts
    await child.end()
    await instance.feature.stop()
    await database.stop()
    rmSync(root, { recursive: true, force: true })
  }
}

/** @param {number} index */
function nameOf(index) {
  return `bench_flag_${String(index).padStart(4, '0')}`
}

/** @param {string} root */
function writeDefinitions(root) {
  const types = ['development', 'ops', 'beta', 'wip']
  writeFileSync(join(root, 'feature.config.json'), JSON.stringify({ server }))
  for (const type of types) mkdirSync(join(root, 'config', 'feature_flags', type), { recursive: true })
  for (let index = 0; index < flagCount; index++) {
    const [name, type] = [nameOf(index), types[index % types.length] ?? 'ops']
    const text = `---\nname: ${name}\ntype: ${type}\ngroup: group::${index % 40}\nmilestone: "0.1"\ndefault_enabled: false\n`
    writeFileSync(join(root, 'config', 'feature_flags', type, `${name}.yml`), text)
  }
}

/** Every fourth flag: a share of actors and three of them. */
function storedFlags() {
  return Array.from({ length: flagCount / 4 }, (_, index) => ({
    key: nameOf(index * 4),
    gates: {
      percentage_of_actors: [String(1 + (index % 99))],
      actors: [1, 2, 3].map((id) => `User:${index * 3 + id}`),
    },
  }))
}
