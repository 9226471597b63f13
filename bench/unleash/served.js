// A server of Sluice under measurement, and the projects that it serves.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import pg from 'pg'
import { loadInstances } from '../support/build.js'
import { Child } from '../support/child.js'
import { silent } from '../support/fixtures.js'
import { now } from '../support/shared-clock.js'
import { sdkHeaders } from './requests.js'

const module = new URL('sluice-server.js', import.meta.url)
/** Thousands of clients ask from few addresses here, and without a pause. */
const many = 100_000_000
export const generousLimits = {
  connections: 25_000,
  connectionsPerAddress: 25_000,
  requestsPerConnection: many,
  pollsPerMinute: many,
  reportsPerMinute: many,
}

/** What a server finds in its folder. Ends with `close()`. */
function createFolder() {
  const root = mkdtempSync(join(tmpdir(), 'sluice-bench-'))
  writeFileSync(join(root, 'feature.config.json'), JSON.stringify({ server: generousLimits }))
  return { root, close: () => rmSync(root, { recursive: true, force: true }) }
}

/** @typedef {Child<typeof import('./sluice-server.js').commands>} SluiceChild */

/** A process that serves. Ends with `close()`. */
export class Served {
  /** @type {SluiceChild} */
  child
  /** @type {number} */
  port
  /** Milliseconds from the start of the process until it listened. */
  readyMs
  #folder

  /** @param {{ child: SluiceChild, port: number, readyMs: number, folder: { close(): void } }} given */
  constructor({ child, port, readyMs, folder }) {
    this.child = child
    this.port = port
    this.readyMs = readyMs
    this.#folder = folder
  }

  /**
   * Serves the project in a folder, which goes with the server.
   * @param {string} databaseUrl
   */
  static async start(databaseUrl, folder = createFolder()) {
    const began = now()
    /** @type {SluiceChild} */
    const child = new Child(module, { execArgv: ['--expose-gc'] })
    const port = await child.ask('start', { root: folder.root, databaseUrl })
    return new Served({ child, port, readyMs: now() - began, folder })
  }

  /**
   * The answer of `client/features` to an SDK, its bytes not unpacked.
   * @param {string | number} project
   * @param {string} secret
   */
  async flags(project, secret) {
    const headers = { ...sdkHeaders({ credentials: { 'unleash-instanceid': secret } }), 'accept-encoding': 'identity' }
    const answered = await fetch(`http://127.0.0.1:${this.port}${featuresPath(project)}`, { headers })
    if (answered.status !== 200) throw new Error(`an SDK was answered ${answered.status}: ${await answered.text()}`)
    return { headers: [...answered.headers], tag: answered.headers.get('etag') ?? '', body: await answered.text() }
  }

  async close() {
    await this.child.end()
    this.#folder.close()
  }
}

/** @param {string | number} project */
export function featuresPath(project) {
  return `${sdkPath(project)}/client/features`
}

/** @param {string | number} project */
export function sdkPath(project) {
  return `/api/v4/feature_flags/unleash/${encodeURIComponent(project)}`
}

const by = { author: 'code:bench', source: 'code' }
const everywhere = [{ environmentScope: '*' }]

/**
 * What changes a project, from another process than the one that serves: the server hears of it from PostgreSQL.
 * Ends with `close()`.
 */
export class Writer {
  #instance
  #projects
  #client

  /**
   * @param {import('../../lib/instance/instance.js').Instance} instance
   * @param {Awaited<ReturnType<import('../../lib/instance/instance.js').Instance['projects']>>} projects
   * @param {pg.Client} client   asks when a change was committed
   */
  constructor(instance, projects, client) {
    this.#instance = instance
    this.#projects = projects
    this.#client = client
  }

  /** @param {string} databaseUrl */
  static async open(databaseUrl) {
    const { createInstance } = await loadInstances()
    const options = { root: tmpdir(), env: 'production', databaseUrl, diskFile: false, logger: silent }
    const instance = createInstance(/** @type {import('../../lib/index.js').FeatureOptions} */ (options), {
      ...by,
      watch: false,
    })
    await instance.feature.start()
    const client = new pg.Client({ connectionString: databaseUrl })
    client.on('error', () => {}) // The next question says what is wrong.
    await client.connect()
    return new Writer(instance, await instance.projects(), client)
  }

  /**
   * A project with these flags in all environments; resolves with its id, and with an instance ID.
   * @param {string} path
   * @param {readonly import('./flags.js').BenchFlag[]} flags
   */
  async create(path, flags) {
    const { id } = await this.#projects.createProject({ path, name: path }, by)
    const { secret } = await this.#projects.addInstanceId(id, { name: 'bench', environment: null }, by)
    for (const { name, strategies } of flags) {
      await this.#projects.createFlag(
        id,
        { name, strategies: strategies.map((one) => ({ ...one, scopes: everywhere })) },
        by,
      )
    }
    return { id, secret }
  }

  /** @param {number} project */
  async stream(project) {
    await this.#projects.changeSettings(project, { streaming: true }, by)
  }

  /**
   * Adds a strategy to a flag, for some environments.
   * @param {number} project
   * @param {string} name
   * @param {{ name: string, parameters: Readonly<Record<string, string>>, scope: string }} strategy
   */
  async addStrategy(project, name, { scope, ...strategy }) {
    const strategies = [{ ...strategy, scopes: [{ environmentScope: scope }] }]
    await this.#projects.changeFlag(project, name, { strategies }, by)
  }

  /**
   * Changes the share of users of a flag; resolves with the revision, when the call began, and when the change was committed.
   * @param {number} project
   * @param {string} name
   * @param {number} percent
   */
  async roll(project, name, percent) {
    const { flag } = await this.#projects.flag(project, name)
    const [rollout] = flag.strategies
    const parameters = { ...rollout.parameters, rollout: String(percent) }
    const began = now()
    const changed = await this.#projects.changeFlag(project, name, { strategies: [{ id: rollout.id, parameters }] }, by)
    return { began, committed: await this.#committed(project), revision: changed.content.project.revision }
  }

  /**
   * When the newest change of a project was committed. Never too late: the question itself takes a moment.
   * @param {number} project
   */
  async #committed(project) {
    const asked = now()
    const { rows } = await this.#client.query(
      `select extract(epoch from clock_timestamp() - pg_xact_commit_timestamp(xmin)) * 1000 as ms from project_directory where id = $1`,
      [project],
    )
    return asked - Number(rows[0].ms)
  }

  async close() {
    await this.#client.end()
    await this.#instance.feature.stop()
  }
}
