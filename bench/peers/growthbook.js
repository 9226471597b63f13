// GrowthBook's client for servers: one client, and the user with each check.
import { GrowthBookClient } from '@growthbook/growthbook'
import { amidst, crowd, listName, listOf, names, peerListSizes, rolloutPercentage } from '../support/fixtures.js'

const coverage = rolloutPercentage / 100

/** @returns {import('../checks/libraries.js').OpenedLibrary<{ readonly attributes: { readonly id: string } }>} */
export function open() {
  const rollout = { force: true, coverage, hashAttribute: 'id' }
  /** @param {readonly string[]} ids */
  const allow = (ids) => ({ condition: { id: { $in: ids } }, force: true })
  const crowded = crowd().map(({ name, ids }) => [name, { defaultValue: false, rules: [rollout, allow(ids)] }])
  const features = amidst(crowded, [
    ...names.off.map((name) => [name, { defaultValue: false }]),
    ...names.on.map((name) => [name, { defaultValue: true }]),
    ...names.rollout.map((name) => [name, { defaultValue: false, rules: [rollout] }]),
    ...peerListSizes.map((size) => [listName(size), { defaultValue: false, rules: [allow(listOf(size))] }]),
  ])
  const client = new GrowthBookClient().initSync({ payload: { features: Object.fromEntries(features) } })
  return {
    user: (id) => ({ attributes: { id } }),
    loop: (flag, users) => (count) => {
      let yes = 0
      for (let index = 0, at = 0; index < count; index++) {
        if (client.isOn(flag, users[at])) yes++
        if (++at === users.length) at = 0
      }
      return yes
    },
    close: () => client.destroy(),
  }
}
