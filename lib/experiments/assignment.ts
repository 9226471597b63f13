// Which variant an actor gets, from the names of both alone. No store, no clock, no chance: each process computes the same.
//
// Do not change what is computed here: actors without a row would change their variants in the middle of every experiment, and those
// with a row would no longer find it.
//
// The hash is another one than that of the flag's gate for a percentage of actors. With the same, the actors that a rollout of 10 %
// lets in would be those with the lowest numbers, and all of them would get the same variant. MurmurHash3 takes the name of the
// experiment in with every bit, so that two experiments split the same actors independently; CRC-32 would not: of two names it gives
// numbers that differ by the same bits for all ids of one length.
import { hash } from 'node:crypto'
import { murmur3 } from '../project-flags/murmur3.js'
import { control, type Variants } from './variants.js'

/** Another one than SDKs of project flags have, whose texts look the same. */
const seed = 0x65787073
const points = 2 ** 32

/** The variant of an actor among those that have a weight. */
export function computedVariant(experiment: string, id: string, { weights, total }: Variants): string {
  // The name of a flag has no colon, so no two pairs make the same text.
  const point = (murmur3(`${experiment}:${id}`, 'utf8', seed) / points) * total
  let upTo = 0
  for (const { name, weight } of weights) {
    upTo += weight
    // Below and not up to: a weight of 0 gets no actor, and no variant gets one more point than its share.
    if (point < upTo) return name
  }
  return control
}

/** What stands for an actor in the store: 32 hexadecimal digits, the first half of the SHA-256 of its id. */
export function actorDigest(id: string): string {
  return hash('sha256', id).slice(0, 32)
}
