// Passes most files over without a parse: only a call with one of these names, an import of this package, or what the configuration names
// can be a use. On bare words (`enabled`) it would let nearly all files through. A file of constants alone passes too; it is parsed when
// another one imports it.
import type { UsageSettings } from './settings.js'

/** Tells whether a text can hold a use. */
export type Prefilter = (text: string) => boolean

const calls = [
  'enabled',
  'disabled',
  'decide',
  'explain',
  'experiment',
  'enable',
  'disable',
  'enablePercentageOf\\w+',
  'disablePercentageOf\\w+',
  'optOut',
  'removeOptOut',
  'persisted',
  'optedOut',
  'push(?:Force)?FrontendFeatureFlag',
  'stubExperiments',
  'stubFeatureFlags',
  'withFeatureFlags',
  'bothStates',
  'createFeature',
]

const others = [
  '["\']sluice(?:/[a-z]+)?["\']',
  '\\bglFeatures\\b',
  '\\bgon\\s*\\??\\.\\s*features\\b',
  // A method that is taken off its object: `const { enabled } = features`.
  '\\b(?:enabled|disabled|decide)\\b[^={}()]{0,200}\\}\\s*=(?![=>])',
]

export function prefilterOf({ calls: own, properties }: UsageSettings): Prefilter {
  const names = [...calls, ...own.map((call) => escaped(call.split('.').at(-1) ?? call))]
  const expressions = [
    `\\b(?:${names.join('|')})\\s*(?:\\?\\.\\s*)?[(<]`,
    ...others,
    ...(properties.length === 0 ? [] : [`\\b(?:${properties.map(escaped).join('|')})\\b`]),
    // Also under an alias.
    ...own.map((call) => `\\b${escaped(call.split('.')[0] ?? call)}\\b`),
  ]
  const expression = new RegExp(expressions.join('|'))
  return (text) => expression.test(text)
}

function escaped(text: string): string {
  return text.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&')
}
