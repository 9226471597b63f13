// `userWithId`: the users whose ids are named.
import { userIdsFault } from '../user-ids.js'
import type { SdkFamily, StrategyKind } from './strategy.js'

export const userIds: StrategyKind = {
  name: 'userWithId',
  parameters: ['userIds'],
  faults({ userIds: ids }) {
    const fault = userIdsFault(ids, 'userIds')
    return fault === null ? [] : [fault]
  },
  decide: ({ parameters: { userIds: ids }, context: { userId }, family }) =>
    userId !== undefined && ids !== undefined && idsFor(ids, family).includes(userId),
}

/** The ids as an SDK reads them. Node leaves the blanks at both ends of the text, and an empty text has no id there. */
function idsFor(text: string, family: SdkFamily): readonly string[] {
  if (family === 'node') return text === '' ? [] : text.split(/\s*,\s*/)
  return text.split(',').map((id) => id.trim())
}
