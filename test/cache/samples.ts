// What the tests of the caches write, and what they hear.
import { createHash, randomUUID } from 'node:crypto'
import { vi } from 'vitest'
import type { Cache, CachedState, CacheEvents, Hint, Pointer, WaitRequest } from '../../lib/cache/cache.js'
import { makeSealer } from '../../lib/store/sealed.js'
import type { Position, StoredFeature } from '../../lib/store/store.js'

/** A guard against hanging, not a goal. */
export const patience = { timeout: 20_000, interval: 5 }

/** Waits until nothing is thrown and the answer is not false. */
export function until(condition: () => unknown): Promise<void> {
  return vi.waitFor(async () => {
    if ((await condition()) === false) throw new Error(`waited in vain for: ${condition}`)
  }, patience)
}

export function position(version: number): Position {
  return { version: String(version), nonce: randomUUID() }
}

/** The database of the test; each has its own, so that tests may share a server. */
export let identity = randomUUID().replaceAll('-', '')

export function renewIdentity(): void {
  identity = randomUUID().replaceAll('-', '')
}

export const unsigned = makeSealer(null)
export const secret = 'a secret of the tests that is long enough for them'
export const signed = makeSealer(secret)
/** Among whom the samples are told. */
export const circle = {
  sealer: unsigned,
  get identity() {
    return identity
  },
}

export function feature(key: string, actors: readonly string[] = ['User:1']): StoredFeature {
  return { key, gates: new Map([['actors', actors]]) }
}

export function state(at: Position, features: readonly StoredFeature[] = [feature('a_flag')]): CachedState {
  const digest = createHash('sha256').update(JSON.stringify(features.map(({ key, gates }) => [key, ...gates])))
  return { position: at, identity, digest: digest.digest('hex'), inRecovery: false, features }
}

/** The pointer that names the state. */
export function pointerTo({ position: at, digest }: CachedState): Pointer {
  return { position: at, digest, text: '' }
}

/** Claims, as it were reads Postgres, and writes. */
export async function write(cache: Cache, written: CachedState, expected: Pointer | null): Promise<boolean> {
  const claim = await cache.claimBlob(written.identity, expected)
  return (await claim?.write(written)) ?? false
}

export function hint(from: Position, to: Position, changed: Hint['changed'] = new Map()): Hint {
  return { from, via: [], to, changed }
}

export interface Heard extends CacheEvents {
  readonly hints: Hint[]
  readonly differences: (readonly string[] | null)[]
  readonly waits: WaitRequest[]
  unsureCount(): number
}

/** Keeps all that is heard. */
export function ears(): Heard {
  const hints: Hint[] = []
  const differences: (readonly string[] | null)[] = []
  const waits: WaitRequest[] = []
  let unsure = 0
  return {
    hints,
    differences,
    waits,
    unsureCount: () => unsure,
    hint: (heard) => void hints.push(heard),
    difference: (names) => void differences.push(names),
    wait: (request) => void waits.push(request),
    unsure: () => {
      unsure += 1
    },
  }
}
