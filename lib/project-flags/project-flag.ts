// What a project holds, as it is stored: flags with strategies, and lists of users.
import { isRecord } from '../text/json.js'

export interface ProjectFlag {
  readonly id: number
  /** Counts from 1 in each project, and is never used twice there. */
  readonly iid: number
  readonly name: string
  readonly description: string | null
  readonly active: boolean
  readonly strategies: readonly Strategy[]
  /** The revision of the project that wrote it. */
  readonly revision: number
  readonly createdAt: Date
  readonly updatedAt: Date
}

export interface Strategy {
  readonly id: number
  readonly name: StrategyName
  /** Text to text: an SDK that meets a number loses all flags of the answer. */
  readonly parameters: Parameters
  /** Of `gitlabUserList` alone. */
  readonly userListId: number | null
  /** Without scopes a strategy applies nowhere. */
  readonly scopes: readonly Scope[]
}

export interface Scope {
  readonly id: number
  readonly environmentScope: string
}

export interface UserList {
  readonly id: number
  readonly iid: number
  readonly name: string
  /** As it was given: ids with commas in between. */
  readonly userXids: string
  readonly revision: number
  readonly createdAt: Date
  readonly updatedAt: Date
}

export type Parameters = Readonly<Record<string, string>>
export type StrategyName = 'default' | 'gradualRolloutUserId' | 'flexibleRollout' | 'userWithId' | 'gitlabUserList'

/** Whether a value from outside is text to text. */
export function isParameters(value: unknown): value is Parameters {
  return isRecord(value) && Object.values(value).every((text) => typeof text === 'string')
}
