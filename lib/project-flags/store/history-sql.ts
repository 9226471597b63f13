// The history of a project in Postgres: its newest entries, and their number.

/** A flag or a list keeps its id when it gets another name. */
const ofHistory = `from :project_history
  where project_id = $1
  and ($2::text is null or kind = $2)
  and (
    $3::text is null
    or coalesce(after, before) -> 'id' in (
      select coalesce(after, before) -> 'id'
      from :project_history
      where project_id = $1 and ($2::text is null or kind = $2) and subject = $3
    )
  )`

/** Of `$1`, the project; `$2`, a kind or null; `$3`, what once had this name, or null; `$4` entries from `$5` on. */
export const historySql = `select coalesce(json_agg(json_build_object(
  'revision', revision, 'at', at, 'kind', kind, 'subject', subject, 'before', before, 'after', after,
  'author', author, 'source', source, 'reason', reason
) order by id desc), '[]')::text as answer
from (
  select *
  ${ofHistory}
  order by id desc
  limit $4
  offset $5
) newest`

export const countHistorySql = `select to_json(count(*))::text as answer ${ofHistory}`
