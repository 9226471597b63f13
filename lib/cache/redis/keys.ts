// The names of all keys in Redis. Each holds the format's number, so that versions with another format never read each other's,
// and the identity of the database, so that installations never do. Signed content has other names than unsigned, so that
// processes with and without a secret never overwrite each other's.
import { packedFormat } from '../../state/packed-state.js'
import type { Pointer } from '../cache.js'

export interface RedisKeys {
  /** The beginning of all of them. */
  readonly start: string
  /** The databases that processes have found at this address, by the time at which they were last seen. */
  directory(address: string): string
  of(identity: string): DatabaseKeys
}

/** The keys that belong to one database. */
export interface DatabaseKeys {
  /** The newest blob's position and digest. */
  readonly pointer: string
  /** The process that holds it may write a blob; it expires by itself. */
  readonly claim: string
  /** The channel of hints, differences and wait requests. */
  readonly channel: string
  /** The processes that are alive, by the time of their last beat. */
  readonly members: string
  blob(named: Pick<Pointer, 'position' | 'digest'>): string
  /** Bytes that are kept under a name. */
  kept(name: string): string
  /** The processes that have acknowledged a wait request. */
  acknowledged(id: string): string
}

export function redisKeys({ signed }: { readonly signed: boolean }): RedisKeys {
  const start = `sluice:${packedFormat}${signed ? 's' : ''}:`
  return {
    start,
    directory: (address) => `${start}at:${address}`,
    of: (identity) => {
      const own = `${start}${identity}:`
      return {
        pointer: `${own}pointer`,
        claim: `${own}blob-claim`,
        channel: `${own}hints`,
        members: `${own}members`,
        blob: ({ position, digest }) => `${own}blob:${position.version}:${position.nonce}:${digest}`,
        kept: (name) => `${own}kept:${name}`,
        acknowledged: (id) => `${own}ack:${id}`,
      }
    },
  }
}
