// LaunchDarkly's server SDK on its test data source, offline and without events. Its checks are asynchronous.
import { init, integrations } from '@launchdarkly/node-server-sdk'
import { amidst, crowd, listName, listOf, names, peerListSizes, rolloutPercentage } from '../support/fixtures.js'

const quiet = { error() {}, warn() {}, info() {}, debug() {} }
const whole = 100_000

/** @typedef {{ readonly kind: 'user', readonly key: string }} User */

/** @returns {Promise<import('../checks/libraries.js').OpenedLibrary<User>>} */
export async function open() {
  const data = new integrations.TestData()
  for (const flag of flags()) data.usePreconfiguredFlag(flag)
  const client = init('sdk-key', {
    updateProcessor: data.getFactory(),
    sendEvents: false,
    diagnosticOptOut: true,
    logger: quiet,
  })
  await client.waitForInitialization({ timeout: 10 })
  return {
    user: (id) => ({ kind: 'user', key: id }),
    loop: (/** @type {string} */ flag, /** @type {readonly User[]} */ users) => async (/** @type {number} */ count) => {
      let yes = 0
      for (let index = 0, at = 0; index < count; index++) {
        if (await client.boolVariation(flag, users[at], false)) yes++
        if (++at === users.length) at = 0
      }
      return yes
    },
    close: () => client.close(),
  }
}

function flags() {
  /** @param {readonly string[]} ids */
  const targets = (ids) => [{ variation: 1, values: ids }]
  const crowded = crowd().map(({ name, ids }) => flag(name, { fallthrough: rollout(), targets: targets(ids) }))
  return amidst(crowded, [
    ...names.off.map((name) => flag(name, { on: false })),
    ...names.on.map((name) => flag(name, { fallthrough: { variation: 1 } })),
    ...names.rollout.map((name) => flag(name, { fallthrough: rollout() })),
    ...peerListSizes.map((size) => flag(listName(size), { targets: targets(listOf(size)) })),
  ])
}

function rollout() {
  const on = (rolloutPercentage / 100) * whole
  return {
    rollout: {
      contextKind: 'user',
      variations: [
        { variation: 1, weight: on },
        { variation: 0, weight: whole - on },
      ],
    },
  }
}

/**
 * @param {string} key
 * @param {object} given
 */
function flag(key, given) {
  return {
    key,
    version: 1,
    on: true,
    variations: [false, true],
    offVariation: 0,
    fallthrough: { variation: 0 },
    targets: [],
    rules: [],
    prerequisites: [],
    salt: key,
    ...given,
  }
}
