// Finds the user list that a command means, and the flags that name it.
import type { ProjectFlag, UserList } from '../../../../project-flags/project-flag.js'
import type { ProjectContent } from '../../../../project-flags/project.js'

/** The list with that name, or otherwise with that number in the project. Throws FeatureError (`not_found`). */
export async function listNamed(content: ProjectContent, nameOrIid: string): Promise<UserList> {
  const [, iid] = /^\^?(\d{1,15})$/.exec(nameOrIid) ?? []
  const found =
    content.lists.find(({ name }) => name === nameOrIid) ??
    content.lists.find((list) => iid !== undefined && list.iid === Number(iid))
  if (found !== undefined) return found
  const { unknownList } = await import('../../../views/project-errors.js')
  throw unknownList(content, nameOrIid)
}

/** The flags of which a strategy names the list. */
export function flagsWith({ id }: UserList, flags: readonly ProjectFlag[]): readonly string[] {
  return flags
    .filter(({ strategies }) => strategies.some(({ userListId }) => userListId === id))
    .map(({ name }) => name)
}
