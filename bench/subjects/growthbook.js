// GrowthBook's client for servers: one client, and the user with each check.
import { GrowthBookClient } from '@growthbook/growthbook'
import { crowd, listName, listOf, names, peerListSizes, rolloutPercentage } from '../world.js'

const coverage = rolloutPercentage / 100

export function open() {
  const rollout = { force: true, coverage, hashAttribute: 'id' }
  const allow = (ids) => ({ condition: { id: { $in: ids } }, force: true })
  const client = new GrowthBookClient().initSync({
    payload: {
      features: {
        [names.off]: { defaultValue: false },
        [names.on]: { defaultValue: true },
        [names.rollout]: { defaultValue: false, rules: [rollout] },
        ...Object.fromEntries(
          peerListSizes.map((size) => [listName(size), { defaultValue: false, rules: [allow(listOf(size))] }]),
        ),
        ...Object.fromEntries(
          crowd().map(({ name, ids }) => [name, { defaultValue: false, rules: [rollout, allow(ids)] }]),
        ),
      },
    },
  })
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
