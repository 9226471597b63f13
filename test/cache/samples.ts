// What the tests of the caches write, and what they hear.
import { randomUUID } from 'node:crypto'
import { vi } from 'vitest'
import type { CacheEvents, Hint, WaitRequest } from '../../lib/cache/cache.js'
import type { Position, StoredFeature, StoredState } from '../../lib/store/store.js'

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

export const databaseId = 'a3c5b9ae-6f86-4e9b-b6a8-3dd2f52b52d0'

export function feature(key: string, actors: readonly string[] = ['User:1']): StoredFeature {
  return { key, gates: new Map([['actors', actors]]) }
}

export function state(at: Position, features: readonly StoredFeature[] = [feature('a_flag')]): StoredState {
  return { position: at, databaseId, inRecovery: false, features }
}

export function hint(from: Position, to: Position, changed: Hint['changed'] = new Map()): Hint {
  return { from, via: [], to, changed }
}

export interface Heard extends CacheEvents {
  readonly hints: { readonly hint: Hint; readonly databaseId: string }[]
  readonly waits: WaitRequest[]
  unsureCount(): number
}

/** Keeps all that is heard. */
export function ears(): Heard {
  const hints: { readonly hint: Hint; readonly databaseId: string }[] = []
  const waits: WaitRequest[] = []
  let unsure = 0
  return {
    hints,
    waits,
    unsureCount: () => unsure,
    hint: (heard, id) => void hints.push({ hint: heard, databaseId: id }),
    wait: (request) => void waits.push(request),
    unsure: () => {
      unsure += 1
    },
  }
}
