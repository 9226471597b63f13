// What this package exports, as values: so that an import of it is known, under any alias.
import { flags, type Value } from './values.js'

/** The package's own name, and the entries below it. */
const packageName = 'sluice'

export function isOwnPackage(source: string): boolean {
  return source === packageName || source.startsWith(`${packageName}/`)
}

/** Methods that ask whether a flag is on. */
export const checkMethods: ReadonlySet<string> = new Set(['enabled', 'disabled', 'decide', 'explain'])
/** The method that asks for the variant of an experiment. */
export const experimentMethod = 'experiment'
/** Methods that change what is stored, or show beforehand what a change will do. */
export const writeMethods: ReadonlySet<string> = new Set([
  'enable',
  'disable',
  'enablePercentageOfActors',
  'disablePercentageOfActors',
  'enablePercentageOfTime',
  'disablePercentageOfTime',
  'optOut',
  'removeOptOut',
  'remove',
  'preview',
  'restore',
])
/** Of them those that take no actor after the name, and whose names are those of many other methods too. */
export const plainWrites: ReadonlySet<string> = new Set(['remove', 'preview', 'restore'])
/** Methods that show what is stored of a flag. */
export const readMethods: ReadonlySet<string> = new Set(['get', 'persisted', 'optedOut'])

/** Functions that take the name of a flag, or the names as keys of an object, in this place of their arguments. */
export const helpers: ReadonlyMap<
  string,
  { readonly kind: 'push' | 'forced-push' | 'stub'; readonly takes: 'name' | 'keys' }
> = new Map([
  ['pushFrontendFeatureFlag', { kind: 'push', takes: 'name' }],
  ['pushForceFrontendFeatureFlag', { kind: 'forced-push', takes: 'name' }],
  ['stubExperiments', { kind: 'stub', takes: 'keys' }],
  ['stubFeatureFlags', { kind: 'stub', takes: 'keys' }],
  ['withFeatureFlags', { kind: 'stub', takes: 'keys' }],
  ['bothStates', { kind: 'stub', takes: 'name' }],
])

/** Makes the classes of actors. */
export const gateFunction = 'FeatureGate'

const instance: Value = { is: 'type', value: flags }
const options: Value = { is: 'type', value: { is: 'object', members: {}, open: true } }

/** What `createFrontend` gives: the same functions for the flags of another instance. */
const pushes: Readonly<Record<string, Value>> = Object.fromEntries(
  [...helpers]
    .filter(([, { kind }]) => kind !== 'stub')
    .map(([name]): [string, Value] => [name, { is: 'helper', name }]),
)

const exported: ReadonlyMap<string, Value> = new Map([
  ['Feature', flags],
  ['createFeature', { is: 'function', returns: flags }],
  ['createFrontend', { is: 'function', returns: { is: 'object', members: pushes, open: true } }],
  ['FeatureFlags', instance],
  ['FlagChecks', instance],
  ['CheckOptions', options],
  [gateFunction, { is: 'helper', name: gateFunction }],
  ...[...helpers.keys()].map((name): [string, Value] => [name, { is: 'helper', name }]),
])

/** An export of this package; undefined for one that says nothing about flags. */
export function packageExport(name: string): Value | undefined {
  return exported.get(name)
}

/** All of them, for `import * as`. */
export function packageNamespace(): Value {
  return { is: 'object', members: Object.fromEntries(exported), open: true }
}
