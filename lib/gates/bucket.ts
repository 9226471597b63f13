// Which of 100,000 buckets an actor falls into (Flipper: lib/flipper/gates/percentage_of_actors.rb, `SCALING_FACTOR`).
//
// The number stands here as a literal and not as a constant that other files import: V8 divides by a literal with a
// multiplication, and by anything read from another module with a division, which shows in every check.
import { crc32Finish, crc32State } from './crc32.js'

/** `crc32(name + id) % 100000`, from the CRC state after the name. No separator between the two. */
export function actorBucket(stateAfterName: number, id: string): number {
  return crc32Finish(crc32State(id, stateAfterName)) % 100_000
}

/** The buckets below this are open: three decimals of a percentage count. Compared as a number, fraction and all. */
export function bucketThreshold(percentage: number): number {
  return percentage * 1_000
}

/** Whether the actor's bucket is below the threshold. */
export function bucketIsOpen(threshold: number, stateAfterName: number, id: string): boolean {
  return threshold >= 100_000 || (threshold > 0 && actorBucket(stateAfterName, id) < threshold)
}
