// The checks that are timed. Each is a loop that counts how often the answer was yes, so that every timed round also
// shows that the answers are right, and no answer can be optimised away.
import { hits, listName, listSizes, misses, names, population, rolloutPercentage } from '../support/fixtures.js'

/**
 * @typedef {object} Case
 * @property {string} name
 * @property {readonly string[]} flags that are asked in turn
 * @property {readonly string[] | null} ids of the actors that ask in turn; null for a check without an actor
 * @property {number} size of the flag's list; 0 where it has none
 * @property {number} share of the answers that are yes
 * @property {number} spread how far from the share the answers may be
 */

const slack = 0.03

/** @type {readonly Case[]} */
export const cases = [
  { name: 'off', flags: names.off, ids: null, size: 0, share: 0, spread: 0 },
  { name: 'on', flags: names.on, ids: null, size: 0, share: 1, spread: 0 },
  { name: 'unknown', flags: names.unknown, ids: null, size: 0, share: 0, spread: 0 },
  {
    name: `${rolloutPercentage} % of actors`,
    flags: names.rollout,
    ids: population(10_000),
    size: 0,
    share: rolloutPercentage / 100,
    spread: slack,
  },
  ...listSizes.flatMap((size) => [
    { name: `${label(size)} ids, hit`, flags: [listName(size)], ids: hits(size), size, share: 1, spread: 0 },
    { name: `${label(size)} ids, miss`, flags: [listName(size)], ids: misses(size), size, share: 0, spread: 0 },
  ]),
]

/**
 * `10,000` for 10000.
 * @param {number} count
 */
function label(count) {
  return count.toLocaleString('en')
}

/**
 * Null where that many answers of yes are right, otherwise what is wrong. A rollout is judged over many actors only.
 * @param {Case} which
 * @param {number} yes
 * @param {number} asked
 */
export function fault(which, yes, asked) {
  const share = yes / asked
  if (which.spread > 0 && asked < (which.ids?.length ?? 0)) return null
  if (Math.abs(share - which.share) <= which.spread) return null
  return `"${which.name}" answered yes ${yes} times of ${asked}, expected a share of ${which.share}`
}
