// The migrations as the code has them, and as the files say.
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { fillIn, readMigrations } from '../../../lib/store/migrations/files.js'
import { migrationNames } from '../../../lib/store/migrations/names.js'
import { inlinedFile, inlineMigrations } from '../../../scripts/inline-migrations.js'

const folder = join(import.meta.dirname, '../../../lib/store/migrations/sql')

describe('the migrations', () => {
  it('are in the code as the files have them, in the order of their numbers', () => {
    const files = readdirSync(folder).sort()
    expect(readMigrations().map(({ name }) => `${name}.sql`)).toEqual(files)
    expect(readMigrations().map(({ sql }) => sql)).toEqual(
      files.map((file) => readFileSync(join(folder, file), 'utf8').replaceAll('\r', '')),
    )
  })

  it('are the source that npm run schemas makes', () => {
    expect(readFileSync(inlinedFile, 'utf8')).toBe(inlineMigrations())
  })

  it('get the quoted names of the tables, and keep casts', () => {
    const names = migrationNames({ schema: 'a', features: 'f', gatesSchema: 'b', gates: 'g' })
    expect(fillIn('select key::text from :features, :gates', names)).toBe('select key::text from "a"."f", "b"."g"')
  })
})
