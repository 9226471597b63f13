// How much a store is tried with.
import type { Store } from '../../lib/store/store.js'
import { isFullSize } from '../support/full-size.js'

/** In memory always all, which takes a second: each kind of Postgres shows in few that it does the same. */
export function runs(store: Store, few: number, all: number): number {
  return isFullSize || store.kind === 'memory' ? all : few
}
