// Unleash's own server, which has a package of its own: it brings several hundred others, and nothing but this part needs them.
import { join } from 'node:path'
import pg from 'pg'
import { tryInstallPackages } from '../../scripts/install.js'
import { checkout } from '../support/build.js'
import { Child } from '../support/child.js'
import { sdkHeaders } from './requests.js'

/** @typedef {{ readonly served: PeerServer, readonly why: null } | { readonly served: null, readonly why: string }} Peer */

const path = '/api/client/features'
const databaseName = 'unleash'

class PeerServer {
  child
  port
  #credentials

  /**
   * @param {Child<typeof import('./peer/unleash-server.js').commands>} child
   * @param {{ port: number, token: string }} started
   */
  constructor(child, { port, token }) {
    this.child = child
    this.port = port
    this.#credentials = { authorization: token }
  }

  /** What an SDK sends it, and the tag of what it gets. */
  async known() {
    const headers = { ...sdkHeaders({ credentials: this.#credentials }), 'accept-encoding': 'identity' }
    const answered = await fetch(`http://127.0.0.1:${this.port}${path}`, { headers })
    const body = await answered.text()
    if (answered.status !== 200) throw new Error(`unleash-server answered ${answered.status}: ${body}`)
    const { features } = /** @type {{ features: unknown[] }} */ (JSON.parse(body))
    if (features.length === 0) throw new Error('unleash-server has no flags')
    return { path, credentials: this.#credentials, tag: answered.headers.get('etag') ?? '', bytes: body.length }
  }

  end() {
    return this.child.end()
  }
}

/**
 * Installs and starts it, with a database of its own in the given PostgreSQL; where it cannot be installed, `why` says so.
 * @param {import('../support/services.js').PostgresServer} database
 * @param {readonly import('./flags.js').BenchFlag[]} flags
 * @returns {Promise<Peer>}
 */
export async function startPeer(database, flags) {
  if (!tryInstallPackages(join(checkout, 'bench', 'unleash', 'peer'))) {
    return { served: null, why: 'npm could not install unleash-server' }
  }
  await createDatabase(database)
  /** @type {Child<typeof import('./peer/unleash-server.js').commands>} */
  const child = new Child(new URL('peer/unleash-server.js', import.meta.url))
  try {
    const started = await child.ask('start', { databaseUrl: database.url(databaseName), flags })
    return { served: new PeerServer(child, started), why: null }
  } catch (error) {
    await child.end()
    throw error
  }
}

/** @param {import('../support/services.js').PostgresServer} database */
async function createDatabase(database) {
  const client = new pg.Client({ connectionString: database.url() })
  await client.connect()
  try {
    await client.query(`create database ${databaseName}`)
  } finally {
    await client.end()
  }
}
