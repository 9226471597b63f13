// What `get` and `delete` say of experiments.
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { makeRoot } from '../../support/project.js'
import { createDatabase, type TestDatabase } from '../../support/services.js'
import { run } from '../run.js'

let database: TestDatabase
let root: string

beforeAll(async () => {
  database = await createDatabase({ pooled: true })
})
afterAll(() => database.close())
beforeEach(() => {
  root = makeRoot({
    'config/feature_flags/experiment/colours.yml':
      "name: colours\ndescription: Colours.\nmilestone: '1.0'\ngroup: group::test\ntype: experiment\ndefault_enabled: false\n",
  })
})

async function cli(...argv: readonly string[]): Promise<string> {
  const { code, stdout } = await run(argv, { root, options: { databaseUrl: database.url } })
  expect(code).toBe(0)
  return stdout
}

const assign = (counts: string) =>
  database.query(
    `insert into feature_assignments (actor, experiment, variant)
    select gen_random_uuid(), 'colours', variant from (values ${counts}) given (variant, actors), generate_series(1, actors)`,
  )

describe('an experiment on the command line', () => {
  it('shows how many actors have each variant, and takes them with it when it is deleted', async () => {
    await cli('set', 'colours', '50', '--actors')
    expect(await cli('get', 'colours')).toMatch(/actors in: +no variant yet/)
    expect(JSON.parse(await cli('get', 'colours', '--json'))).toMatchObject({ variants: {} })
    await assign(`('red', 3), ('control', 2)`)
    expect(await cli('get', 'colours')).toMatch(/actors in: +control 2, red 3\n/)
    expect(JSON.parse(await cli('get', 'colours', '--json'))).toMatchObject({ variants: { control: 2, red: 3 } })
    expect(await cli('delete', 'colours')).toBe(
      'colours: deleted; off for everybody (by default); the variants of 5 actors went with it\n',
    )
    // What a process that ended in the middle has left goes with the next try.
    await assign(`('red', 2)`)
    expect(JSON.parse(await cli('delete', 'colours', '--json'))).toEqual({
      name: 'colours',
      deleted: false,
      variants_deleted: 2,
    })
    expect(await database.query('select from feature_assignments')).toEqual([])
  })

  it('is shown without the table too', async () => {
    await database.query('alter table feature_assignments rename to gone')
    try {
      await cli('set', 'colours', '50', '--actors')
      expect(await cli('get', 'colours')).not.toContain('actors in')
      expect(await cli('delete', 'colours')).toBe('colours: deleted; off for everybody (by default)\n')
    } finally {
      await database.query('alter table gone rename to feature_assignments')
    }
  })
})
