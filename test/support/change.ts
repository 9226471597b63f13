// A change for a store, as an application would make it.
import { randomUUID } from 'node:crypto'
import type { Change, Step } from '../../lib/store/store.js'

/** A change of these steps, by the author `tester`; a test that needs other parts spreads it. */
export function changeOf(...steps: readonly Step[]): Change {
  return { id: randomUUID(), author: 'tester', source: 'code', reason: null, steps }
}
