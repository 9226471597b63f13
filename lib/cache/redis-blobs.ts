// The blobs, each the whole state at one position, and the pointer to the newest one.
//
// A blob never changes, so it cannot be stale; only the pointer moves, and only from the value that the mover had read
// before it read the primary: whoever comes late with an older state finds another value there and leaves it.
//
// What cannot be read (garbage, another type of key, a pointer to a blob that is gone) counts as missing, and is then
// replaced like something missing: `#broken` remembers what exactly was seen, so that the move still compares.
import { errorText } from '../errors.js'
import type { PackableState } from '../store/packed-state.js'
import { type Position, type StoredState, samePosition } from '../store/store.js'
import { largestPackedBlob, packBlob, unpackBlob } from './blob.js'
import type { Pointer } from './cache.js'
import type { Faults } from './faults.js'
import { parsePointer, pointerText } from './pointer.js'
import type { RedisConnection } from './redis-connection.js'
import { isWrongType } from './redis-failure.js'
import type { RedisKeys } from './redis-keys.js'
import type { RedisTimings } from './redis-timings.js'

/** A pointer has about 160 bytes; more than this is never fetched. */
const largestPointer = 512
const noText = 'its key holds no text'

/** The pointer as it is compared: cut, and empty where there is none or a key of another type. */
const readPointerLua = `
  local function pointer()
    if redis.call('type', KEYS[1]).ok ~= 'string' then return '' end
    return redis.call('getrange', KEYS[1], 0, ${largestPointer})
  end
`

/** The pointer and whether its blob is there, or (where asked for) the blob itself. The blob's key is in no list of keys. */
const newestLua = `${readPointerLua}
  local holds = redis.call('type', KEYS[1]).ok
  if holds ~= 'string' and holds ~= 'none' then return {} end
  local text = pointer()
  local version, nonce = string.match(text, '^%x+\\n(%d+):([%w-]+):')
  if not version then return { text } end
  local blob = ARGV[1] .. version .. ':' .. nonce
  local kind = redis.call('type', blob).ok
  if kind == 'none' then return { text } end
  if kind ~= 'string' or ARGV[2] == '0' then return { text, '' } end
  return { text, redis.call('getrange', blob, 0, ARGV[2]) }
`

/** A claim without an end, or with one too far away, is none of ours. */
const claimLua = `${readPointerLua}
  if pointer() ~= ARGV[1] then return 0 end
  local left = redis.call('pttl', KEYS[2])
  if left >= 0 and left <= tonumber(ARGV[2]) then return 0 end
  redis.call('set', KEYS[2], ARGV[3], 'px', ARGV[2])
  return 1
`

/** Blob and pointer change together: no pointer ever names a blob that was not written. */
const moveLua = `${readPointerLua}
  if pointer() ~= ARGV[1] then return 0 end
  redis.call('set', KEYS[2], ARGV[3])
  redis.call('set', KEYS[1], ARGV[2])
  if KEYS[3] ~= KEYS[2] then redis.call('pexpire', KEYS[3], ARGV[4]) end
  return 1
`

export interface BlobsOptions {
  readonly connection: RedisConnection
  readonly keys: RedisKeys
  readonly namespace: string
  readonly processName: string
  readonly faults: Faults
  readonly timings: RedisTimings
}

export class RedisBlobs {
  readonly #options: BlobsOptions
  /** The last pointer read, whether or not it could be used. */
  #seen: Pointer | null = null
  /** The raw pointer that could not be used; null while there is none or a good one. */
  #broken: Buffer | null = null
  /** The position whose blob was read and found to be no good. */
  #spoiled: Position | null = null

  constructor(options: BlobsOptions) {
    this.#options = options
  }

  /** Null for no pointer, or none that can be used. Throws what the connection throws. */
  async readPointer(): Promise<Pointer | null> {
    return (await this.#newest(0)).pointer
  }

  /** The state that the pointer names. Null for a miss. Throws what the connection throws. */
  async readNewest(): Promise<StoredState | null> {
    const { pointer, packed } = await this.#newest(largestPackedBlob)
    return pointer === null ? null : this.#unpack(pointer.position, packed.length === 0 ? null : packed)
  }

  /** Null for a miss. Throws what the connection throws. */
  async readBlob(position: Position): Promise<StoredState | null> {
    const packed = await this.#bytes(this.#options.keys.blob(position), largestPackedBlob)
    return packed !== null && packed.length === 0 ? null : this.#unpack(position, packed)
  }

  async #newest(largest: number): Promise<{ pointer: Pointer | null; packed: Buffer }> {
    const { connection, keys } = this.#options
    const answer: unknown = await connection.run('reading', (redis) =>
      redis.callBuffer('EVAL', newestLua, 1, keys.pointer, keys.blobs, largest),
    )
    const [text, packed]: unknown[] = Array.isArray(answer) ? answer : []
    const isThere = Buffer.isBuffer(packed)
    const pointer = this.#pointer(Buffer.isBuffer(text) ? text : null, isThere)
    return { pointer, packed: isThere ? packed : Buffer.alloc(0) }
  }

