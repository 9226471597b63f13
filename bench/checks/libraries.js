// The libraries whose checks are timed, and what each module gives.

/**
 * Asks that many times, and counts how often the answer was yes.
 * @typedef {(count: number) => number | Promise<number>} Loop
 */

/**
 * A library that has been opened, with its flags loaded. `loop` makes the loop that is measured, null where there is nothing to
 * ask; a library that is `anonymous` can also be asked without a user.
 * @template User
 * @typedef {{
 *   readonly largestList?: number
 *   readonly user: (id: string) => User
 *   readonly close?: () => unknown
 * } & (
 *   | { readonly anonymous: true, readonly loop: (flag: string, users: readonly User[] | null) => Loop | null }
 *   | { readonly anonymous?: never, readonly loop: (flag: string, users: readonly User[]) => Loop | null }
 * )} OpenedLibrary
 */

/**
 * `build` is the folder of a checkout of Sluice other than this one.
 * @typedef {{ readonly strict?: boolean, readonly request?: boolean, readonly tests?: number, readonly build?: string }} LibraryOptions
 */

/** @typedef {{ readonly name: string, readonly module: URL, readonly options?: LibraryOptions }} Library */

const floors = new URL('floors.js', import.meta.url)
const sluice = new URL('sluice.js', import.meta.url)

/**
 * Sluice in each of the ways that are timed.
 * @type {readonly Library[]}
 */
export const waysOfSluice = [
  { name: 'sluice', module: sluice },
  { name: 'sluice, strict', module: sluice, options: { strict: true } },
  { name: 'sluice, withRequest', module: sluice, options: { request: true } },
]

/**
 * Checks inside of a test, whose stubs lie over what is stored: of the only one that runs, and of one of several, where each check has to
 * find out which one it belongs to. Not among the ways that are timed beside another build, which may have no scopes.
 * @type {readonly Library[]}
 */
export const sluiceInTests = [
  { name: 'sluice, in a test', module: sluice, options: { strict: true, tests: 1 } },
  { name: 'sluice, in one of two tests', module: sluice, options: { strict: true, tests: 2 } },
]

/** @type {readonly Library[]} */
export const libraries = [
  { name: 'floor', module: floors },
  ...waysOfSluice,
  ...sluiceInTests,
  { name: 'fflip', module: peer('fflip') },
  { name: 'flagd-core', module: peer('flagd') },
  { name: 'unleash-client', module: peer('unleash') },
  { name: 'GrowthBook', module: peer('growthbook') },
  { name: 'LaunchDarkly', module: peer('launchdarkly') },
]

/** @param {string} file */
function peer(file) {
  return new URL(`../peers/${file}.js`, import.meta.url)
}
