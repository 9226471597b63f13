// `default`: all users.
import type { StrategyKind } from './strategy.js'

export const allUsers: StrategyKind = {
  name: 'default',
  parameters: [],
  faults: () => [],
  decide: () => true,
}
