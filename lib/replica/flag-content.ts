// Flags as the content of a replica: the stored rows of a feature, together with its definition.
import type { Definition } from '../definition/definition.js'
import { digestOf } from '../state/digest.js'
import type { StoredFeature } from '../state/state.js'
import { rowCount, sameRows } from '../state/stored-rows.js'
import type { Content } from './content.js'
import type { Swap } from './current-snapshot.js'
import { Flag } from './flag.js'
import type { Replica } from './replica.js'
import type { EntryChange, Snapshot } from './snapshot.js'

export type Definitions = ReadonlyMap<string, Definition>
export type FlagSnapshot = Snapshot<Flag>
export type FlagChange = EntryChange<Flag>
export type FlagSwap = Swap<Flag>
export type FlagReplica = Replica<StoredFeature, Flag>

/** The content of a replica of flags. A defined flag has an entry even if nothing is stored. */
export function flagContent(definitions: () => Definitions): Content<StoredFeature, Flag> {
  return {
    named: definitions,
    entry: (name, stored, last) => nextFlag(name, definitions().get(name) ?? null, stored, last),
    isSame: sameRows,
    digestOf,
    rowsOf: rowCount,
  }
}

function nextFlag(
  name: string,
  definition: Definition | null,
  stored: StoredFeature | null,
  last: Flag | undefined,
): Flag | null {
  if (last !== undefined && isSameStored(last.stored, stored)) {
    if (last.definition === definition) return last
    // The stored rows stay compiled.
    return stored === null && definition === null ? null : last.redefined(definition)
  }
  if (stored !== null) assertLists(stored)
  return stored === null && definition === null ? null : new Flag(last?.name ?? interned(name), definition, stored)
}

function isSameStored(a: StoredFeature | null, b: StoredFeature | null): boolean {
  return a === b || (a !== null && b !== null && sameRows(a, b))
}

/** Finds an item that cannot be compiled before it replaces one that could. The content of the lists was parsed before. */
function assertLists({ gates }: StoredFeature): void {
  for (const values of gates.values()) {
    if (!Array.isArray(values)) throw new TypeError('a gate holds no list of values')
  }
}

/**
 * The same text, as the one object that V8 keeps for every property name and for every literal in source code. A look-up by a
 * literal then compares addresses, not texts: this halves the time of a check.
 */
function interned(text: string): string {
  // Without a prototype, V8 keeps the object as a table. A literal would leave a hidden class behind for every name.
  const names: Record<string, null> = Object.create(null)
  names[text] = null
  return Object.keys(names)[0] ?? text
}
