// The data that checks read: every flag with its definition and its gates. A snapshot is never edited;
// a new one is built beside it and swapped in whole.
import type { Definition } from '../definition/definition.js'
import type { Position, StoredFeature, StoredState } from '../state/state.js'
import { Flag } from './flag.js'
import { Flags } from './flags.js'

export type SnapshotSource = 'postgres' | 'redis' | 'disk' | 'definitions'

export interface Snapshot {
  readonly flags: Flags
  readonly position: Position | null
  /** Names the database that it came from; null where that is not known. */
  readonly identity: string | null
  readonly source: SnapshotSource
}

export type Definitions = ReadonlyMap<string, Definition>

/** Called for a feature whose rows cannot be compiled; its last good value stays. */
export type FeatureFault = (name: string, error: unknown) => void

/** Every flag closed but for its definition's default: what checks read before anything stored is known. */
export function definitionsSnapshot(definitions: Definitions): Snapshot {
  const flags = new Map<string, Flag>()
  for (const definition of definitions.values()) {
    const flag = new Flag(interned(definition.name), definition, null)
    flags.set(flag.name, flag)
  }
  return { flags: new Flags(flags), position: null, identity: null, source: 'definitions' }
}

/** A snapshot of everything stored. Flags that are the same in `known` are taken over as they are, with what was compiled. */
export function wholeSnapshot(
  known: Snapshot,
  state: Pick<StoredState, 'features' | 'position' | 'identity'>,
  definitions: Definitions,
  source: SnapshotSource,
  onFault: FeatureFault,
): Snapshot {
  const flags = new Map<string, Flag>()
  let missing = definitions.size
  for (const stored of state.features) {
    const definition = definitions.get(stored.key)
    const flag = nextFlag(known, stored.key, definition ?? null, stored, onFault)
    const before = flags.size
    if (flag !== null) flags.set(flag.name, flag)
    if (definition !== undefined && flags.size > before) missing -= 1
  }
  for (const definition of missing === 0 ? [] : definitions.values()) {
    if (flags.has(definition.name)) continue
    const flag = nextFlag(known, definition.name, definition, null, onFault)
    if (flag !== null) flags.set(flag.name, flag)
  }
  return { flags: new Flags(flags), position: state.position, identity: state.identity, source }
}

/** What leads from one snapshot to the next: the content of some features, and where that leaves it. */
export interface Changed {
  readonly position: Position | null
  readonly changed: ReadonlyMap<string, StoredFeature | null>
}

/** `before` with the changed flags replaced. Those that are the same in `known` are taken over from there. */
export function changedSnapshot(
  before: Snapshot,
  { position, changed }: Changed,
  known: Snapshot,
  definitions: Definitions,
  onFault: FeatureFault,
): Snapshot {
  const flags = new Map<string, Flag | null>()
  for (const [name, stored] of changed) {
    const flag = nextFlag(known, name, definitions.get(name) ?? null, stored, onFault)
    flags.set(flag?.name ?? name, flag)
  }
  return { ...before, flags: flags.size === 0 ? before.flags : before.flags.with(flags), position }
}

/** The snapshot with other definitions and the same gates. */
export function redefinedSnapshot(before: Snapshot, definitions: Definitions): Snapshot {
  const flags = new Map<string, Flag>()
  for (const flag of before.flags.values()) {
    const definition = definitions.get(flag.name) ?? null
    if (definition === flag.definition) flags.set(flag.name, flag)
    else if (definition !== null || flag.stored !== null) flags.set(flag.name, flag.redefined(definition))
  }
  for (const definition of definitions.values()) {
    if (flags.has(definition.name)) continue
    const flag = new Flag(interned(definition.name), definition, null)
    flags.set(flag.name, flag)
  }
  return { ...before, flags: new Flags(flags) }
}

/** Everything stored, in the order of the snapshot. */
export function storedFeatures(snapshot: Snapshot): StoredFeature[] {
  const features: StoredFeature[] = []
  for (const { stored } of snapshot.flags.values()) if (stored !== null) features.push(stored)
  return features
}

/** Whether two features hold the same rows. Values stand in the order of their bytes, from wherever they came. */
export function sameStored(a: StoredFeature | null, b: StoredFeature | null): boolean {
  if (a === b) return true
  if (a === null || b === null || a.gates.size !== b.gates.size) return false
  for (const [gate, values] of a.gates) {
    const others = b.gates.get(gate)
    if (others === undefined || !sameValues(values, others)) return false
  }
  return true
}

function sameValues(a: readonly string[], b: readonly string[]): boolean {
  return a.length === b.length && a.every((value, index) => value === b[index])
}

function nextFlag(
  known: Snapshot,
  name: string,
  definition: Definition | null,
  stored: StoredFeature | null,
  onFault: FeatureFault,
): Flag | null {
  const last = known.flags.get(name)
  try {
    if (last !== undefined && last.definition === definition && sameStored(last.stored, stored)) return last
    if (stored !== null) assertLists(stored)
    return stored === null && definition === null ? null : new Flag(last?.name ?? interned(name), definition, stored)
  } catch (error) {
    onFault(name, error)
    return last ?? null
  }
}

/** Whatever could not be compiled is found before it takes the place of what could. What is in the lists was parsed. */
function assertLists({ gates }: StoredFeature): void {
  for (const values of gates.values()) {
    if (!Array.isArray(values)) throw new TypeError('a gate holds no list of values')
  }
}

/**
 * The same text, as the one object that V8 keeps of every property name and of every literal in source code. A look-up
 * by a literal then compares addresses, not texts: this halves the time of a check.
 */
function interned(text: string): string {
  // Without a prototype, V8 keeps the object as a table. A literal would leave a hidden class behind for every name.
  const names: Record<string, null> = Object.create(null)
  names[text] = null
  return Object.keys(names)[0] ?? text
}
