// The data that checks read: every flag with its definition and its gates. A snapshot is never edited;
// a new one is built beside it and swapped in whole.
import type { Definition } from '../definition/definition.js'
import type { Position, StoredDelta, StoredFeature, StoredState } from '../store/store.js'
import { Flag } from './flag.js'
import { Flags } from './flags.js'

export type SnapshotSource = 'postgres' | 'redis' | 'disk' | 'definitions'

export interface Snapshot {
  readonly flags: Flags
  readonly position: Position | null
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

/** A snapshot of everything stored. Flags that did not change are taken over from `before` as they are. */
export function wholeSnapshot(
  before: Snapshot,
  state: StoredState,
  definitions: Definitions,
  source: SnapshotSource,
  onFault: FeatureFault,
): Snapshot {
  const flags = new Map<string, Flag>()
  let missing = definitions.size
  for (const stored of state.features) {
    const definition = definitions.get(stored.key)
    const flag = nextFlag(before, stored.key, definition ?? null, stored, onFault)
    const known = flags.size
    if (flag !== null) flags.set(flag.name, flag)
    if (definition !== undefined && flags.size > known) missing -= 1
  }
  for (const definition of missing === 0 ? [] : definitions.values()) {
    if (flags.has(definition.name)) continue
    const flag = nextFlag(before, definition.name, definition, null, onFault)
    if (flag !== null) flags.set(flag.name, flag)
  }
  return { flags: new Flags(flags), position: state.position, identity: state.identity, source }
}

/** The snapshot with the changed flags replaced. */
export function changedSnapshot(
  before: Snapshot,
  delta: StoredDelta,
  definitions: Definitions,
  source: SnapshotSource,
  onFault: FeatureFault,
): Snapshot {
  const changed = new Map<string, Flag | null>()
  for (const [name, stored] of delta.changed) {
    const flag = nextFlag(before, name, definitions.get(name) ?? null, stored, onFault)
    changed.set(flag?.name ?? name, flag)
  }
  return { ...before, flags: before.flags.with(changed), position: delta.position, source }
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

/** Whether two features hold the same rows; the order of the values does not count. */
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
  if (a.length !== b.length) return false
  if (a.every((value, index) => value === b[index])) return true
  const others = new Set(b)
  return a.every((value) => others.has(value))
}

function nextFlag(
  before: Snapshot,
  name: string,
  definition: Definition | null,
  stored: StoredFeature | null,
  onFault: FeatureFault,
): Flag | null {
  const last = before.flags.get(name)
  try {
    if (last !== undefined && last.definition === definition && sameStored(last.stored, stored)) return last
    const known = last?.name ?? interned(name)
    if (stored !== null) assertLists(stored)
    return stored === null && definition === null ? null : new Flag(known, definition, stored)
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
