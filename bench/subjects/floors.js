// The least that an answer can cost: a Map or a Set and nothing around it.
import { crc32 as zlibCrc32 } from 'node:zlib'
import { amidst, crowd, listName, listOf, listSizes, names, rolloutPercentage } from '../world.js'

const buckets = 100_000
const table = Int32Array.from({ length: 256 }, (_, index) => {
  let value = index
  for (let bit = 0; bit < 8; bit++) value = value & 1 ? (value >>> 1) ^ 0xedb88320 : value >>> 1
  return value
})

export function open() {
  const threshold = (rolloutPercentage / 100) * buckets
  const entry = (name, answer) => [name, { answer, state: stateAfter(name, -1), threshold }]
  const crowded = crowd().map(({ name }) => entry(name, false))
  const asked = [...names.off, ...names.on, ...names.rollout].map((name) => entry(name, names.on.includes(name)))
  const flags = new Map(amidst(crowded, asked))
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

/** `Map.get` and one property. */
function answered(flags, name) {
  return (count) => {
    let yes = 0
    for (let index = 0; index < count; index++) if (flags.get(name).answer) yes++
    return yes
  }
}

/** `Map.get` of what is not there. */
function missing(flags, name) {
  return (count) => {
    let yes = 0
    for (let index = 0; index < count; index++) if (flags.get(name) !== undefined) yes++
    return yes
  }
}

/** The check by hand: `Map.get`, CRC-32 of the id from the state after the flag's name, compare. */
function rolledOut(flags, name, actors) {
  return (count) => {
    let yes = 0
    for (let index = 0, at = 0; index < count; index++) {
      const flag = flags.get(name)
      if ((~stateAfter(actors[at].flipperId, flag.state) >>> 0) % 100_000 < flag.threshold) yes++
      if (++at === actors.length) at = 0
    }
    return yes
  }
}

/** `Set.has`. */
function listed(list, actors) {
  return (count) => {
    let yes = 0
    for (let index = 0, at = 0; index < count; index++) {
      if (list.has(actors[at].flipperId)) yes++
      if (++at === actors.length) at = 0
    }
    return yes
  }
}

function stateAfter(text, state) {
  let crc = state
  for (let index = 0; index < text.length; index++) crc = (crc >>> 8) ^ table[(crc ^ text.charCodeAt(index)) & 0xff]
  return crc
}

/** The bucket of zlib, which the table's must be equal to. */
export function zlibBucket(name, id) {
  return zlibCrc32(name + id) % buckets
}
