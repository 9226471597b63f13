// The names of everything that is kept in Redis. Each holds the format's number, so that versions that write otherwise
// never read each other, and the namespace, so that applications never do.
import { packedFormat } from '../store/packed-state.js'
import type { Position } from '../store/store.js'

export interface RedisKeys {
  /** The newest blob's position. */
  readonly pointer: string
  /** Whoever holds it may write a blob; it ends by itself. */
  readonly claim: string
  /** The channel of hints and wait requests. */
  readonly channel: string
  /** The processes that are alive, by the time of their last beat. */
  readonly members: string
  /** What the keys of all blobs begin with. */
  readonly blobs: string
  blob(position: Position): string
  /** The processes that have acknowledged a wait request. */
  acknowledged(id: string): string
}

export function redisKeys(namespace: string): RedisKeys {
  const start = `sluice:${packedFormat}:${namespace}`
  return {
    pointer: `${start}:pointer`,
    claim: `${start}:blob-claim`,
    channel: `${start}:hints`,
    members: `${start}:members`,
    blobs: `${start}:blob:`,
    blob: ({ version, nonce }) => `${start}:blob:${version}:${nonce}`,
    acknowledged: (id) => `${start}:ack:${id}`,
  }
}
