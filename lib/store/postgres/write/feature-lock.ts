// The lock on the row of a feature, which every change takes first; where the row is missing, a change may make it instead. `key` is the feature's
// name as SQL.
import { count, fields } from '../parse-rows.js'
import type { Layout } from '../existing-tables.js'
import type { Done } from '../query.js'

export interface FeatureLock {
  /** The number of rows made for it. */
  readonly inserted: number
  /** Whether the feature was stored before. */
  readonly persisted: boolean
}

export function lockSql({ features }: Layout, key: string): string {
  return `select json_build_object('locked', count(*), 'made', 0)::text as answer
    from (select from ${features} where key = ${key}::text for update) locked`
}

/**
 * Makes the row where it is missing. Not by `on conflict` alone: another application's table may lack the unique index. Neither is done
 * where another writer makes or deletes the row at the same time, because a statement sees the rows of its beginning.
 */
export function lockOrMakeSql({ features }: Layout, key: string): string {
  return `with locked as (select from ${features} where key = ${key}::text for update), made as (
      insert into ${features} (key, created_at, updated_at)
      select ${key}::text, now(), now()
      where not exists (select from ${features} where key = ${key}::text)
      on conflict do nothing
      returning 1
    )
    select json_build_object('locked', (select count(*) from locked), 'made', (select count(*) from made))::text as answer`
}

/** What either statement has done. */
export function lockOf(done: Done | undefined): FeatureLock {
  const answer = fields(done?.answer, 'lock')
  return { inserted: count(answer['made'], 'rows made'), persisted: count(answer['locked'], 'rows locked') > 0 }
}
