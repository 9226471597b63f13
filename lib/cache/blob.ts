// What a blob holds: a packed state, and the limits of its size. What comes out belongs where it was found, or is nothing.
import { errorText } from '../errors.js'
import { type PackableState, packState, unpackState } from '../store/packed-state.js'
import { type Position, type StoredState, samePosition } from '../store/store.js'

/** Six times the largest snapshot that may be written by default. Larger states are read from Postgres. */
const largestBlob = 128 * 1024 * 1024
/** More than this is neither sent nor fetched. */
export const largestPackedBlob = 32 * 1024 * 1024

export interface BlobPlace {
  readonly namespace: string
  readonly position: Position
  /** Null where it is not known from which database it should be. */
  readonly databaseId: string | null
}

/** The bytes of a blob. Throws an Error that says how large a state may be. */
export async function packBlob(state: PackableState): Promise<Buffer> {
  const packed = await packState(state, { largestBytes: largestBlob })
  if (packed.length <= largestPackedBlob) return packed
  throw new Error(`packed, the state has more than ${largestPackedBlob} bytes`)
}

/** The state in a blob, or what is wrong with it. */
export async function unpackBlob(packed: Buffer, place: BlobPlace): Promise<StoredState | string> {
  if (packed.length > largestPackedBlob) return 'it is too large'
  const unpacked = await unpack(packed)
  if (typeof unpacked === 'string') return unpacked
  const { namespace, ...state } = unpacked
  if (namespace !== place.namespace) return `it belongs to the namespace ${JSON.stringify(namespace.slice(0, 64))}`
  if (!samePosition(state.position, place.position)) return 'it holds the state of another position'
  if (place.databaseId !== null && state.databaseId !== place.databaseId) return 'it comes from another database'
  return state
}

async function unpack(packed: Buffer): Promise<PackableState | string> {
  try {
    return await unpackState(packed, { largestBytes: largestBlob })
  } catch (error) {
    return errorText(error)
  }
}
