// The bucket of an actor, one of 100,000 (Flipper: lib/flipper/gates/percentage_of_actors.rb, `SCALING_FACTOR`).
//
// Do not change this formula, not even to make it better. The remainder is not quite fair: 2^32 is not a multiple of 100,000.
// So each of the buckets 0 to 67,295 stands for 42,950 checksums and each of the others for 42,949, a difference of one in
// 43,000. A fair formula would put nearly every actor into another bucket. For a flag at 25 %, three quarters of the people
// who have the feature would lose it and as many others would get it, in every flag at once, and no entry in the history
// would say why. A Rails application on the same tables would keep the old buckets. test/vectors/ holds the gem's results.
//
// The number stands here as a literal and not as a constant that other files import: V8 divides by a literal with a
// multiplication, and by a value from another module with a division, which makes every check measurably slower.
import { crc32Finish, crc32State } from './crc32.js'

/** `crc32(name + id) % 100000`, from the CRC state after the name. No separator between the two. */
export function actorBucket(stateAfterName: number, id: string): number {
  return crc32Finish(crc32State(id, stateAfterName)) % 100_000
}

/** The buckets below this are open: three decimals of a percentage count. Compared as a number, including its fraction. */
export function bucketThreshold(percentage: number): number {
  return percentage * 1_000
}

/** Whether the actor's bucket is below the threshold. */
export function bucketIsOpen(threshold: number, stateAfterName: number, id: string): boolean {
  return threshold >= 100_000 || (threshold > 0 && actorBucket(stateAfterName, id) < threshold)
}
