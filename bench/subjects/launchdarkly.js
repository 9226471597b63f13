// LaunchDarkly's server SDK on its test data source, offline and without events. Its checks are asynchronous.
import { init, integrations } from '@launchdarkly/node-server-sdk'
import { crowd, listName, listOf, names, peerListSizes, rolloutPercentage } from '../world.js'

const quiet = { error() {}, warn() {}, info() {}, debug() {} }
const whole = 100_000

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
    loop: (flag, users) => async (count) => {
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
  return [
    flag(names.off, { on: false }),
    flag(names.on, { fallthrough: { variation: 1 } }),
    flag(names.rollout, { fallthrough: rollout() }),
    ...peerListSizes.map((size) => flag(listName(size), { targets: [{ variation: 1, values: listOf(size) }] })),
    ...crowd().map(({ name, ids }) => flag(name, { fallthrough: rollout(), targets: [{ variation: 1, values: ids }] })),
  ]
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
