// Deletes what is kept of an experiment, in slices: one statement for millions of rows would hold its locks for minutes.
import type { AssignmentStore } from '../store/store.js'

const sliceRows = 5_000

/** The number of rows that are gone. Throws as `AssignmentStore.remove`; what was deleted until then stays deleted. */
export async function forgetVariants(store: Pick<AssignmentStore, 'remove'>, experiment: string): Promise<number> {
  let gone = 0
  for (;;) {
    const slice = await store.remove(experiment, sliceRows)
    gone += slice
    if (slice < sliceRows) return gone
  }
}
