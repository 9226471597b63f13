// What the tests of the caches write, and what they hear.
import { createHash, randomUUID } from 'node:crypto'
import { vi } from 'vitest'
import type { Cache, CachedState, CacheEvents, Hint, Pointer, WaitRequest } from '../../lib/cache/cache.js'
import { makeSealer } from '../../lib/state/sealed.js'
import type { Position, StoredFeature } from '../../lib/state/state.js'

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
  const ordered = features.map(asStored).sort((a, b) => byBytes(a.key, b.key))
  return { position: at, identity, digest: digestText(ordered), inRecovery: false, items: ordered }
}

/** The values in the order in which a store gives them. */
function asStored({ key, gates }: StoredFeature): StoredFeature {
  return { key, gates: new Map([...gates].map(([gate, values]) => [gate, [...values].sort(byBytes)])) }
}

/** What state/digest.ts computes, written down a second time. */
function digestText(features: readonly StoredFeature[]): string {
  const hash = createHash('sha256')
  for (const { key, gates } of features) {
    if (gates.size === 0) hash.update(Buffer.concat([Buffer.from(`${key}\0`), Buffer.from([0xff, 0])]))
    for (const [gate, values] of gates) for (const value of values) hash.update(`${key}\0${gate}\0${value}\0`)
  }
  return hash.digest('hex')
}

function byBytes(a: string, b: string): number {
  return Buffer.compare(Buffer.from(a), Buffer.from(b))
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
