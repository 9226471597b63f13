// The history as a page has it: the newest changes, more when a person asks for older ones, and a note when there are newer ones.
import { onScopeDispose, type Ref, ref, shallowRef, watch } from 'vue'
import { ApiFault } from '../api/fault.js'
import { fetchHistory, type HistoryChange, type HistoryQuery } from '../api/history.js'
import { askAgainWhile, isAway } from '../live/again.js'
import { isBefore } from '../live/position.js'
import { useContext } from './context.js'

export function useHistory(query: () => HistoryQuery) {
  const { door, flags, live } = useContext()
  const changes: Ref<readonly HistoryChange[] | null> = shallowRef(null)
  const next = ref<string | null>(null)
  const fault: Ref<ApiFault | null> = shallowRef(null)
  const isAsking = ref(false)
  /** How many changes came in since, of whatever flags. */
  const newer = ref(0)
  let asking: AbortController | null = null
  let last: string | null = null
  /** The position that was known when the newest changes were asked for. */
  let askedAt: string | null = null

  async function ask(before: string | null): Promise<void> {
    asking?.abort()
    const control = new AbortController()
    asking = control
    last = before
    if (before === null) askedAt = flags.position.value
    isAsking.value = true
    try {
      const page = await fetchHistory(door, query(), before, control.signal)
      if (asking !== control) return
      changes.value = before === null ? page.entries : [...(changes.value ?? []), ...page.entries]
      next.value = page.next
      fault.value = null
      if (before === null) newer.value = 0
    } catch (error) {
      if (asking !== control || control.signal.aborted) return
      if (!(error instanceof ApiFault)) throw error
      fault.value = error
    } finally {
      if (asking === control) isAsking.value = false
    }
  }

  watch(
    () => JSON.stringify(query()),
    () => {
      changes.value = null
      void ask(null)
    },
    { immediate: true },
  )
  const stop = live.on((event) => {
    const { flag } = query()
    if (event.type === 'flags')
      newer.value += event.data.changes.filter(({ name }) => flag === '' || name === flag).length
    else if (event.type === 'resync') newer.value += 1
    else if (event.type === 'hello' && isBefore(askedAt, event.data.position)) newer.value += 1
  })
  askAgainWhile(
    () => isAway(fault.value),
    () => fault.value,
    () => void ask(last),
  )
  onScopeDispose(() => {
    stop()
    asking?.abort()
  })
  return {
    changes,
    next,
    fault,
    isAsking,
    newer,
    load: () => ask(null),
    again: () => ask(last),
    loadOlder: () => ask(next.value),
  }
}