  /** `raw` is empty where there is no key, null where it holds no text. */
  #pointer(raw: Buffer | null, blobIsThere: boolean): Pointer | null {
    const { faults } = this.#options
    const pointer = raw === null ? null : parsePointer(raw.toString('latin1'))
    this.#seen = pointer
    this.#broken = null
    if (raw?.length === 0) {
      faults.healed('the pointer', 'the blob')
      return null
    }
    if (pointer === null) {
      this.#broken = raw
      faults.failed('the pointer', 'it holds something else than a position: it will be written again')
      return null
    }
    faults.healed('the pointer')
    if (samePosition(pointer.position, this.#spoiled)) return this.#unusable(pointer)
    faults.healed('the blob')
    return blobIsThere ? pointer : this.#unusable(pointer)
  }

  /** Null for a blob that cannot be used; `packed` is null where its key holds no text. */
  async #unpack(position: Position, packed: Buffer | null): Promise<StoredState | null> {
    const { namespace, faults } = this.#options
    const databaseId = samePosition(this.#seen?.position ?? null, position) ? (this.#seen?.databaseId ?? null) : null
    const state = packed === null ? noText : await unpackBlob(packed, { namespace, position, databaseId })
    if (typeof state !== 'string') {
      faults.healed('the blob')
      return state
    }
    this.#spoiled = position
    faults.failed('the blob', `it cannot be used (${state}): it will be written again`)
    return null
  }

  /** True when the pointer names the state now. Throws what the connection throws. */
  async writeBlob(state: StoredState, expected: Pointer | null): Promise<boolean> {
    const { connection, keys, namespace, processName, timings } = this.#options
    const { position, databaseId } = state
    if (position === null || databaseId === null) return false
    const text = pointerText(position, databaseId)
    if (expected?.text === text) return true
    const seen = expected === null ? (this.#broken ?? '') : expected.text
    const claimed = await connection.run(
      'writing',
      (redis) => redis.eval(claimLua, 2, keys.pointer, keys.claim, seen, timings.claimMs, processName),
      wroteSomething,
    )
    if (claimed !== 1) return false
    const packed = await this.#pack({ ...state, namespace })
    if (packed === null) return false
    const previous = this.#previousKey(expected, keys.blob(position))
    const moved = await connection.run(
      'writing',
      (redis) =>
        redis.eval(moveLua, 3, keys.pointer, keys.blob(position), previous, seen, text, packed, timings.keepMs),
      wroteSomething,
    )
    if (moved === 1) this.#written()
    return moved === 1
  }

  /** Empty where there is no key, null where it holds no text. */
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

  #unusable(pointer: Pointer): null {
    this.#broken = Buffer.from(pointer.text)
    return null
  }

  /** The blob that the pointer named until now, even where it could not be used. */
  #previousKey(expected: Pointer | null, blob: string): string {
    const previous = expected ?? (this.#broken === null ? null : parsePointer(this.#broken.toString('latin1')))
    return previous === null ? blob : this.#options.keys.blob(previous.position)
  }

  /** Null for a state that is too large for a blob: every process reads it from Postgres then. */
  async #pack(state: PackableState): Promise<Buffer | null> {
    const { faults } = this.#options
    try {
      const packed = await packBlob(state)
      faults.healed('a new blob')
      return packed
    } catch (error) {
      faults.failed('a new blob', `${errorText(error)}: it is read from Postgres by every process`)
      return null
    }
  }

  #written(): void {
    this.#broken = null
    this.#spoiled = null
    this.#options.faults.healed('the pointer', 'the blob')
  }
}

/** A script that leaves everything as it is runs on a full Redis too, and on one that is read-only. */
function wroteSomething(answer: unknown): boolean {
  return answer === 1
}
