// Ids that strategies name, one by one or by a list, and which of them a change takes the flag from. Pure.
import { strategiesIn } from './changes/environment-change.js'
import { evaluateFlag } from './evaluate.js'
import type { ProjectFlag, Strategy, UserList } from './project-flag.js'
import { splitIds } from './user-ids.js'

/** A flag, and the lists that its strategies may name. */
export interface FlagWithLists {
  readonly flag: ProjectFlag
  readonly lists: readonly UserList[]
}

/** The ids that a strategy names; none for a strategy that names no ids. */
export function listedIds({ name, parameters, userListId }: Strategy, lists: readonly UserList[]): readonly string[] {
  if (name === 'userWithId') return splitIds(parameters['userIds'] ?? '')
  if (name !== 'gitlabUserList') return []
  return splitIds(lists.find(({ id }) => id === userListId)?.userXids ?? '')
}

/**
 * The ids that were named in the environment before a change, and for whom the flag is not surely on after it: SDKs of one family,
 * or chance, may keep them out.
 */
export function idsThatLose(before: FlagWithLists, after: FlagWithLists, environment: string): readonly string[] {
  if (!before.flag.active) return []
  const listed = new Set(strategiesIn(before.flag, environment).flatMap((one) => listedIds(one, before.lists)))
  const now = strategiesIn(after.flag, environment)
  const named = new Set(now.flatMap((one) => listedIds(one, after.lists)))
  // Without the strategies that name ids: to split long lists again for each id would take minutes.
  const others = { ...after.flag, strategies: now.filter(({ name }) => !namesIds(name)) }
  return [...listed].filter((userId) => {
    if (after.flag.active && named.has(userId)) return false
    const { node, others: rest } = evaluateFlag(others, [], environment, { userId })
    return node.enabled !== true || rest.enabled !== true
  })
}

function namesIds(name: Strategy['name']): boolean {
  return name === 'userWithId' || name === 'gitlabUserList'
}
