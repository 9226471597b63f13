// The state in the cache for a boot, and the database that it belongs to.
import type { CachedState, Found } from '../../cache/cache.js'
import type { StoreReader } from '../../store/store.js'
import { atMost, type Clock } from '../../time/clock.js'
import type { Entry, Keyed } from '../content.js'
import type { SnapshotCopy } from '../snapshot.js'
import type { Peers } from './peers.js'

export interface BootQuestion<Item extends Keyed, Held extends Entry<Item>> {
  readonly peers: Peers<Item, Held>
  readonly store: Pick<StoreReader<Item>, 'head'>
  readonly disk: SnapshotCopy<Item, Held> | null
  readonly clock: Clock
  readonly cacheDeadlineMs: number | undefined
  readonly bootDeadlineMs: number | undefined
}

export interface BootState<Item> {
  /** Null if there is none, or if the database is not known. */
  readonly state: CachedState<Item> | null
  /** The cache's answer after the boot has given up on it; null if it answered in time. */
  readonly late: Promise<Found<Item>> | null
}

/** The newest state in the cache of this database. Never rejects. */
export async function findState<Item extends Keyed, Held extends Entry<Item>>(
  question: BootQuestion<Item, Held>,
): Promise<BootState<Item>> {
  const { peers, cacheDeadlineMs = 250 } = question
  const { found, late } = await peers.find(cacheDeadlineMs)
  if (found === null || found.identities.length < 2) return { state: found?.state ?? null, late }
  const identity = await ownIdentity(question, found.identities)
  return { state: identity === null ? null : await peers.readNewest(identity), late }
}

/** Several databases were seen at this address: the disk's copy names the own one, otherwise the store does. */
async function ownIdentity<Item extends Keyed, Held extends Entry<Item>>(
  { store, disk, clock, bootDeadlineMs = 1_000 }: BootQuestion<Item, Held>,
  identities: readonly string[],
): Promise<string | null> {
  const kept = (await disk?.load(null))?.identity ?? null
  if (kept !== null && identities.includes(kept)) return kept
  const asked: { identity: string | null } = { identity: null }
  const head = store.head(null, { guard: false }).then(
    ({ identity }) => {
      asked.identity = identity
    },
    () => {}, // The refresh that follows meets the same error, and reports it.
  )
  await atMost(clock, bootDeadlineMs, head)
  return asked.identity
}
