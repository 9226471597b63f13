// What a month of counts takes on disk: written as servers write it, and measured row by row.
import { randomUUID } from 'node:crypto'
import { expect, it } from 'vitest'
import { silentLogger } from '../../../lib/log.js'
import { postgresReports } from '../../../lib/project-flags/reports/postgres.js'
import { PostgresStore } from '../../../lib/store/postgres/store.js'
import { createDatabase } from '../../support/services.js'

const tables = { features: 'features', gates: 'feature_gates' }
const hour = 3_600_000
const environments = ['production', 'staging', 'review/main']
const flags = 50
/** Of each what is written here, and what there is after a month. */
const hours = { written: 16, kept: 48 }
const days = { written: 10, kept: 30 }
const projectsAtScale = 2_000
const largest = 5_000_000_000

it('a month of counts of 2,000 projects with 50 flags in 3 environments takes less than 5 GB', async () => {
  const database = await createDatabase()
  const store = new PostgresStore({ connection: { connectionString: database.url }, tables, logger: silentLogger })
  try {
    if (store.projects === null) throw new Error('the store has no projects')
    const reports = postgresReports(store.projects)
    await database.query(`insert into project_directory (path, name) values ('a', 'A'), ('b', 'B')`)
    await database.query(
      `insert into project_flags (project_id, iid, name)
      select id, n, 'a_usual_flag_name_' || n from project_directory, generate_series(1, ${flags}) n`,
    )
    const projects = (await database.query('select id::int as id from project_directory')).map(({ id }) => Number(id))
    const now = Date.parse('2026-11-26T12:00:00Z')
    const rowsAt = (hourMs: number) =>
      projects.flatMap((project) =>
        environments.flatMap((environment) =>
          Array.from({ length: flags }, (_, index) => {
            const flag = `a_usual_flag_name_${index + 1}`
            return { project, environment, flag, hourMs, yes: 123_456, no: 7 }
          }),
        ),
      )
    for (let day = days.written + 2; day > 2; day--) {
      await reports.addCounts({ id: randomUUID(), rows: rowsAt(now - day * 24 * hour) })
      await reports.compact(now - (day - 3) * 24 * hour)
      // Autovacuum comes when 2 % of the table are dead, which a table of this size never reaches in the time of a test.
      await database.query('vacuum project_counts')
    }
    for (let ago = hours.written; ago > 0; ago--) {
      await reports.addCounts({ id: randomUUID(), rows: rowsAt(now - (ago - 1) * hour) })
    }
    await reports.compact(now)
    const [size] = await database.query(
      `select pg_total_relation_size('project_counts')::float8 as bytes, count(*)::int as rows,
        count(*) filter (where step = 'day')::int as days
      from project_counts`,
    )
    const [bytes, rows, dayRows] = [Number(size?.['bytes']), Number(size?.['rows']), Number(size?.['days'])]
    const ofProject = flags * environments.length * (hours.kept + days.kept)
    const atScale = (bytes / rows) * ofProject * projectsAtScale
    expect(dayRows).toBeGreaterThan(0)
    expect(atScale).toBeLessThan(largest)
  } finally {
    await store.close()
    await database.close()
  }
})
