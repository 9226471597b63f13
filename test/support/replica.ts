// Replicas and snapshots of flags for tests. What a test does not say is as quiet as it can be: nothing is heard, nothing is
// shared, nothing is kept, and no flag is defined.
import { silentLogger } from '../../lib/log.js'
import type { Flag } from '../../lib/replica/flag.js'
import { type Definitions, type FlagReplica, type FlagSnapshot, flagContent } from '../../lib/replica/flag-content.js'
import { Replica, type ReplicaOptions } from '../../lib/replica/replica.js'
import {
  changedSnapshot,
  firstSnapshot,
  type Making,
  redefinedSnapshot,
  wholeSnapshot,
} from '../../lib/replica/snapshot.js'
import type { StoredFeature, StoredState } from '../../lib/state/state.js'

const noDefinitions: Definitions = new Map()

type AllOptions = Omit<ReplicaOptions<StoredFeature, Flag>, 'content'>

export type FlagReplicaOptions = Partial<AllOptions> &
  Pick<AllOptions, 'store' | 'clock'> & {
    readonly definitions?: () => Definitions
  }

/** Everything that a replica of flags needs. */
export function replicaOptions({
  definitions = () => noDefinitions,
  ...options
}: FlagReplicaOptions): ReplicaOptions<StoredFeature, Flag> {
  return {
    content: flagContent(definitions),
    logger: silentLogger,
    pollIntervalMs: 10_000,
    listen: false,
    disk: null,
    cache: null,
    ...options,
  }
}

export function makeReplica(options: FlagReplicaOptions): FlagReplica {
  return new Replica(replicaOptions(options))
}

/** What a process has before it has read anything. */
export function definedFlags(definitions: Definitions = noDefinitions): FlagSnapshot {
  return firstSnapshot(flagContent(() => definitions))
}

type State = Pick<StoredState, 'items' | 'position' | 'identity'>

/** The snapshot of that state, as if the store had given it; equal flags are taken over from `known`. */
export function storedFlags(state: State, definitions = noDefinitions, known = definedFlags()): FlagSnapshot {
  return wholeSnapshot(makingOf(definitions), known, state, 'postgres')
}

/** The snapshot with those features changed. */
export function changedFlags(
  before: FlagSnapshot,
  change: Parameters<typeof changedSnapshot<StoredFeature, Flag>>[2],
  definitions = noDefinitions,
): FlagSnapshot {
  return changedSnapshot(makingOf(definitions), before, change, before)
}

/** The snapshot after a reload of definitions. */
export function redefinedFlags(before: FlagSnapshot, definitions: Definitions): FlagSnapshot {
  return redefinedSnapshot(
    flagContent(() => definitions),
    before,
  )
}

function makingOf(definitions: Definitions): Making<StoredFeature, Flag> {
  const onFault = (name: string, error: unknown) => {
    throw new Error(`the flag ${name} cannot be used`, { cause: error })
  }
  return { content: flagContent(() => definitions), onFault }
}
