// What a request to make, change or delete a list of users means: the new row, or GitLab's sentences. Pure.
import { FeatureError } from '../../errors.js'
import type { ProjectFlag, UserList } from '../project-flag.js'
import { refuseIfAny } from '../refusal.js'
import { userIdsFault } from '../user-ids.js'

export interface ListInput {
  readonly name?: string | undefined
  readonly userXids?: unknown
}

export type ListContent = Pick<UserList, 'name' | 'userXids'>

const longestName = 255

/** A new list. Throws InvalidProjectFlag. */
export function newList({ name = '', userXids = '' }: ListInput, others: readonly UserList[]): ListContent {
  return checked(name, userXids, others)
}

/** The list with the fields that the request names. Throws InvalidProjectFlag. */
export function changedList(list: UserList, input: ListInput, others: readonly UserList[]): ListContent {
  const { name = list.name, userXids = list.userXids } = input
  return checked(
    name,
    userXids,
    others.filter(({ id }) => id !== list.id),
  )
}

/** Throws FeatureError (`in_use`) while a strategy of the project names the list. */
export function assertUnused(list: UserList, flags: readonly ProjectFlag[]): void {
  const user = flags.find(({ strategies }) => strategies.some(({ userListId }) => userListId === list.id))
  if (user === undefined) return
  throw new FeatureError('in_use', {
    // GitLab's words.
    problem: 'User list is associated with a strategy',
    remedy: `give the strategy of the flag "${user.name}" another list first`,
  })
}

function checked(name: string, userXids: unknown, others: readonly UserList[]): ListContent {
  const faults: string[] = []
  if (name.trim() === '') faults.push("Name can't be blank")
  if ([...name].length > longestName) faults.push(`Name is too long (maximum is ${longestName} characters)`)
  if (others.some((other) => other.name === name)) faults.push('Name has already been taken')
  const fault = userIdsFault(userXids, 'user_xids')
  if (fault !== null) faults.push(`User xids ${fault}`)
  refuseIfAny(faults)
  return { name, userXids: String(userXids) }
}
