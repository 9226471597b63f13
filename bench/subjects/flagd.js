// flagd's evaluation in the process, without the OpenFeature SDK around it.
import { FlagdCore } from '@openfeature/flagd-core'
import { amidst, crowd, listName, listOf, names, peerListSizes, rolloutPercentage } from '../world.js'

const variants = { on: true, off: false }
const fractional = {
  fractional: [
    ['on', rolloutPercentage],
    ['off', 100 - rolloutPercentage],
  ],
}

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
  const allow = (ids, otherwise) => ({ if: [{ in: [{ var: 'targetingKey' }, ids] }, 'on', otherwise] })
  const crowded = crowd().map(({ name, ids }) => [name, targeted(allow(ids, fractional))])
  return amidst(crowded, [
    ...names.off.map((name) => [name, { state: 'ENABLED', variants, defaultVariant: 'off' }]),
    ...names.on.map((name) => [name, { state: 'ENABLED', variants, defaultVariant: 'on' }]),
    ...names.rollout.map((name) => [name, targeted(fractional)]),
    ...peerListSizes.map((size) => [listName(size), targeted(allow(listOf(size), 'off'))]),
  ])
}

function targeted(targeting) {
  return { state: 'ENABLED', variants, defaultVariant: 'off', targeting }
}
