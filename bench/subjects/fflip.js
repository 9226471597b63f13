// fflip, with criteria as an application writes them.
import { crc32 } from 'node:zlib'
import fflip from 'fflip'
import { amidst, crowd, listName, listOf, names, peerListSizes, rolloutPercentage } from '../world.js'

export const criteria = [
  { id: 'everybody', check: (_user, value) => value === true },
  { id: 'ids', check: (user, ids) => ids.includes(user.id) },
  { id: 'percentage', check: (user, percentage) => crc32(user.id) % 100 < percentage },
]

/** The flags nobody asks for, as data: in JSON they are what a server would send. */
export function crowdFeatures(size) {
  return crowd(size).map(({ name, ids }) => ({ id: name, criteria: [{ percentage: rolloutPercentage }, { ids }] }))
}

export function open() {
  const features = amidst(crowdFeatures(), [
    ...names.off.map((id) => ({ id, enabled: false })),
    ...names.on.map((id) => ({ id, enabled: true })),
    ...names.rollout.map((id) => ({ id, criteria: [{ percentage: rolloutPercentage }] })),
    ...peerListSizes.map((size) => ({ id: listName(size), criteria: [{ ids: listOf(size) }] })),
  ])
  fflip.config({ criteria, features })
  return {
    user: (id) => ({ id }),
    loop: (flag, users) => (count) => {
      let yes = 0
      for (let index = 0, at = 0; index < count; index++) {
        if (fflip.isFeatureEnabledForUser(flag, users[at])) yes++
        if (++at === users.length) at = 0
      }
      return yes
    },
  }
}
