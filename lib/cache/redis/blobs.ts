// The blobs, each the whole state of a database at one position, and the pointer to the newest one.
//
// A blob never changes, so it cannot be stale. Only the pointer moves, and only from the value that the mover had read before
// it read the primary: a process that comes late with an older state finds another value there and leaves it.
//
// Content that cannot be read (garbage, another type of key, a pointer to a blob that is gone) counts as missing, and is then
// replaced like a missing entry: `broken` remembers the exact bytes that were seen, so that the move still compares.
import { largestPackedBlob, unpackBlob } from '../format/blob.js'
import type { BlobClaim, CachedState, Found, Pointer } from '../cache.js'
import { parsePointer } from '../format/pointer.js'
import { type BlobsOptions, type Claim, claimBlob, writeBlob } from './blob-claim.js'
import { findLua, newestLua } from './blob-scripts.js'
import { isWrongType } from './failure.js'

const noText = 'its key holds no text'

/** The last look at one database's pointer. */
interface Seen {
  /** The raw pointer that could not be used; null if there is no pointer or a good one. */
  broken: Buffer | null
  /** The key of the blob that was read and could not be used. */
  spoiled: string | null
}

/** A script's answer about the newest blob; `packed` is null if the blob is missing, empty if it was not asked for. */
interface Newest {
  readonly pointer: Pointer | null
  readonly packed: Buffer | null
}

export class RedisBlobs {
  readonly #options: BlobsOptions
  readonly #seen = new Map<string, Seen>()

  constructor(options: BlobsOptions) {
    this.#options = options
  }

