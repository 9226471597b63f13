// All flags as rows, kept as the stream tells of changes. Rows are replaced and never edited, so that what shows them sees which one
// is new.
import { type Ref, readonly, ref, shallowRef } from 'vue'
import { ApiFault } from '../api/fault.js'
import { type FlagRow, fetchFlags } from '../api/flags.js'
import type { Door } from '../api/request.js'
import type { FlagsChanged } from '../live/events.js'

/** A change that came in while the page was open. */
export interface Marked {
  readonly at: number
  readonly author: string | null
}

export interface FlagListState {
  /** By name; null until the first answer. */
  readonly rows: Readonly<Ref<ReadonlyMap<string, FlagRow> | null>>
  readonly position: Readonly<Ref<string | null>>
  readonly fault: Readonly<Ref<ApiFault | null>>
  readonly isLoading: Readonly<Ref<boolean>>
  /** Flags that changed lately, by name. */
  readonly marked: Readonly<Ref<ReadonlyMap<string, Marked>>>
}

export interface FlagListStore extends FlagListState {
  /** Asks for what is new; quick where nothing is. Throws ApiFault. */
  load(): Promise<void>
  /** The same; the fault is kept instead of thrown. */
  tryLoad(): Promise<void>
  take(changed: FlagsChanged): void
  /** Another person signs in: nothing of the last one stays. */
  clear(): void
}

const markedMs = 3_000

export function makeFlagList(door: Door): FlagListStore {
  const rows = shallowRef<ReadonlyMap<string, FlagRow> | null>(null)
  const position = ref<string | null>(null)
  const fault = shallowRef<ApiFault | null>(null)
  const isLoading = ref(false)
  const marked = shallowRef<ReadonlyMap<string, Marked>>(new Map())
  let etag: string | null = null
  let loading: Promise<void> | null = null

  async function fetchAll(): Promise<void> {
    isLoading.value = true
    try {
      const answer = await fetchFlags(door, rows.value === null ? null : etag)
      if (answer !== null) {
        etag = answer.etag
        const before = rows.value
        const next = new Map(answer.list.rows.map((row) => [row.name, row]))
        rows.value = next
        position.value = answer.list.position
        if (before !== null) mark(changedNames(before, next), null)
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
    rows: readonly(rows) as Readonly<Ref<ReadonlyMap<string, FlagRow> | null>>,
    position: readonly(position),
    fault: readonly(fault) as Readonly<Ref<ApiFault | null>>,
    isLoading: readonly(isLoading),
    marked: readonly(marked) as Readonly<Ref<ReadonlyMap<string, Marked>>>,
    load,
    async tryLoad() {
      try {
        await load()
      } catch (error) {
        if (!(error instanceof ApiFault)) throw error
        fault.value = error
      }
    },
    take({ position: at, rows: changed, gone, changes }) {
      if (rows.value === null) return
      const next = new Map(rows.value)
      for (const row of changed) next.set(row.name, row)
      for (const name of gone) next.delete(name)
      rows.value = next
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
      fault.value = null
    },
  }
}

function changedNames(before: ReadonlyMap<string, FlagRow>, after: ReadonlyMap<string, FlagRow>): readonly string[] {
  const same = (one: FlagRow | undefined, other: FlagRow) =>
    one !== undefined && JSON.stringify(one) === JSON.stringify(other)
  return [...after.values()].filter((row) => !same(before.get(row.name), row)).map(({ name }) => name)
}
