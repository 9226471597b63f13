// fflip, with criteria as an application writes them.
import { crc32 } from 'node:zlib'
import fflip from 'fflip'
import { amidst, crowd, listName, listOf, names, peerListSizes, rolloutPercentage } from '../support/fixtures.js'

/** @typedef {{ readonly id: string }} User */

/** @typedef {Readonly<Record<string, unknown>>} Criteria */
/** @typedef {{ readonly id: string, readonly enabled?: boolean, readonly criteria?: readonly Criteria[] }} Feature */

export const criteria = [
  { id: 'everybody', check: (/** @type {User} */ _user, /** @type {boolean} */ value) => value === true },
  { id: 'ids', check: (/** @type {User} */ user, /** @type {readonly string[]} */ ids) => ids.includes(user.id) },
  {
    id: 'percentage',
    check: (/** @type {User} */ user, /** @type {number} */ percentage) => crc32(user.id) % 100 < percentage,
  },
]

/**
 * The flags that are not asked for, as data: in JSON they are what a server would send.
 * @param {number} [size]
 * @returns {Feature[]}
 */
export function crowdFeatures(size) {
  return crowd(size).map(({ name, ids }) => ({ id: name, criteria: [{ percentage: rolloutPercentage }, { ids }] }))
}

/** @returns {import('../checks/libraries.js').OpenedLibrary<User>} */
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
