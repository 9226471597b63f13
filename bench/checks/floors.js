// The least that an answer can cost: a Map or a Set and nothing around it.
import { amidst, crowd, listName, listOf, listSizes, names, rolloutPercentage } from '../support/fixtures.js'

const buckets = 100_000
const table = Int32Array.from({ length: 256 }, (_, index) => {
  let value = index
  for (let bit = 0; bit < 8; bit++) value = value & 1 ? (value >>> 1) ^ 0xedb88320 : value >>> 1
  return value
})

/**
 * @typedef {{ readonly answer: boolean, readonly state: number, readonly threshold: number }} Entry
 * @typedef {{ readonly flipperId: string }} Actor
 */

/**
 * Every flag that is asked is there, except those that nobody has defined.
 * @typedef {{ get(name: string): Entry }} Flags
 */

/** @returns {import('./libraries.js').OpenedLibrary<Actor>} */
export function open() {
  const threshold = (rolloutPercentage / 100) * buckets
  /**
   * @param {string} name
   * @param {boolean} answer
   * @returns {[string, Entry]}
   */
  const entry = (name, answer) => [name, { answer, state: stateAfter(name, -1), threshold }]
  const crowded = crowd().map(({ name }) => entry(name, false))
  const asked = [...names.off, ...names.on, ...names.rollout].map((name) => entry(name, names.on.includes(name)))
  const flags = /** @type {Flags} */ (new Map(amidst(crowded, asked)))
  const lists = new Map(listSizes.map((size) => [listName(size), new Set(listOf(size))]))
  return {
    anonymous: true,
    largestList: Number.POSITIVE_INFINITY,
    user: (id) => ({ flipperId: id }),
    loop(flag, actors) {
      if (actors === null) return names.unknown.includes(flag) ? missing(flags, flag) : answered(flags, flag)
      const list = lists.get(flag)
      return list === undefined ? rolledOut(flags, flag, actors) : listed(list, actors)
    },
  }
}

/**
 * `Map.get` and one property.
 * @param {Flags} flags
 * @param {string} name
 */
function answered(flags, name) {
  return (/** @type {number} */ count) => {
    let yes = 0
    for (let index = 0; index < count; index++) if (flags.get(name).answer) yes++
    return yes
  }
}

/**
 * `Map.get` of what is not there.
 * @param {Flags} flags
 * @param {string} name
 */
function missing(flags, name) {
  return (/** @type {number} */ count) => {
    let yes = 0
    for (let index = 0; index < count; index++) if (flags.get(name) !== undefined) yes++
    return yes
  }
}

/**
 * The check by hand: `Map.get`, CRC-32 of the id from the state after the flag's name, compare.
 * @param {Flags} flags
 * @param {string} name
 * @param {readonly Actor[]} actors
 */
function rolledOut(flags, name, actors) {
  return (/** @type {number} */ count) => {
    let yes = 0
    for (let index = 0, at = 0; index < count; index++) {
      const flag = flags.get(name)
      if ((~stateAfter(actors[at].flipperId, flag.state) >>> 0) % 100_000 < flag.threshold) yes++
      if (++at === actors.length) at = 0
    }
    return yes
  }
}

/**
 * `Set.has`.
 * @param {ReadonlySet<string>} list
 * @param {readonly Actor[]} actors
 */
function listed(list, actors) {
  return (/** @type {number} */ count) => {
    let yes = 0
    for (let index = 0, at = 0; index < count; index++) {
      if (list.has(actors[at].flipperId)) yes++
      if (++at === actors.length) at = 0
    }
    return yes
  }
}

/**
 * @param {string} text
 * @param {number} state
 */
function stateAfter(text, state) {
  let crc = state
  for (let index = 0; index < text.length; index++) crc = (crc >>> 8) ^ table[(crc ^ text.charCodeAt(index)) & 0xff]
  return crc
}
