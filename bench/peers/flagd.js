// flagd's evaluation in the process, without the OpenFeature SDK around it.
import { FlagdCore } from '@openfeature/flagd-core'
import { amidst, crowd, listName, listOf, names, peerListSizes, rolloutPercentage } from '../support/fixtures.js'

const variants = { on: true, off: false }
const fractional = {
  fractional: [
    ['on', rolloutPercentage],
    ['off', 100 - rolloutPercentage],
  ],
}

/** @returns {import('../checks/libraries.js').OpenedLibrary<{ readonly targetingKey: string }>} */
export function open() {
  const core = new FlagdCore()
  core.setConfigurations(JSON.stringify({ flags: Object.fromEntries(flags()) }))
  return {
    user: (id) => ({ targetingKey: id }),
    loop: (flag, users) => (count) => {
      let yes = 0
      for (let index = 0, at = 0; index < count; index++) {
        if (core.resolveBooleanEvaluation(flag, false, users[at]).value) yes++
        if (++at === users.length) at = 0
      }
      return yes
    },
  }
}

function flags() {
  /**
   * @param {readonly string[]} ids
   * @param {object | string} otherwise
   */
  const allow = (ids, otherwise) => ({ if: [{ in: [{ var: 'targetingKey' }, ids] }, 'on', otherwise] })
  const crowded = crowd().map(({ name, ids }) => entry(name, targeted(allow(ids, fractional))))
  return amidst(crowded, [
    ...names.off.map((name) => entry(name, { state: 'ENABLED', variants, defaultVariant: 'off' })),
    ...names.on.map((name) => entry(name, { state: 'ENABLED', variants, defaultVariant: 'on' })),
    ...names.rollout.map((name) => entry(name, targeted(fractional))),
    ...peerListSizes.map((size) => entry(listName(size), targeted(allow(listOf(size), 'off')))),
  ])
}

/**
 * @param {string} name
 * @param {object} flag
 * @returns {[string, object]}
 */
function entry(name, flag) {
  return [name, flag]
}

/** @param {object} targeting */
function targeted(targeting) {
  return { state: 'ENABLED', variants, defaultVariant: 'off', targeting }
}
