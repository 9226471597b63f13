// The variants of experiments in Postgres: each call is one statement, whatever the number of actors.
import { fields, list, text } from './parse-rows.js'
import type { Done, Values } from './query.js'
import type { Assignment, AssignmentStore } from '../store.js'

/** Runs a statement in which `:assignments` and `:features` stand for the tables. */
export type AskAssignments = (sql: string, values: Values) => Promise<Done>

const rowJson = `json_build_object('actor', replace(actor::text, '-', ''), 'experiment', experiment, 'variant', variant)`

export function postgresAssignments(ask: AskAssignments): AssignmentStore {
  const store: AssignmentStore = {
    async find(actors) {
      const { answer } = await ask(
        `select coalesce(json_agg(${rowJson}), '[]')::text as answer
        from :assignments
        where actor = any($1::uuid[])`,
        [actors],
      )
      return readAssignments(answer)
    },
    async keep(assignments) {
      const { answer } = await ask(keepSql, [
        assignments.map(({ actor }) => actor),
        assignments.map(({ experiment }) => experiment),
        assignments.map(({ variant }) => variant),
      ])
      const found = readAssignments(answer)
      if (found.length === assignments.length) return found
      // Another process was quicker: this statement still saw the table as it was before. A new one sees the row. What is missing
      // then belongs to a flag that is not stored.
      const wanted = new Set(assignments.map(keyOf))
      const now = await store.find([...new Set(assignments.map(({ actor }) => actor))])
      return now.filter((one) => wanted.has(keyOf(one)))
    },
    async remove(experiment, most) {
      const { rowCount } = await ask(
        `delete from :assignments
        where ctid = any(array(select ctid from :assignments where experiment = $1 limit $2))`,
        [experiment, most],
      )
      return rowCount
    },
    async count(experiment) {
      const { answer } = await ask(
        `select coalesce(json_object_agg(variant, actors), '{}')::text as answer
        from (select variant, count(*) as actors from :assignments where experiment = $1 group by variant) counted`,
        [experiment],
      )
      return new Map(
        Object.entries(fields(answer, 'assignments')).map(([variant, actors]) => [variant, Number(actors)]),
      )
    },
  }
  return store
}

/** In one order: two processes that keep the same actors would otherwise wait for each other. */
const keepSql = `with given as (
    select actor, experiment, variant
    from unnest($1::uuid[], $2::text[], $3::text[]) as given (actor, experiment, variant)
  ), made as (
    insert into :assignments (actor, experiment, variant)
    select actor, experiment, variant
    from given
    where exists (select from :features feature where feature.key = given.experiment)
    order by actor, experiment
    on conflict do nothing
    returning actor, experiment, variant
  )
  select coalesce(json_agg(${rowJson}), '[]')::text as answer
  from (
    select actor, experiment, variant from made
    union all
    select actor, experiment, kept.variant from given join :assignments kept using (actor, experiment)
  ) kept`

function keyOf({ actor, experiment }: Assignment): string {
  return `${actor} ${experiment}`
}

function readAssignments(answer: unknown): readonly Assignment[] {
  return list(answer, 'assignments').map((row) => {
    const { actor, experiment, variant } = fields(row, 'assignment')
    return {
      actor: text(actor, 'actor'),
      experiment: text(experiment, 'experiment'),
      variant: text(variant, 'variant'),
    }
  })
}