  /** The databases at the address, and the newest state if there is only one. Throws the errors of the connection. */
  async find(): Promise<Found> {
    const { connection, directory, keys } = this.#options
    const answer: unknown = await connection.run('reading', (redis) =>
      redis.callBuffer('EVAL', findLua, 1, directory.key, keys.start, largestPackedBlob),
    )
    const [entries, one, newest]: unknown[] = Array.isArray(answer) ? answer : []
    const identities = directory.read(Array.isArray(entries) ? entries.map(String) : [])
    const [identity, ...others] = identities
    if (identity === undefined || others.length > 0) return { identities, state: null }
    // Entries without a valid signature may have hidden from the script that there is only one.
    const found = String(one) === identity ? this.#newest(identity, newest) : null
    return {
      identities,
      state: await (found === null ? this.readNewest(identity) : this.#unpackNewest(identity, found)),
    }
  }

  /** Null for no pointer, or one that cannot be used. Throws the errors of the connection. */
  async readPointer(identity: string): Promise<Pointer | null> {
    const { pointer } = await this.#readNewest(identity, 0)
    if (pointer === null || this.#options.sealer.isCurrent(pointer.text.slice(0, pointer.text.indexOf('\n'))))
      return pointer
    // Signed with the secret that is being retired. Boots may still use it; it is written again before they cannot.
    return this.#unusable(identity, pointer)
  }

  /** The state that the pointer names. Null for a miss. Throws the errors of the connection. */
  async readNewest(identity: string): Promise<CachedState | null> {
    return this.#unpackNewest(identity, await this.#readNewest(identity, largestPackedBlob))
  }

  /** Null for a miss. Throws the errors of the connection. */
  async readBlob(identity: string, pointer: Pointer): Promise<CachedState | null> {
    const packed = await this.#bytes(this.#options.keys.of(identity).blob(pointer), largestPackedBlob)
    return packed !== null && packed.length === 0 ? null : this.#unpack(identity, pointer, packed)
  }

  /** Null if the pointer has moved, or another process has the claim. Throws the errors of the connection. */
  async claim(identity: string, expected: Pointer | null): Promise<BlobClaim | null> {
    const seen = expected === null ? (this.#of(identity).broken ?? '') : expected.text
    const claim = { identity, expected, seen, atMs: this.#options.clock.now() }
    if (!(await claimBlob(this.#options, claim))) return null
    return { write: (state) => this.#write(claim, state) }
  }

  forget(identity: string): void {
    this.#seen.delete(identity)
  }

  async #write(claim: Claim, state: CachedState): Promise<boolean> {
    try {
      const written = await writeBlob(this.#options, claim, state)
      if (written) this.#written(claim.identity)
      return written
    } catch {
      // Noted where it happened, and shown by status().
      return false
    }
  }

  async #readNewest(identity: string, largest: number): Promise<Newest> {
    const { connection, keys } = this.#options
    const { pointer } = keys.of(identity)
    const answer: unknown = await connection.run('reading', (redis) =>
      redis.callBuffer('EVAL', newestLua, 1, pointer, `${keys.start}${identity}:`, largest),
    )
    return this.#newest(identity, answer)
  }

  #newest(identity: string, answer: unknown): Newest {
    const [text, packed]: unknown[] = Array.isArray(answer) ? answer : []
    const isThere = Buffer.isBuffer(packed)
    return {
      pointer: this.#pointer(identity, Buffer.isBuffer(text) ? text : null, isThere),
      packed: isThere ? packed : null,
    }
  }

  /** `raw` is empty for a missing key, null for a key that holds no text. */
  #pointer(identity: string, raw: Buffer | null, blobIsThere: boolean): Pointer | null {
    const { faults, sealer } = this.#options
    const pointer = raw === null ? null : parsePointer(sealer, identity, raw.toString('latin1'))
    const seen = this.#of(identity)
    seen.broken = null
    if (raw?.length === 0) {
      faults.healed('the pointer', 'the blob')
      return null
    }
    if (pointer === null) {
      seen.broken = raw
      const what = sealer.signed ? 'it is not signed with FEATURE_CACHE_SECRET' : 'it does not hold a position'
      faults.failed('the pointer', `${what}: it will be written again`)
      return null
    }
    faults.healed('the pointer')
    if (this.#options.keys.of(identity).blob(pointer) === seen.spoiled) return this.#unusable(identity, pointer)
    faults.healed('the blob')
    return blobIsThere ? pointer : this.#unusable(identity, pointer)
  }

  async #unpackNewest(identity: string, { pointer, packed }: Newest): Promise<CachedState | null> {
    return pointer === null ? null : this.#unpack(identity, pointer, packed?.length === 0 ? null : packed)
  }

  /** Null for a blob that cannot be used; `packed` is null if its key holds no text. */
  async #unpack(identity: string, pointer: Pointer, packed: Buffer | null): Promise<CachedState | null> {
    const { sealer, faults, keys } = this.#options
    const { position, digest } = pointer
    const state = packed === null ? noText : await unpackBlob(sealer, packed, { identity, position, digest })
    if (typeof state !== 'string') {
      faults.healed('the blob')
      return state
    }
    this.#of(identity).spoiled = keys.of(identity).blob(pointer)
    faults.failed('the blob', `it cannot be used (${state}): it will be written again`)
    return null
  }

  /** Empty for a missing key, null for a key that holds no text. */
  async #bytes(key: string, largest: number): Promise<Buffer | null> {
    try {
      const bytes: unknown = await this.#options.connection.run('reading', (redis) =>
        redis.getrangeBuffer(key, 0, largest),
      )
      return Buffer.isBuffer(bytes) ? bytes : null
    } catch (error) {
      if (!isWrongType(error)) throw error
      this.#options.faults.healed('reading')
      return null
    }
  }

  #of(identity: string): Seen {
    const known = this.#seen.get(identity)
    if (known !== undefined) return known
    const seen = { broken: null, spoiled: null }
    this.#seen.set(identity, seen)
    return seen
  }

  #unusable(identity: string, pointer: Pointer): null {
    this.#of(identity).broken = Buffer.from(pointer.text)
    return null
  }

  #written(identity: string): void {
    this.#seen.delete(identity)
    this.#options.faults.healed('the pointer', 'the blob')
  }
}
