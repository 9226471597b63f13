// The answers of this library: the same page, without a server in between. Changes reach it at once, and a check asks no network.
import { FeatureGate, type FeatureFlags } from 'sluice'
import type { DemoFlag } from './flags.js'
import type { Audience, FlagSource } from './source.js'

class User extends FeatureGate('User') {}

/** `feature` is started; the source stops it. */
export function librarySource(feature: FeatureFlags): FlagSource {
  return {
    name: 'the library, in this process',
    isEnabled: ({ name, type }, userId) => feature.enabled(name, new User(userId), { type }),
    audiences: (flag) => audiencesOf(feature, flag),
    freshness() {
      const { ageMs, degraded } = feature.status()
      const asOf = ageMs === null ? null : new Date(Date.now() - ageMs)
      return { asOf, state: degraded ? (asOf === null ? 'connecting' : 'failing') : 'current' }
    },
    close: () => feature.stop(),
  }
}

function audiencesOf(feature: FeatureFlags, { name }: DemoFlag): readonly Audience[] {
  const { gates } = feature.get(name)
  if (gates.some((gate) => gate.key === 'boolean' && gate.value)) return [{ kind: 'everybody' }]
  return gates.flatMap((gate): readonly Audience[] => {
    switch (gate.key) {
      case 'actors':
        return [{ kind: 'users', count: gate.value.length }]
      case 'percentage_of_actors':
        return [{ kind: 'share', percent: gate.value, by: 'by user ID' }]
      case 'percentage_of_time':
        return [{ kind: 'share', percent: gate.value, by: 'at random' }]
      case 'groups':
        return gate.value.map((group) => ({ kind: 'other', name: `the group "${group}"` }))
      default:
        return []
    }
  })
}
