// Very many projects: a server is ready soon, has the flags of the projects that are asked for and no others, and hears of a change.
import { expect, it } from 'vitest'
import { startSdkServer } from '../support/sdk-server.js'
import { createDatabase } from '../support/services.js'
import { atMost } from './figures.js'
import { hangMs, size } from './size.js'

const count = size(500, 2_000)
const large = size(0, 20_000)

it.each([count, large].filter((projects) => projects > 0))(
  'a server with %i projects is ready, and answers for each of them',
  async (projects) => {
    const database = await createDatabase()
    try {
      await fill(database, projects)
      const fault = `${projects.toLocaleString('en')} projects`
      const startedMs = performance.now()
      const heapBefore = process.memoryUsage().heapUsed
      const server = await startSdkServer({ databaseUrl: database.url })
      try {
        if (projects === 2_000) atMost(fault, 'ready', 2_000, performance.now() - startedMs, ' ms')
        const asked = Array.from({ length: Math.min(projects, 2_000) }, (_, index) => index + 1)
        const answers = await Promise.all(asked.map((id) => server.ask(`group/p-${id}`, `secret-${id}`)))
        expect(answers.filter(({ status, flags }) => status === 200 && flags.length === 3)).toHaveLength(asked.length)
        expect((await server.ask('group/p-1', 'secret-2')).status).toBe(401)
        atMost(fault, 'heap', 300, (process.memoryUsage().heapUsed - heapBefore) / 1e6, ' MB')
        await database.query(
          `update project_flags set active = false
          where project_id = (select id from project_directory where path = 'group/p-7')`,
        )
        const tag = answers[6]?.headers['etag']
        await expect
          .poll(async () => (await server.ask('group/p-7', 'secret-7')).headers['etag'], { timeout: 15_000 })
          .not.toBe(tag)
      } finally {
        await server.close()
      }
    } finally {
      await database.close()
    }
  },
  hangMs,
)

async function fill(database: { query(sql: string): Promise<unknown> }, projects: number): Promise<void> {
  await database.query(`
    insert into project_directory (path, name) select 'group/p-' || n, 'P' || n from generate_series(1, ${projects}) n;
    insert into project_instance_ids (project_id, name, secret)
    select id, 'default', 'secret-' || split_part(path, '-', 2) from project_directory;
    insert into project_flags (project_id, iid, name, strategies)
    select id, n, 'flag-' || n,
      '[{"id":1,"name":"default","parameters":{},"user_list_id":null,"scopes":[{"id":2,"environment_scope":"*"}]}]'
    from project_directory cross join generate_series(1, 3) n
  `)
}
