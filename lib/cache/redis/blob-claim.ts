// The claim, which is the right to write a blob: taken before Postgres is read, used after it.
import { errorText } from '../../errors.js'
import type { Sealer } from '../../state/sealed.js'
import type { Clock } from '../../time/clock.js'
import { isDigest } from '../../state/state-json.js'
import { samePosition } from '../../state/state.js'
import { packBlob } from '../format/blob.js'
import type { CachedState, Pointer } from '../cache.js'
import type { Faults } from '../cache-health.js'
import { parsePointer, pointerText } from '../format/pointer.js'
import { claimLua, moveLua } from './blob-scripts.js'
import type { RedisConnection } from './connection.js'
import type { RedisDirectory } from './directory.js'
import type { RedisKeys } from './keys.js'
import { claimFactor, type RedisTimings } from '../timings.js'

export interface BlobsOptions {
  readonly connection: RedisConnection
  readonly keys: RedisKeys
  readonly sealer: Sealer
  readonly directory: RedisDirectory
  readonly address: string
  readonly processName: string
  readonly faults: Faults
  readonly timings: RedisTimings
  readonly clock: Clock
}

/** A claim as its holder remembers it. */
export interface Claim {
  readonly identity: string
  readonly expected: Pointer | null
  /** The text that the pointer must have, byte by byte: empty if there was no pointer. */
  readonly seen: string | Buffer
  readonly atMs: number
}

/**
 * Whether the claim was given: the pointer reads as seen, and no other process has the claim. Throws the errors of the
 * connection.
 */
export async function claimBlob(
  { connection, keys, processName, timings }: BlobsOptions,
  claim: Claim,
): Promise<boolean> {
  const own = keys.of(claim.identity)
  const { claimMs, longestClaimMs } = timings
  const given = await connection.run(
    'writing',
    (redis) => redis.eval(claimLua, 2, own.pointer, own.claim, claim.seen, claimMs, processName, longestClaimMs),
    wroteSomething,
  )
  return given === 1
}

/** True if the pointer names the state now. Throws the errors of the connection. */
export async function writeBlob(options: BlobsOptions, claim: Claim, state: CachedState): Promise<boolean> {
  const { connection, keys, sealer, processName, timings, clock } = options
  const { identity, expected, seen } = claim
  const { position, digest } = state
  if (state.identity !== identity || !isDigest(digest)) return false
  if (expected !== null && samePosition(expected.position, position) && expected.digest === digest) return true
  const packed = await pack(options, state)
  if (packed === null) return false
  const own = keys.of(identity)
  const blob = own.blob(state)
  const names = [own.pointer, blob, previousKey(options, claim, blob), own.claim]
  const text = pointerText(sealer, identity, state)
  const pauseMs = Math.min(Math.max(Math.ceil(claimFactor * (clock.now() - claim.atMs)), 1), timings.longestClaimMs)
  const moved = await connection.run(
    'writing',
    (redis) => redis.eval(moveLua, 4, ...names, seen, text, packed, timings.keepMs, pauseMs, processName),
    wroteSomething,
  )
  return moved === 1
}

/** The key of the blob that the pointer named until now, even if it could not be used. */
function previousKey({ keys, sealer }: BlobsOptions, { identity, expected, seen }: Claim, blob: string): string {
  const previous = expected ?? parsePointer(sealer, identity, seen.toString('latin1'))
  return previous === null ? blob : keys.of(identity).blob(previous)
}

/** Null for a state that is too large for a blob: every process then reads it from Postgres. */
async function pack({ faults, sealer, address }: BlobsOptions, state: CachedState): Promise<Buffer | null> {
  try {
    const packed = await packBlob(sealer, address, state)
    faults.healed('a new blob')
    return packed
  } catch (error) {
    faults.failed('a new blob', `${errorText(error)}: it is read from Postgres by every process`)
    return null
  }
}

/** A script that changes nothing also runs on a Redis that is full or read-only. */
function wroteSomething(answer: unknown): boolean {
  return answer === 1
}
