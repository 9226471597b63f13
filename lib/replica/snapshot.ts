// The data that readers have: every entry by its name. A snapshot is never edited; a new one is built beside it and swapped in
// whole.
import type { Position, StoredState } from '../state/state.js'
import { type Content, type Entry, type Keyed, sameStored } from './content.js'
import { Entries } from './entries.js'

/** `memory`: the store is the memory of this process, as in tests. */
export type SnapshotSource = 'postgres' | 'memory' | 'redis' | 'disk' | 'definitions'

export interface Snapshot<Held extends { readonly name: string }> {
  readonly entries: Entries<Held>
  readonly position: Position | null
  /** Names the database that it came from; null if that is not known. */
  readonly identity: string | null
  readonly source: SnapshotSource
}

/** The place that keeps the last good snapshot after the process has ended. */
export interface SnapshotCopy<Item, Held extends { readonly name: string }> {
  /**
   * The state of this database (null: it is not known which one that is); null if there is none, or one that cannot be used.
   * Never rejects.
   */
  load(identity: string | null): Promise<Pick<StoredState<Item>, 'items' | 'position' | 'identity'> | null>
  /** Keeps a snapshot that the store has confirmed, soon. */
  save(snapshot: Snapshot<Held>): void
  /** Keeps it if the kept one is gone, cannot be used, or differs: call it after each poll. */
  keep(snapshot: Snapshot<Held>): void
  /** The warning for `status()`; null while all is well. */
  warning(): string | null
  /** Keeps the waiting snapshot; safe to call twice. */
  close(): Promise<void>
}

/** The parts for making snapshots of a content. */
export interface Making<Item extends Keyed, Held extends Entry<Item>> {
  readonly content: Content<Item, Held>
  /** Called for an item that cannot be used; its last good entry stays. */
  readonly onFault: (name: string, error: unknown) => void
}

/** The first snapshot of readers, before any stored content is known: an entry for each name that needs nothing stored. */
export function firstSnapshot<Item extends Keyed, Held extends Entry<Item>>({
  named,
  entry,
}: Content<Item, Held>): Snapshot<Held> {
  const entries = new Map<string, Held>()
  for (const name of named().keys()) {
    const made = entry(name, null, undefined)
    if (made !== null) entries.set(made.name, made)
  }
  return { entries: new Entries(entries), position: null, identity: null, source: 'definitions' }
}

/**
 * A snapshot of everything stored. Entries that are the same in `known` are taken over as they are, with their compiled gates.
 */
export function wholeSnapshot<Item extends Keyed, Held extends Entry<Item>>(
  making: Making<Item, Held>,
  known: Snapshot<Held>,
  state: Pick<StoredState<Item>, 'items' | 'position' | 'identity'>,
  source: SnapshotSource,
): Snapshot<Held> {
  const named = making.content.named()
  const entries = new Map<string, Held>()
  let missing = named.size
  for (const stored of state.items) {
    const entry = nextEntry(making, known, stored.key, stored)
    const before = entries.size
    if (entry !== null) entries.set(entry.name, entry)
    if (entries.size > before && named.has(stored.key)) missing -= 1
  }
  for (const name of missing === 0 ? [] : named.keys()) {
    if (entries.has(name)) continue
    const entry = nextEntry(making, known, name, null)
    if (entry !== null) entries.set(entry.name, entry)
  }
  return { entries: new Entries(entries), position: state.position, identity: state.identity, source }
}

/** The change from one snapshot to the next: the content of some names, and the new position. */
export interface Changed<Item> {
  readonly position: Position | null
  readonly changed: ReadonlyMap<string, Item | null>
}

/** `before` with the changed entries replaced. Entries that are the same in `known` are taken over from there. */
export function changedSnapshot<Item extends Keyed, Held extends Entry<Item>>(
  making: Making<Item, Held>,
  before: Snapshot<Held>,
  { position, changed }: Changed<Item>,
  known: Snapshot<Held>,
): Snapshot<Held> {
  const entries = new Map<string, Held | null>()
  for (const [name, stored] of changed) {
    const entry = nextEntry(making, known, name, stored)
    entries.set(entry?.name ?? name, entry)
  }
  return { ...before, entries: entries.size === 0 ? before.entries : before.entries.with(entries), position }
}

/** The snapshot after names that need nothing stored have come, gone or changed; the stored content stays. */
export function redefinedSnapshot<Item extends Keyed, Held extends Entry<Item>>(
  { named, entry }: Content<Item, Held>,
  before: Snapshot<Held>,
): Snapshot<Held> {
  const entries = new Map<string, Held>()
  for (const last of before.entries.values()) {
    const next = entry(last.name, last.stored, last)
    if (next !== null) entries.set(next.name, next)
  }
  for (const name of named().keys()) {
    if (entries.has(name)) continue
    const next = entry(name, null, undefined)
    if (next !== null) entries.set(next.name, next)
  }
  return { ...before, entries: new Entries(entries) }
}

/** Everything stored, in the order of the snapshot. */
export function storedItems<Item extends Keyed>({ entries }: Snapshot<Entry<Item>>): Item[] {
  const items: Item[] = []
  for (const { stored } of entries.values()) if (stored !== null) items.push(stored)
  return items
}

/** The change under one name. */
export interface EntryChange<Held> {
  readonly name: string
  readonly before: Held | null
  readonly after: Held | null
}

/** Those of `names` whose stored items differ. */
export function listChanges<Item extends Keyed, Held extends Entry<Item>>(
  content: Content<Item, Held>,
  before: Snapshot<Held>,
  after: Snapshot<Held>,
  names: Iterable<string>,
): EntryChange<Held>[] {
  const changes: EntryChange<Held>[] = []
  for (const name of names) {
    const old = before.entries.get(name)
    const now = after.entries.get(name)
    if (old === now || sameStored(content, old?.stored ?? null, now?.stored ?? null)) continue
    changes.push({ name, before: old ?? null, after: now ?? null })
  }
  return changes
}

function nextEntry<Item extends Keyed, Held extends Entry<Item>>(
  { content, onFault }: Making<Item, Held>,
  known: Snapshot<Held>,
  name: string,
  stored: Item | null,
): Held | null {
  const last = known.entries.get(name)
  try {
    return content.entry(name, stored, last)
  } catch (error) {
    onFault(name, error)
    return last ?? null
  }
}
