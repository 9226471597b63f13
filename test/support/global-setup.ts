// Runs once, around all test files. They share one PostgreSQL and one embedded database to copy; each is made when the first test
// file asks for it, so that tests of pure code need none.
import { mkdtemp, rm } from 'node:fs/promises'
import { createServer, type Server } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setFlagsFromString } from 'node:v8'
import { Client } from 'pg'
import type { TestProject } from 'vitest/node'
import { silentLogger } from '../../lib/log.js'
import { EmbeddedStore } from '../../lib/store/embedded.js'
import { migrate } from '../../lib/store/migrations/migrate.js'
import { startSessionPooler } from './pgbouncer.js'
import { makeCluster, type PostgresServer, startPostgres } from './postgres-server.js'
import type { SharedService } from './shared-service.js'

const templateDatabase = 'sluice_template'
const tables = { features: 'features', gates: 'feature_gates' }

interface Shared {
  /** What test files are told. */
  readonly told: string
  end(): Promise<unknown>
}

type Get = (name: SharedService) => Promise<Shared>

const makers: Readonly<Record<SharedService, (get: Get) => Promise<Shared>>> = {
  cluster: async () => {
    const cluster = makeCluster()
    return { told: cluster, end: () => rm(cluster, { recursive: true, force: true }) }
  },
  postgres: async (get) => {
    const server = await startWithTemplate((await get('cluster')).told)
    return { told: server.url(), end: () => server.stop() }
  },
  pooler: async (get) => {
    const pooler = await startSessionPooler((await get('postgres')).told)
    return { told: pooler.url, end: () => pooler.stop() }
  },
  embedded: async () => {
    const root = await makeEmbedded()
    return { told: root, end: () => rm(root, { recursive: true, force: true }) }
  },
}

export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const making = new Map<SharedService, Promise<Shared>>()
  const get: Get = (name) => {
    const made = making.get(name) ?? makers[name](get)
    making.set(name, made)
    return made
  }
  const coordinator = createServer((request, response) => {
    // A connection that stays open is closed after 5 s of silence, and a test file that asks in that moment gets an error.
    response.setHeader('connection', 'close')
    for (const name of Object.keys(makers) as SharedService[]) {
      if (request.url !== `/${name}`) continue
      get(name).then(
        ({ told }) => response.end(told),
        (error) => response.writeHead(500).end(String(error)),
      )
    }
  })
  project.provide('sharedServices', await listen(coordinator))
  return async () => {
    coordinator.close()
    // What was made last may be connected to what was made before.
    for (const made of [...making.values()].reverse()) {
      const shared = await made.catch(() => undefined) // Its failure was reported to the test that asked.
      await shared?.end()
    }
  }
}

async function startWithTemplate(cluster: string): Promise<PostgresServer> {
  const server = await startPostgres({ cluster })
  const client = new Client({ connectionString: server.url() })
  await client.connect()
  await client.query(`create database ${templateDatabase}`)
  await client.end()
  await migrate({
    connection: { connectionString: server.url(templateDatabase) },
    tables,
  })
  return server
}

/** The root of an application that has had an embedded database. */
async function makeEmbedded(): Promise<string> {
  setFlagsFromString('--liftoff-only') // As the processes of test files have it (vitest.config.ts).
  const root = await mkdtemp(join(tmpdir(), 'sluice-made-'))
  const store = new EmbeddedStore({ root, tables, logger: silentLogger })
  await store.open()
  await store.close()
  return root
}

function listen(server: Server): Promise<string> {
  return new Promise((done, fail) => {
    server.once('error', fail)
    server.listen(0, '127.0.0.1', () => {
      const address = server.address()
      if (address === null || typeof address === 'string') return fail(new Error('no TCP port was given'))
      done(`http://127.0.0.1:${address.port}`)
    })
  })
}
