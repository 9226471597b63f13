// The contract of reports, in memory and on Postgres with the rights of a server, and what Postgres alone can show.
import { randomUUID } from 'node:crypto'
import { expect, it } from 'vitest'
import { silentLogger } from '../../lib/log.js'
import { MemoryProjects } from '../../lib/project-flags/store/memory.js'
import { postgresProjects } from '../../lib/project-flags/store/postgres.js'
import { ProjectFlags } from '../../lib/project-flags/project-flags.js'
import { MemoryReports } from '../../lib/project-flags/reports/memory.js'
import { postgresReports } from '../../lib/project-flags/reports/postgres.js'
import type { ReportStore } from '../../lib/project-flags/reports/store.js'
import { migrate } from '../../lib/store/migrations/migrate.js'
import { PostgresStore } from '../../lib/store/postgres/store.js'
import { createDatabase, type TestDatabase } from '../support/services.js'
import { reportStoreContract } from './report-store.contract.js'

const tables = { features: 'features', gates: 'feature_gates' }

reportStoreContract('in memory', async () => {
  const projects = new MemoryProjects()
  return { projects, reports: new MemoryReports(new ProjectFlags(projects)), close: async () => {} }
})

reportStoreContract('on Postgres, for a server with the granted rights only', async () => {
  const { database, role } = await databaseFor('grantServer')
  const store = storeOf(database, role)
  return {
    projects: postgresProjects(store.projects ?? missing()),
    reports: postgresReports(store.projects ?? missing()),
    close: () => store.close().then(() => database.close()),
  }
})

it('two servers that write the same counts and compact at once lose and double nothing', async () => {
  const database = await createDatabase()
  const stores = [storeOf(database), storeOf(database)]
  const [one = missing(), two = missing()] = stores.map((store) => postgresReports(store.projects ?? missing()))
  try {
    await database.query(`insert into project_directory (path, name) values ('a', 'A')`)
    await database.query(
      `insert into project_flags (project_id, iid, name)
      select (select id from project_directory), n, 'flag_' || n from generate_series(1, 50) n`,
    )
    const [row] = await database.query('select id::int as id from project_directory')
    const project = Number(row?.['id'])
    const nowMs = Date.parse('2026-11-26T12:00:00Z')
    const batch = (backwards: boolean) => {
      const rows = Array.from({ length: 50 }, (_, index) => ({
        project,
        environment: 'production',
        flag: `flag_${index + 1}`,
        hourMs: nowMs - (index % 5) * 24 * 3_600_000,
        yes: 1,
        no: 0,
      }))
      return { id: randomUUID(), rows: backwards ? rows.reverse() : rows }
    }
    /** As a server does: one statement after the other. */
    const serve = async (reports: ReportStore, backwards: boolean) => {
      for (let count = 0; count < 20; count++) {
        await reports.addCounts(batch(backwards))
        if (count % 5 === 0) await reports.compact(nowMs)
      }
    }
    await Promise.all([serve(one, false), serve(two, true)])
    await one.compact(nowMs)
    const counts = await one.counts(project, { step: 'day', limit: 1_000, nowMs })
    expect(counts.reduce((sum, { yes }) => sum + yes, 0)).toBe(2 * 20 * 50)
    const left = await database.query(`select distinct at::text from project_counts where step = 'hour' order by 1`)
    expect(left).toHaveLength(3)
  } finally {
    await Promise.all(stores.map((store) => store.close()))
    await database.close()
  }
})

it('the role of an application may read no reports', async () => {
  const { database, role } = await databaseFor('grant')
  const store = storeOf(database, role)
  try {
    const reports = postgresReports(store.projects ?? missing())
    await expect(reports.clients(1)).rejects.toMatchObject({ code: 'not_migrated' })
  } finally {
    await store.close()
    await database.close()
  }
})

async function databaseFor(right: 'grant' | 'grantServer') {
  const database = await createDatabase({ migrated: false })
  const role = `role_${randomUUID().replaceAll('-', '')}`
  await database.query(`create role ${role} login`)
  await migrate({ connection: { connectionString: database.url }, tables, [right]: role })
  return { database, role }
}

function storeOf(database: TestDatabase, role?: string): PostgresStore {
  const url = new URL(database.url)
  if (role !== undefined) url.username = role
  return new PostgresStore({ connection: { connectionString: url.href }, tables, logger: silentLogger })
}

function missing(): never {
  throw new Error('the store has no projects')
}
