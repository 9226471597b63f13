// One refresh: asks the store where it stands and fetches what is missing, no more.
import {
  isAhead,
  type Position,
  type Store,
  type StoredDelta,
  type StoredFeature,
  samePosition,
} from '../store/store.js'
import type { Flag } from './flag.js'
import {
  changedSnapshot,
  type Definitions,
  type FeatureFault,
  type Snapshot,
  sameStored,
  wholeSnapshot,
} from './snapshot.js'

export type RefreshKind = 'none' | 'delta' | 'whole'

/** What changed of one feature with a swap. */
export interface FlagChange {
  readonly name: string
  readonly before: Flag | null
  readonly after: Flag | null
}

export interface Refreshed {
  readonly kind: RefreshKind
  /** The position that was compared with the store's, and since which `delta` was read. */
  readonly from: Position | null
  readonly snapshot: Snapshot
  readonly changes: readonly FlagChange[]
  /** Positions passed on the way; empty where they are not known. */
  readonly via: readonly Position[]
  /** What was read, where it was only what changed. */
  readonly delta: StoredDelta | null
  readonly inRecovery: boolean
  /** False where our own tables are missing: content is compared then, not the position. */
  readonly positioned: boolean
  /** The store's hash of the content, where there is no position. */
  readonly digest: string | null
  /** The primary is behind what this process had seen: a restore, or a failover that lost its tail. */
  readonly wentBack: boolean
}

export interface RefreshInput {
  readonly store: Store
  /** The snapshot now. Asked again when content has arrived: its definitions may have been reloaded meanwhile. */
  readonly current: () => Snapshot
  /** The digest of the last refresh without a position. */
  readonly digest: string | null
  readonly definitions: () => Definitions
  readonly onFault: FeatureFault
  /** Resolves in the next turn of the event loop. */
  readonly nextTurn: () => Promise<void>
  /** Whether something is known to have changed: what did is asked for at once then. */
  readonly expectsChange: boolean
}

/** Compares the position with the store's and builds the next snapshot. Throws what the store throws. */
export async function refresh(input: RefreshInput): Promise<Refreshed> {
  const mine = input.current().position
  const own = input.expectsChange ? await readChanged(input, mine) : null
  return { ...(own ?? (await compare(input, mine))), from: mine }
}

type Found = Omit<Refreshed, 'from'>

/** One question instead of two; null where the answer does not lead on from here. Who answers is asked by the next poll. */
async function readChanged(input: RefreshInput, mine: Position | null): Promise<Found | null> {
  const delta = mine === null ? null : await input.store.readSince(mine)
  return delta === null || delta.via.length === 0 ? null : takeDelta(input, mine, delta, primary)
}

async function compare(input: RefreshInput, mine: Position | null): Promise<Found> {
  const { store } = input
  const head = await store.head(mine)
  const seen = { inRecovery: head.inRecovery, positioned: head.position !== null }
  if (head.position === null) return refreshByContent(input, seen)
  const current = input.current()
  if (samePosition(head.position, mine)) {
    if (hasMoved(current, mine)) return { ...nothing, ...seen, snapshot: current }
    const verified: Snapshot = current.source === 'postgres' ? current : { ...current, source: 'postgres' }
    return { ...nothing, ...seen, snapshot: verified }
  }
  // A standby may lag behind what this process has already seen: from there, only forward.
  const isBehind = mine !== null && !isAhead(head.position, mine)
  if (head.inRecovery && isBehind) return { ...nothing, ...seen, snapshot: current }
  if (mine !== null && head.known && isAhead(head.position, mine)) {
    const delta = await store.readSince(mine)
    const taken = delta === null ? null : takeDelta(input, mine, delta, seen)
    if (taken !== null) return taken
  }
  const whole = await readWhole(input, seen, mine)
  return { ...whole, wentBack: isBehind && whole.kind === 'whole' }
}

/** Null where a hint has meanwhile led to a position that these changes do not lead over. */
function takeDelta(input: RefreshInput, mine: Position | null, delta: StoredDelta, seen: Seen): Found | null {
  const before = input.current()
  if (isOvertaken(before, mine, delta.position)) return { ...nothing, ...seen, snapshot: before }
  if (hasMoved(before, mine) && !isPassed(before, delta)) return null
  const snapshot = changedSnapshot(before, delta, input.definitions(), 'postgres', input.onFault)
  const changes = listChanges(before, snapshot, delta.changed.keys())
  return { ...nothing, ...seen, kind: 'delta', snapshot, changes, via: delta.via, delta }
}

/** Whether a hint has moved the snapshot while the store was being read. */
function hasMoved(current: Snapshot, mine: Position | null): boolean {
  return !samePosition(current.position, mine)
}

/**
 * Whether what changed leads over the snapshot's position. A late hint may have moved it to one that the database has
 * left since (a restore, a failover): what that hint brought would stay, as nothing that changed here speaks of it.
 */
function isPassed(current: Snapshot, delta: StoredDelta): boolean {
  return delta.via.some((position) => samePosition(position, current.position))
}

/** Whether what was read is older than what a hint has brought meanwhile; the next refresh sorts out the rest. */
function isOvertaken(current: Snapshot, mine: Position | null, read: Position | null): boolean {
  return hasMoved(current, mine) && read !== null && current.position !== null && !isAhead(read, current.position)
}

type Seen = Pick<Refreshed, 'inRecovery' | 'positioned'>

const primary: Seen = { inRecovery: false, positioned: true }
const nothing = { kind: 'none', changes: [], via: [], delta: null, digest: null, wentBack: false } as const

async function readWhole(input: RefreshInput, seen: Seen, mine: Position | null): Promise<Found> {
  const state = await input.store.readAll()
  // Parsing thousands of flags has filled this turn of the event loop; what comes has one of its own.
  await input.nextTurn()
  const current = input.current()
  if (isOvertaken(current, mine, state.position)) return { ...nothing, ...seen, snapshot: current }
  const snapshot = wholeSnapshot(current, state, input.definitions(), 'postgres', input.onFault)
  const names = new Set([...current.flags.keys(), ...snapshot.flags.keys()])
  const via = state.position === null ? [] : [state.position]
  return { ...nothing, ...seen, kind: 'whole', snapshot, changes: listChanges(current, snapshot, names), via }
}

/**
 * Without a position the content's hash stands in for it. The hash is read before the content: should a write come
 * between the two, the next refresh reads once too often; the other way round it would miss that write.
 */
async function refreshByContent(input: RefreshInput, seen: Seen): Promise<Found> {
  const { text } = await input.store.digest()
  const current = input.current()
  if (text === input.digest && current.source === 'postgres') {
    return { ...nothing, ...seen, snapshot: current, digest: text }
  }
  return { ...(await readWhole(input, seen, current.position)), digest: text }
}

/** The flags among `names` whose stored rows differ. */
export function listChanges(before: Snapshot, after: Snapshot, names: Iterable<string>): FlagChange[] {
  const changes: FlagChange[] = []
  const storedOf = (flag: Flag | undefined): StoredFeature | null => flag?.stored ?? null
  for (const name of names) {
    const old = before.flags.get(name)
    const now = after.flags.get(name)
    if (old === now || sameStored(storedOf(old), storedOf(now))) continue
    changes.push({ name, before: old ?? null, after: now ?? null })
  }
  return changes
}
