// The SQL files of the migrations. Each can be run again on its own result: `migrate` repairs that way.
import { readdirSync, readFileSync } from 'node:fs'
import { ConfigurationError } from '../../errors.js'
import type { MigrationNames } from './names.js'

export interface MigrationFile {
  readonly name: string
  readonly sql: string
}

/** All files, in order. Throws ConfigurationError if there are none. */
export function readMigrations(): readonly MigrationFile[] {
  const folder = new URL('./sql/', import.meta.url)
  const files = readdirSync(folder).filter((file) => file.endsWith('.sql'))
  if (files.length === 0) {
    const problem = `no migrations were found in "${folder.pathname}"`
    throw new ConfigurationError({ problem, remedy: 'reinstall the package' })
  }
  return files.sort().map((file) => ({
    name: file.slice(0, -'.sql'.length),
    // A checkout on Windows may have changed the line ends, and functions would keep them.
    sql: readFileSync(new URL(file, folder), 'utf8').replaceAll('\r', ''),
  }))
}

/** `:features` becomes the quoted name; `::text` is a cast and stays. */
export function fillIn(sql: string, names: MigrationNames): string {
  return sql.replace(
    /(?<!:):(features|gates|state|history|tokens|schema)\b/g,
    (_, key: keyof MigrationNames) => names[key],
  )
}
