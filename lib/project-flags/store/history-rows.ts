// What the history keeps of a row, in the words of the tables; Postgres makes the same in project_row_kept
// (store/migrations/sql/000006-project-history.sql). Never a secret, and of a list that was changed only the ids that came and went.
import type { InstanceId, Settings } from '../project.js'
import type { ProjectFlag, Strategy, UserList } from '../project-flag.js'
import { splitIds } from '../user-ids.js'

export type HistoryRow = Readonly<Record<string, unknown>>

/** The strategies of a flag as its row holds them. */
export function strategyRows(strategies: readonly Strategy[]): readonly HistoryRow[] {
  return strategies.map(({ id, name, parameters, userListId, scopes }) => ({
    id,
    name,
    parameters,
    user_list_id: userListId,
    scopes: scopes.map((scope) => ({ id: scope.id, environment_scope: scope.environmentScope })),
  }))
}

export function flagRow({ id, iid, name, description, active, strategies }: ProjectFlag): HistoryRow {
  return { id, iid, name, description, active, strategies: strategyRows(strategies) }
}

export function listRow({ id, iid, name, userXids }: UserList): HistoryRow {
  return { id, iid, name, user_xids: userXids }
}

/** The rows before and after a change of a list. */
export function changedListRows(before: UserList, after: UserList): { before: HistoryRow; after: HistoryRow } {
  return {
    before: { id: before.id, iid: before.iid, name: before.name, user_xids_removed: idsOnlyIn(before, after) },
    after: { id: after.id, iid: after.iid, name: after.name, user_xids_added: idsOnlyIn(after, before) },
  }
}

function idsOnlyIn(here: UserList, there: UserList): string {
  const known = new Set(splitIds(there.userXids))
  return splitIds(here.userXids)
    .filter((xid) => !known.has(xid))
    .join(',')
}

export function projectRow({ id, ...project }: Settings & { readonly id: number }): HistoryRow {
  const { path, name, access, minimumRole, streaming } = project
  return { id, path, name, access, minimum_role: minimumRole, streaming }
}

export function instanceIdRow({ id, name, environment, retiredAt }: InstanceId): HistoryRow {
  return { id, name, environment, retired_at: retiredAt?.toISOString() ?? null }
}
