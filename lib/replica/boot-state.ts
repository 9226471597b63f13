// What the cache has for a boot, and of which database.
import type { CachedState, Found } from '../cache/cache.js'
import type { Store } from '../store/store.js'
import { atMost, type Clock } from '../time/clock.js'
import type { DiskCopy } from './disk/copy.js'
import type { Exchange } from './peers/exchange.js'

export interface BootQuestion {
  readonly exchange: Exchange
  readonly store: Store
  readonly disk: DiskCopy | null
  readonly clock: Clock
  /** Told what the cache said after the boot had given up on it. */
  readonly late: (found: Found) => void
  readonly cacheDeadlineMs: number | undefined
  readonly bootDeadlineMs: number | undefined
}

/** The newest state that the cache has of this database; null for none, and where it is not known which database it is. Never rejects. */
export async function findState(question: BootQuestion): Promise<CachedState | null> {
  const { exchange, late, cacheDeadlineMs = 250 } = question
  const found = await exchange.find(cacheDeadlineMs, late)
  if (found === null || found.identities.length < 2) return found?.state ?? null
  const identity = await ownIdentity(question, found.identities)
  return identity === null ? null : exchange.readNewest(identity)
}

/** Several databases were seen at this address: the disk's copy says which is the own one, otherwise the store does. */
async function ownIdentity(question: BootQuestion, identities: readonly string[]): Promise<string | null> {
  const { store, disk, clock, bootDeadlineMs = 1_000 } = question
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
