// Which of 100,000 buckets an actor falls into (Flipper: lib/flipper/gates/percentage_of_actors.rb, `SCALING_FACTOR`).
import { crc32Finish, crc32State } from './crc32.js'

/** Three decimals of a percentage can be told apart. */
export const bucketCount = 100_000

/** `crc32(name + id) % 100000`, from the CRC state after the name. No separator between the two. */
export function actorBucket(stateAfterName: number, id: string): number {
  return crc32Finish(crc32State(id, stateAfterName)) % bucketCount
}

/** The buckets below this are open; the percentage's fraction counts, so it is compared as a number. */
export function bucketThreshold(percentage: number): number {
  return percentage * 1_000
}
