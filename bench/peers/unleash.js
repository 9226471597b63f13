// Unleash's client, fed from memory; its metrics are off, so that it counts nothing.
import { once } from 'node:events'
import { InMemStorageProvider, Unleash } from 'unleash-client'
import { amidst, crowd, listName, listOf, names, peerListSizes, rolloutPercentage } from '../support/fixtures.js'

/** @typedef {{ readonly userId: string }} User */

/** @returns {Promise<import('../checks/libraries.js').OpenedLibrary<User>>} */
export async function open() {
  const client = new Unleash({
    appName: 'bench',
    url: 'http://127.0.0.1:9/',
    refreshInterval: 0, // Never asks the server.
    disableMetrics: true,
    storageProvider: new InMemStorageProvider(),
    bootstrap: { data: toggles() },
    disableAutoStart: true,
    skipInstanceCountWarning: true,
  })
  const ready = once(client, 'ready')
  await client.start()
  await ready
  return {
    user: (id) => ({ userId: id }),
    loop: (/** @type {string} */ flag, /** @type {readonly User[]} */ users) => (/** @type {number} */ count) => {
      let yes = 0
      for (let index = 0, at = 0; index < count; index++) {
        if (client.isEnabled(flag, users[at])) yes++
        if (++at === users.length) at = 0
      }
      return yes
    },
    close: () => client.destroy(),
  }
}

function toggles() {
  const everybody = { name: 'default', parameters: {}, constraints: [] }
  /** @param {readonly string[]} ids */
  const allow = (ids) => ({
    name: 'default',
    parameters: {},
    // The strategy `userWithId` is older, and splits its text at every check.
    constraints: [{ contextName: 'userId', operator: 'IN', values: ids, inverted: false, caseInsensitive: false }],
  })
  const crowded = crowd().map(({ name, ids }) => toggle(name, [rollout(name), allow(ids)]))
  return amidst(crowded, [
    ...names.off.map((name) => toggle(name, [everybody], false)),
    ...names.on.map((name) => toggle(name, [everybody])),
    ...names.rollout.map((name) => toggle(name, [rollout(name)])),
    ...peerListSizes.map((size) => toggle(listName(size), [allow(listOf(size))])),
  ])
}

/** @param {string} groupId */
function rollout(groupId) {
  const parameters = { rollout: String(rolloutPercentage), stickiness: 'userId', groupId }
  return { name: 'flexibleRollout', parameters, constraints: [] }
}

/**
 * @param {string} name
 * @param {readonly object[]} strategies
 */
function toggle(name, strategies, enabled = true) {
  return {
    name,
    type: 'release',
    enabled,
    project: 'default',
    stale: false,
    impressionData: false,
    strategies,
    variants: [],
  }
}
