// The history as a page has it: the newest changes, more when a person asks for older ones, and a note when there are newer ones.
import { computed, onScopeDispose, type Ref, ref, shallowRef, watch } from 'vue'
import { ApiFault } from '../api/fault.js'
import { fetchHistory, type HistoryChange, type HistoryQuery } from '../api/history.js'
import { askAgainWhile, isAway } from '../live/again.js'
import type { TellsOfChange } from '../live/events.js'
import { isBefore } from '../live/position.js'
import { useContext } from './context.js'

const holds = (changes: readonly HistoryChange[], wanted: HistoryChange | undefined) =>
  changes.some(({ change_id: id, position }) => id === wanted?.change_id && position === wanted.position)

export function useHistory(query: () => HistoryQuery) {
  const { changing, door, flags, live } = useContext()
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
      const known = changes.value ?? []
      const isJoined = before === null && known.length > page.entries.length && holds(page.entries, known[0])
      if (before !== null) changes.value = [...known, ...page.entries]
      else if (isJoined) changes.value = [...page.entries.filter((one) => !holds(known, one)), ...known]
      else changes.value = page.entries
      if (!isJoined) next.value = page.next
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
  /** An event may come after the answer that has its change. */
  const isNews = ({ change_id: id, name }: TellsOfChange) =>
    [name, ''].includes(query().flag) && !(id !== null && changes.value?.some((one) => one.change_id === id))
  const stop = live.on((event) => {
    if (event.type === 'flags') newer.value += event.data.changes.filter(isNews).length
    else if (event.type === 'resync') newer.value += 1
    else if (event.type === 'hello' && isBefore(askedAt, event.data.position)) newer.value += 1
  })
  const stopMade = changing.value?.onMade(() => void ask(null))
  askAgainWhile(
    () => isAway(fault.value),
    () => fault.value,
    () => void ask(last),
  )
  /** None while the newest are on their way, as after a change that this page makes: what it has made is no news to the person who made it. */
  const news = computed(() => {
    const phase = changing.value?.flow.state.phase
    const isComing = (isAsking.value && last === null) || phase === 'sending' || phase === 'checking'
    return isComing ? 0 : newer.value
  })
  onScopeDispose(() => {
    stop()
    stopMade?.()
    asking?.abort()
  })
  return {
    changes,
    next,
    fault,
    isAsking,
    newer: news,
    load: () => ask(null),
    again: () => ask(last),
    loadOlder: () => ask(next.value),
  }
}
