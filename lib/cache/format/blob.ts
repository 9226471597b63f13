// The content of a blob: a packed state, and the limits of its size. A state read from it belongs to the place where it was
// found; otherwise it is refused.
import { errorText } from '../../errors.js'
import { digestOf } from '../../state/digest.js'
import { packState, type UnpackedState, unpackState } from '../../state/packed-state.js'
import type { Sealer } from '../../state/sealed.js'
import { samePosition } from '../../state/state.js'
import type { CachedState, Pointer } from '../cache.js'

/** Six times the largest snapshot that may be written by default. Larger states are read from Postgres. */
const largestBlob = 128 * 1024 * 1024
/** More bytes than this are neither sent nor fetched. */
export const largestPackedBlob = 32 * 1024 * 1024

/** The place of a blob: its key names all three. */
export interface BlobPlace extends Pick<Pointer, 'position' | 'digest'> {
  readonly identity: string
}

function optionsFor(sealer: Sealer, identity: string) {
  return { purpose: 'blob', owner: identity, sealer, largestBytes: largestBlob } as const
}

/**
 * The bytes of a blob. Throws an Error that names the largest size of a state, or says that no process would believe this one.
 */
export async function packBlob(sealer: Sealer, address: string, state: CachedState): Promise<Buffer> {
  if ((await digestOf(state.items)) !== state.digest) throw new Error('the content does not have its digest')
  const packed = await packState({ ...state, address }, optionsFor(sealer, state.identity))
  if (packed.length <= largestPackedBlob) return packed
  throw new Error(`packed, the state has more than ${largestPackedBlob} bytes`)
}

/** The state in a blob, or the reason why it cannot be used. */
export async function unpackBlob(sealer: Sealer, packed: Buffer, place: BlobPlace): Promise<CachedState | string> {
  if (packed.length > largestPackedBlob) return 'it is too large'
  const unpacked = await unpack(sealer, packed, place.identity)
  if (typeof unpacked === 'string') return unpacked
  const { address: _writer, position, contentDigest, ...state } = unpacked
  if (state.identity !== place.identity) return 'it comes from another database'
  if (!samePosition(position, place.position)) return 'it holds the state of another position'
  if (state.digest !== place.digest) return 'it holds another state of this position'
  // The digest is in the pointer and in the key, and the store computes it too: no other content can be stored under a real
  // one.
  if (contentDigest !== place.digest) return 'its content does not have the digest that it names'
  return { ...state, ...place }
}

async function unpack(sealer: Sealer, packed: Buffer, identity: string): Promise<UnpackedState | string> {
  try {
    return await unpackState(packed, optionsFor(sealer, identity))
  } catch (error) {
    return errorText(error)
  }
}
