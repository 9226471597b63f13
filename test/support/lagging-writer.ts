// A writer on a store of its own, whose question to the other processes is answered as the test says.
import type { Acknowledgements } from '../../lib/cache/cache.js'
import { ChangeWriter } from '../../lib/feature/change/change-writer.js'
import { silentLogger } from '../../lib/log.js'
import { MemoryStore } from '../../lib/store/memory/store.js'
import { definedFlags } from './replica.js'

export function laggingWriter(answers: Acknowledgements | (() => Promise<Acknowledgements>)): ChangeWriter {
  return new ChangeWriter({
    store: new MemoryStore(),
    logger: silentLogger,
    limits: { actorsPerFlag: 10, optOutsPerFlag: 10, snapshotBytes: 1_000 },
    author: 'tester',
    source: 'code',
    catalog: { get: () => undefined, brokenFault: () => null, suggest: () => null },
    events: { writing: () => () => {} },
    requests: { repin: () => {} },
    replica: {
      snapshot: { ...definedFlags(), identity: 'a database' },
      refreshNow: async () => {},
    },
    cache: { waitForAll: async () => (typeof answers === 'function' ? answers() : answers) },
  })
}
