// The statements that Postgres gets for a boot, a poll, each kind of change and each kind of reading, in their order, compared
// with the record beside this file.
import pg from 'pg'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { FeatureGate } from '../../lib/index.js'
import { createInstance } from '../../lib/instance/create.js'
import { silentLogger } from '../../lib/log.js'
import { migrate } from '../../lib/store/migrations/migrate.js'
import { createProject, type TestProject } from '../support/project.js'
import { createDatabase, type TestDatabase } from '../support/services.js'
import { blanked } from './blank.js'

class User extends FeatureGate('User') {}

let project: TestProject
let database: TestDatabase
let sent: string[] = []

beforeEach(async () => {
  project = await createProject('dark_mode', 'other')
  database = await createDatabase({ migrated: false })
  const query = pg.Client.prototype.query
  vi.spyOn(pg.Client.prototype, 'query').mockImplementation(function (this: pg.Client, ...given: unknown[]) {
    const [asked] = given
    const listed = Array.isArray(given[1]) ? given[1] : undefined
    const { text, values = listed } = isQuery(asked) ? asked : { text: String(asked) }
    sent.push(
      [text, ...(values === undefined || values.length === 0 ? [] : [`-- ${JSON.stringify(values)}`])].join('\n'),
    )
    return Reflect.apply(query, this, given)
  })
})
afterEach(async () => {
  vi.restoreAllMocks()
  await project.close()
  await database.close()
})

function isQuery(asked: unknown): asked is { readonly text: string; readonly values?: readonly unknown[] | undefined } {
  return typeof asked === 'object' && asked !== null && 'text' in asked && typeof asked.text === 'string'
}

const parts: string[] = []

/** The messages that each kind of change took at commit 31d8887, before there were revisions. A message costs a quarter of a millisecond on both sides. */
const messagesBefore: Readonly<Record<string, number>> = {
  'enable, a new flag': 9,
  'enable, as it is': 6,
  disable: 6,
  'enable for two actors': 6,
  'a percentage of actors': 7,
  'disable for one actor': 6,
  remove: 7,
}
/** The statements in them: 13, 8, 10, 10, 11, 10 and 11 then. */
const mostStatements = 11

async function part(name: string, run: () => Promise<unknown>): Promise<void> {
  sent = []
  await run()
  const messages = messagesBefore[name]
  if (messages !== undefined) {
    expect(sent.length, `messages of "${name}"`).toBeLessThanOrEqual(messages)
    const statements = sent.flatMap((text) => text.split(';')).filter((text) => text.trim() !== '')
    expect(statements.length, `statements of "${name}"`).toBeLessThanOrEqual(mostStatements)
  }
  parts.push(`== ${name}\n${sent.join('\n;;\n')}\n`)
}

describe('what Postgres is asked', { timeout: 60_000 }, () => {
  it('has the words of the record', async () => {
    const tables = { features: 'features', gates: 'feature_gates' }
    await part('migrate', () => migrate({ connection: { connectionString: database.url }, tables }))
    const instance = createInstance({
      root: project.root,
      env: 'staging',
      databaseUrl: database.url,
      listen: false,
      pollIntervalMs: 3_600_000,
      diskFile: false,
      logger: silentLogger,
    })
    const { feature } = instance
    await part('boot', () => feature.start())
    await part('poll', () => feature.refresh())
    await part('enable, a new flag', () => feature.enable('dark_mode', true, { reason: "it's time" }))
    await part('enable, as it is', () => feature.enable('dark_mode'))
    await part('disable', () => feature.disable('dark_mode'))
    await part('enable for two actors', () => feature.enable('dark_mode', [new User(1), new User(2)]))
    await part('a percentage of actors', () => feature.enablePercentageOfActors('dark_mode', 25))
    await part('disable for one actor', () => feature.disable('dark_mode', new User(1)))
    await part('import of two', () =>
      feature.import({
        format: 'sluice-export',
        version: 1,
        position: null,
        features: [
          { key: 'dark_mode', gates: { boolean: ['true'] } },
          { key: 'other', gates: { actors: ['User:1'] } },
        ],
      }),
    )
    await part('remove', () => feature.remove('dark_mode'))
    await part('poll after the change of another', async () => {
      await database.query(`insert into features (key, created_at, updated_at) values ('theirs', now(), now())`)
      sent = []
      await feature.refresh()
    })
    await part('history', () => feature.history({ feature: 'dark_mode', limit: 2 }))
    await part('export', () => feature.export())
    await part('tokens', () => instance.tokens.list())
    await part('stop', () => feature.stop())
    await expect(blanked(parts.join('\n'))).toMatchFileSnapshot('sql.txt')
  })
})
