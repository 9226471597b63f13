// All flags as rows, kept as the stream tells of changes. Rows are replaced and never edited, so that what shows them sees which one
// is new. Of several servers behind one address, one may answer with less than another has told already: it is asked again for a while, so
// that no row goes back to what it was.
import { type Ref, readonly, ref, shallowReadonly, shallowRef } from 'vue'
import { ApiFault } from '../api/fault.js'
import { type FlagRow, fetchFlags, plainRow } from '../api/flags.js'
import type { Door } from '../api/request.js'
import { FlagRows } from '../flags/flag-rows.js'
import type { FlagsChanged } from '../live/events.js'
import { isBefore } from '../live/position.js'

/** A change that came in while the page was open. */
export interface Marked {
  readonly at: number
  readonly author: string | null
}

export interface FlagListState {
  /** Null until the first answer. */
  readonly rows: Readonly<Ref<FlagRows | null>>
  readonly position: Readonly<Ref<string | null>>
  readonly fault: Readonly<Ref<ApiFault | null>>
  readonly isLoading: Readonly<Ref<boolean>>
  /** Flags that changed lately, by name. */
  readonly marked: Readonly<Ref<ReadonlyMap<string, Marked>>>
}

export interface FlagListStore extends FlagListState {
  /** Asks for what is new; quick where nothing is. Throws ApiFault. */
  load(): Promise<void>
  /** A server has told that it is at this position: older lists are not taken. */
  heard(position: string | null): void
  /** The same; the fault is kept instead of thrown. */
  tryLoad(): Promise<void>
  take(changed: FlagsChanged): void
  /** Another person signs in: nothing of the last one stays. */
  clear(): void
}

const markedMs = 3_000
/** A server hears of a change at once; where it only polls, the page waits no longer than for this, and takes what it gets. */
const behindMs = 500
const mostBehind = 10

export function makeFlagList(door: Door): FlagListStore {
  const rows = shallowRef<FlagRows | null>(null)
  const position = ref<string | null>(null)
  const fault = shallowRef<ApiFault | null>(null)
  const isLoading = ref(false)
  const marked = shallowRef<ReadonlyMap<string, Marked>>(new Map())
  let etag: string | null = null
  let loading: Promise<void> | null = null
  /** The newest position that the page knows of. */
  let told: string | null = null

  /** The list, no older than what the page knows. A database that was restored has gone back: then the list is what counts. */
  async function fetchNew(): ReturnType<typeof fetchFlags> {
    for (let behind = 0; ; behind += 1) {
      const answer = await fetchFlags(door, rows.value === null ? null : etag)
      const at = answer === null ? position.value : answer.list.position
      if (behind === mostBehind || !isBefore(at, told)) {
        told = at
        return answer
      }
      await new Promise((resolve) => window.setTimeout(resolve, behindMs))
    }
  }

  async function fetchAll(): Promise<void> {
    isLoading.value = true
    try {
      const answer = await fetchNew()
      if (answer !== null) {
        etag = answer.etag
        const before = rows.value
        rows.value = FlagRows.of(answer.list)
        position.value = answer.list.position
        if (before !== null) mark(changedNames(before, rows.value), null)
      }
      fault.value = null
    } finally {
      isLoading.value = false
    }
  }

  function mark(names: readonly string[], authors: ReadonlyMap<string, string> | null): void {
    if (names.length === 0) return
    const at = Date.now()
    const next = new Map([...marked.value].filter(([, one]) => at - one.at < markedMs))
    for (const name of names) next.set(name, { at, author: authors?.get(name) ?? null })
    marked.value = next
    window.setTimeout(() => {
      marked.value = new Map([...marked.value].filter(([, one]) => Date.now() - one.at < markedMs))
    }, markedMs + 50)
  }

  function load(): Promise<void> {
    loading ??= fetchAll().finally(() => {
      loading = null
    })
    return loading
  }

  return {
    // Not deep: thousands of rows would each be read through a proxy of its own, at each key of the filter.
    rows: shallowReadonly(rows),
    position: readonly(position),
    fault: shallowReadonly(fault),
    isLoading: readonly(isLoading),
    marked: shallowReadonly(marked),
    load,
    heard(at) {
      if (!isBefore(at, told)) told = at
    },
    async tryLoad() {
      try {
        await load()
      } catch (error) {
        if (!(error instanceof ApiFault)) throw error
        fault.value = error
      }
    },
    take({ position: at, rows: changed, gone, changes }) {
      told = at
      if (rows.value === null) return
      rows.value = rows.value.with(changed, gone)
      position.value = at
      mark(
        changed.map(({ name }) => name),
        new Map(changes.map(({ name, author }) => [name, author])),
      )
    },
    clear() {
      rows.value = null
      etag = null
      position.value = null
      told = null
      fault.value = null
    },
  }
}

function changedNames(before: FlagRows, after: FlagRows): readonly string[] {
  const same = (one: FlagRow | undefined, other: FlagRow) =>
    one !== undefined && JSON.stringify(plainRow(one)) === JSON.stringify(plainRow(other))
  return after
    .all()
    .filter((row) => !same(before.get(row.name), row))
    .map(({ name }) => name)
}
