// Runs once, around all test files. One PostgreSQL is shared by them; it starts when the first test file asks for a
// database, so that tests of pure code need none. Test files run in processes of their own and ask over loopback HTTP.
import { createServer, type Server } from 'node:http'
import { Client } from 'pg'
import type { TestProject } from 'vitest/node'
import { migrate } from '../../lib/store/migrations/migrate.js'
import { type PostgresServer, startPostgres } from './postgres-server.js'

declare module 'vitest' {
  interface ProvidedContext {
    /** Where test files ask for the shared PostgreSQL. */
    postgresCoordinator: string
  }
}

export const templateDatabase = 'sluice_template'

export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  let starting: Promise<PostgresServer> | undefined
  const coordinator = createServer((_, response) => {
    starting ??= startWithTemplate()
    starting.then(
      (server) => response.end(JSON.stringify({ url: server.url() })),
      (error) => response.writeHead(500).end(String(error)),
    )
  })
  project.provide('postgresCoordinator', await listen(coordinator))
  return async () => {
    coordinator.close()
    const server = await starting?.catch(() => undefined) // Its failure was reported to the test that asked.
    await server?.stop()
  }
}

async function startWithTemplate(): Promise<PostgresServer> {
  const server = await startPostgres()
  const client = new Client({ connectionString: server.url() })
  await client.connect()
  await client.query(`create database ${templateDatabase}`)
  await client.end()
  await migrate({
    connection: { connectionString: server.url(templateDatabase) },
    tables: { features: 'features', gates: 'feature_gates' },
  })
  return server
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
