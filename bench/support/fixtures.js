// What every library is given: 1,000 flags with a quarter of the actors and five ids each, and the flags that are asked.

/** How many flags are loaded beside those that are asked. */
export const crowdSize = 1_000

/** The share of actors a rollout opens to. */
export const rolloutPercentage = 25

/** Sizes of the lists of ids. */
export const listSizes = [10, 10_000, 100_000]
/** Those that are asked of libraries which look through a list one by one. */
export const peerListSizes = [10, 10_000]

/** How many actors ask in turn. */
const askers = 1_000

/** How many flags of each kind are asked: where a Map keeps a name is luck, new in every process, and shows in a look-up. */
const namesEach = 16

/** The flags that are asked in turn, beside `list_<size>`. */
export const names = { off: many('off'), on: many('on'), rollout: many('rollout'), unknown: many('unknown') }

/** @param {string} kind */
function many(kind) {
  return Array.from({ length: namesEach }, (_, index) => interned(`bench_${kind}_${index + 1}`))
}

/** A logger that says nothing. */
export const silent = { debug() {}, info() {}, warn() {}, error() {} }

/**
 * The text as it would be in source code, where V8 keeps each once.
 * @param {string} text
 */
function interned(text) {
  return Object.keys({ [text]: null })[0]
}

/**
 * The flags that are asked in the middle of the crowd, by name too: a Map is quickest with what came last.
 * @template T
 * @param {readonly T[]} crowded
 * @param {readonly T[]} asked
 */
export function amidst(crowded, asked) {
  const half = crowded.length >> 1
  return [...crowded.slice(0, half), ...asked, ...crowded.slice(half)]
}

/**
 * The name of the flag that is open to a list of that many ids.
 * @param {number} size
 */
export function listName(size) {
  return interned(`bench_list_${size}`)
}

/**
 * The ids on a list of that size.
 * @param {number} size
 */
export function listOf(size) {
  return Array.from({ length: size }, (_, index) => `User:${index + 1}`)
}

/** A flag of every crowd, with the ids from `User:35` to `User:39`. */
export const oneOfCrowd = 'a_crowd_flag_7'

/** Names and ids of the flags that nobody asks for: a half of them sorts before those that are asked, and a half behind. */
export function crowd(size = crowdSize) {
  return Array.from({ length: size }, (_, index) => ({
    name: `${index < size / 2 ? 'a' : 'z'}_crowd_flag_${index}`,
    ids: Array.from({ length: 5 }, (_, nth) => `User:${index * 5 + nth}`),
  }))
}

/**
 * Ids spread evenly over a list of that size, as texts other than the list's own.
 * @param {number} size
 */
export function hits(size) {
  const count = Math.min(size, askers)
  return Array.from({ length: count }, (_, index) => flat(`User:${1 + Math.floor((index * size) / count)}`))
}

/**
 * As many ids that are on no list.
 * @param {number} size
 */
export function misses(size) {
  return Array.from({ length: Math.min(size, askers) }, (_, index) => flat(`User:${5_000_000 + index}`))
}

/**
 * Ids for the rollout.
 * @param {number} size
 */
export function population(size) {
  return Array.from({ length: size }, (_, index) => flat(`User:${12_345 + index}`))
}

/**
 * A joined text is flattened at its first use; one out of a buffer is flat from the start, as out of a request.
 * @param {string} text
 */
function flat(text) {
  return Buffer.from(text).toString('latin1')
}
