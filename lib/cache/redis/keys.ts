// The names of everything that is kept in Redis. Each holds the format's number, so that versions that write otherwise
// never read each other, and the identity of the database, so that installations never do. What is signed has other names
// than what is not, so that processes with and without a secret never overwrite each other.
import { packedFormat } from '../../state/packed-state.js'
import type { Pointer } from '../cache.js'

export interface RedisKeys {
  /** What all of them begin with. */
  readonly start: string
  /** The databases that processes have found at this address, by the time they were last seen. */
  directory(address: string): string
  of(identity: string): DatabaseKeys
}

/** What belongs to one database. */
export interface DatabaseKeys {
  /** The newest blob's position and digest. */
  readonly pointer: string
  /** The process that holds it may write a blob; it ends by itself. */
  readonly claim: string
  /** The channel of hints, differences and wait requests. */
  readonly channel: string
  /** The processes that are alive, by the time of their last beat. */
  readonly members: string
  blob(named: Pick<Pointer, 'position' | 'digest'>): string
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
        acknowledged: (id) => `${own}ack:${id}`,
      }
    },
  }
}
