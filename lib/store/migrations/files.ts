// The SQL of the migrations. Each can be run again on its own result: `migrate` repairs that way.
import { withProjectTables } from '../project-sql.js'
import type { MigrationNames } from './names.js'
import { inlinedMigrations } from './sql.generated.js'

export interface MigrationFile {
  readonly name: string
  readonly sql: string
}

/** All of them, in order. They are part of the code: in a bundle there are no files beside it. */
export function readMigrations(): readonly MigrationFile[] {
  return inlinedMigrations
}

/** `:features` becomes the quoted name; `::text` is a cast and stays. */
export function fillIn(sql: string, names: MigrationNames): string {
  const ofFlags = sql.replace(
    /(?<!:):(features|gates|state|history|tokens|migrations|assignments|changes|sessions|secrets|schema)\b/g,
    (_, key: keyof MigrationNames) => names[key],
  )
  return withProjectTables(ofFlags, names.schema)
}
