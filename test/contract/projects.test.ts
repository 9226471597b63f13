// The contract of projects, in memory and on Postgres.
import { expect, it } from 'vitest'
import { silentLogger } from '../../lib/log.js'
import { MemoryProjects } from '../../lib/project-flags/store/memory.js'
import { postgresProjects } from '../../lib/project-flags/store/postgres.js'
import { migrate } from '../../lib/store/migrations/migrate.js'
import { PostgresStore } from '../../lib/store/postgres/store.js'
import { createDatabase } from '../support/services.js'
import { projectStoreContract } from './project-store.contract.js'

const tables = { features: 'features', gates: 'feature_gates' }

projectStoreContract('in memory', async () => {
  const store = new MemoryProjects()
  return { store, other: store, close: async () => {} }
})

projectStoreContract('on Postgres', async () => {
  const database = await createDatabase()
  return openOn(database.url, () => database.close())
})

projectStoreContract('on Postgres, for a server with the granted rights only', async () => {
  const database = await createDatabase({ migrated: false })
  const role = `server_${Date.now()}_${process.pid}`
  await database.query(`create role ${role} login`)
  await migrate({ connection: { connectionString: database.url }, tables, grantServer: role })
  const url = new URL(database.url)
  url.username = role
  return openOn(url.href, () => database.close())
})

/** Two stores, as two processes have them. */
function openOn(connectionString: string, closeDatabase: () => Promise<unknown>) {
  const [store, other] = [1, 2].map(
    () => new PostgresStore({ connection: { connectionString }, tables, logger: silentLogger }),
  )
  if (store === undefined || other === undefined) throw new TypeError('a store is missing')
  return {
    store: postgresProjects(store.projects),
    other: postgresProjects(other.projects),
    close: async () => {
      await Promise.all([store.close(), other.close()])
      await closeDatabase()
    },
  }
}

it('the role of an application may not read projects, and a right that is given later is found without a restart', async () => {
  const database = await createDatabase({ migrated: false })
  const role = `app_${Date.now()}_${process.pid}`
  await database.query(`create role ${role} login`)
  const connection = { connectionString: database.url }
  await migrate({ connection, tables, grant: role })
  const url = new URL(database.url)
  url.username = role
  const store = new PostgresStore({ connection: { connectionString: url.href }, tables, logger: silentLogger })
  try {
    expect((await store.readAll()).items).toEqual([])
    const projects = postgresProjects(store.projects)
    await expect(projects.projects()).rejects.toMatchObject({
      code: 'not_migrated',
      remedy: expect.stringContaining('--grant-server'),
    })
    await migrate({ connection, tables, grantServer: role })
    expect(await projects.projects()).toEqual([])
  } finally {
    await store.close()
    await database.close()
  }
})

it('a write by psql moves the revision of its project, and the history says who it was', async () => {
  const database = await createDatabase()
  const store = new PostgresStore({ connection: { connectionString: database.url }, tables, logger: silentLogger })
  const projects = postgresProjects(store.projects)
  try {
    await database.query(`insert into project_directory (path, name) values ('a', 'A'), ('b', 'B')`)
    const [before, other] = await projects.projects()
    if (before === undefined || other === undefined) throw new Error('the projects were not made')
    await database.query(
      `insert into project_flags (project_id, iid, name) values ($1, 1, 'by_hand'), ($1, 2, 'too')`,
      [before.id],
    )
    const content = await projects.content(before.id)
    expect(content?.project.revision).toBeGreaterThan(before.revision)
    expect(content?.project.nonce).not.toBe(before.nonce)
    expect(content?.flags.map(({ revision }) => revision)).toEqual([
      content?.project.revision,
      content?.project.revision,
    ])
    expect(await projects.find(other.id)).toEqual(other)
    const [last] = await projects.history(before.id, { limit: 1 })
    expect(last).toMatchObject({ kind: 'flag', author: expect.stringMatching(/^db:/), source: 'sql' })
    await database.query('truncate project_flags')
    expect((await projects.find(before.id))?.nonce).not.toBe(content?.project.nonce)
    expect(await database.query('select count(*)::int as count from project_positions')).toEqual([{ count: 5 }])
  } finally {
    await store.close()
    await database.close()
  }
})
