// The contract of the directory of projects, on Postgres for a server with the granted rights only, and in memory.
import { expect, it } from 'vitest'
import { silentLogger } from '../../lib/log.js'
import { ListedDirectory } from '../../lib/project-flags/listing.js'
import { MemoryProjects } from '../../lib/project-flags/store/memory.js'
import { postgresProjects } from '../../lib/project-flags/store/postgres.js'
import { migrate } from '../../lib/store/migrations/migrate.js'
import { PostgresStore } from '../../lib/store/postgres/store.js'
import { createDatabase } from '../support/services.js'
import { projectDirectoryContract } from './project-directory.contract.js'

const tables = { features: 'features', gates: 'feature_gates' }

projectDirectoryContract('in memory', async () => {
  const store = new MemoryProjects()
  return { store, reader: new ListedDirectory(store), hasHistory: false, close: async () => {} }
})

projectDirectoryContract('on Postgres', async () => {
  const database = await createDatabase({ migrated: false })
  const role = `directory_${Date.now()}_${process.pid}`
  await database.query(`create role ${role} login`)
  await migrate({ connection: { connectionString: database.url }, tables, grantServer: role })
  const url = new URL(database.url)
  url.username = role
  const store = new PostgresStore({ connection: { connectionString: url.href }, tables, logger: silentLogger })
  const close = () => store.close().then(() => database.close())
  return { store: postgresProjects(store.projects), reader: store.projects.directory, hasHistory: true, close }
})

it('the directory is another database than the flags for what processes share, and hears of its own changes alone', async () => {
  const database = await createDatabase()
  const store = new PostgresStore({ connection: { connectionString: database.url }, tables, logger: silentLogger })
  try {
    const [flags, projects] = [await store.head(null), await store.projects.directory.head(null)]
    expect(projects.identity).toMatch(/^[0-9a-f]{32}$/)
    expect(projects.identity).not.toBe(flags.identity)
    let hints = 0
    const listening = store.projects.directory.listen({ hint: () => (hints += 1), heard: () => {} })
    await expect.poll(() => hints).toBe(1)
    await database.query(`insert into features (key, created_at, updated_at) values ('a', now(), now())`)
    await database.query(`insert into project_directory (path, name) values ('a', 'A')`)
    await expect.poll(() => hints).toBe(2)
    await listening?.close()
    expect((await store.head(null)).position).not.toEqual(flags.position)
    expect((await store.projects.directory.head(projects.position)).known).toBe(true)
  } finally {
    await store.close()
    await database.close()
  }
})
