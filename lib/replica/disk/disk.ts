// The last good snapshot on disk: a process starts from it while Postgres cannot be reached. The content is not trusted:
// lib/state/packed-state.ts checks mark, size and shape before any of it is used, and this file refuses the content of another
// database or address.
import { type PackableState, packState, unpackState } from '../../state/packed-state.js'
import type { Sealer } from '../../state/sealed.js'
import { type DiskFiles, diskFiles, largestPackedFile, readFileAt, writeFileAt } from './file.js'

/** Far above the largest state that may be stored by default; some kilobytes may claim to inflate to gigabytes. */
const largestBytes = 512 * 1024 * 1024

export type DiskState = PackableState

/** The owner of the state that the file must hold. */
export interface DiskOwner {
  readonly address: string
  /** Null if it is not known yet. */
  readonly identity: string | null
  readonly sealer: Sealer
}

function optionsFor({ address, sealer }: Pick<DiskOwner, 'address' | 'sealer'>) {
  return { purpose: 'disk', owner: address, sealer, largestBytes } as const
}

/** The bytes of the file. Throws an Error for a state that is too large. */
export async function packDisk(state: DiskState, sealer: Sealer): Promise<Buffer> {
  const packed = await packState(state, optionsFor({ address: state.address, sealer }))
  if (packed.length <= largestPackedFile) return packed
  throw new Error(`packed, the state has more than ${largestPackedFile} bytes`)
}

/** The state in the file. Throws an Error that says why it cannot be used. */
export async function unpackDisk(packed: Buffer, owner: Pick<DiskOwner, 'address' | 'sealer'>): Promise<DiskState> {
  const { contentDigest: _, ...state } = await unpackState(packed, optionsFor(owner))
  return state
}

/** Throws an Error that names the difference if the state is another owner's. */
export function assertOwn(state: DiskState, { address, identity }: Pick<DiskOwner, 'address' | 'identity'>): void {
  if (state.address !== address) {
    throw new Error(`it belongs to another address (${shown(state.address)}; here it is ${shown(address)})`)
  }
  if (identity !== null && state.identity !== identity) {
    throw new Error(
      `it belongs to another database (${shown(state.identity ?? 'none')}; here it is ${shown(identity)})`,
    )
  }
}

/** Writes the state. Throws the file system's error. */
export async function writeDisk(
  path: string,
  state: DiskState,
  sealer: Sealer,
  files: DiskFiles = diskFiles,
): Promise<void> {
  await writeFileAt(files, path, await packDisk(state, sealer))
}

/** Reads the state back; null if there is no file. Throws an Error that says why a file cannot be used. */
export async function readDisk(
  path: string,
  owner: DiskOwner,
  files: DiskFiles = diskFiles,
): Promise<DiskState | null> {
  const file = await readFileAt(files, path)
  if (file === null) return null
  const state = await unpackDisk(file.bytes, owner)
  assertOwn(state, owner)
  return state
}

function shown(name: string): string {
  return JSON.stringify(name.slice(0, 64))
}
