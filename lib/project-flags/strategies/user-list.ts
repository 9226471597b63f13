// `gitlabUserList`: the users of a list. SDKs do not know it: they are sent `userWithId` with the ids of the list.
import type { StrategyKind } from './strategy.js'

export const userList: StrategyKind = {
  name: 'gitlabUserList',
  parameters: [],
  faults: () => [],
  // Only reached without its list, which lets in no user; with its list it is decided as `userWithId`.
  decide: () => false,
}
