// Short ways to name features and to look at what is stored.
import { randomUUID } from 'node:crypto'
import type { Position, StoredFeature } from '../../lib/state/state.js'
import type { Store } from '../../lib/store/store.js'

export { changeOf as change } from '../support/change.js'

let made = 0
/** The name of a feature that no other test uses. */
export function unique(): string {
  made += 1
  return `feature_${made}_${randomUUID().slice(0, 8)}_`
}

export async function here(store: Store): Promise<Position> {
  const { position } = await store.head(null)
  if (position === null) throw new Error('the store has no position')
  return position
}

export async function read(store: Store, feature: string): Promise<StoredFeature | undefined> {
  return (await store.readAll()).items.find(({ key }) => key === feature)
}

export async function valuesOf(store: Store, feature: string, gate: string): Promise<readonly string[]> {
  return (await read(store, feature))?.gates.get(gate) ?? []
}
