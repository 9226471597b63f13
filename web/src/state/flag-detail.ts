// One flag as its page shows it: asked for anew when the stream tells that it changed.
import { onScopeDispose, type Ref, shallowReadonly, shallowRef, watch } from 'vue'
import { type Checks, fetchChecks } from '../api/checks.js'
import { ApiFault } from '../api/fault.js'
import { type FlagDetail, fetchFlag } from '../api/flag.js'
import { askAgainWhile, isAway } from '../live/again.js'
import { mayBeStale } from '../live/position.js'
import { useContext } from './context.js'

export interface FlagDetailState {
  /** Null until the first answer; the last good one stays while there is a fault. */
  readonly detail: Readonly<Ref<FlagDetail | null>>
  readonly fault: Readonly<Ref<ApiFault | null>>
  load(): Promise<void>
}

export function useFlagDetail(name: Readonly<Ref<string>>): FlagDetailState {
  const { actorClasses, door, flags, live } = useContext()
  const detail = shallowRef<FlagDetail | null>(null)
  const fault = shallowRef<ApiFault | null>(null)
  let asking: AbortController | null = null
  /** The position that was known when it was asked for: the answer is no older. */
  let askedAt: string | null = null

  async function load(): Promise<void> {
    asking?.abort()
    const control = new AbortController()
    asking = control
    askedAt = flags.position.value
    try {
      const answer = await fetchFlag(door, name.value, actorClasses.of(name.value), control.signal)
      if (asking !== control) return
      detail.value = answer
      fault.value = null
    } catch (error) {
      if (asking !== control || control.signal.aborted) return
      if (!(error instanceof ApiFault)) throw error
      if (error.status === 400 && actorClasses.of(name.value) !== undefined) {
        // A class that was chosen once and is not registered any more; without it the flag is asked for again.
        actorClasses.choose(name.value, null)
        return
      }
      if (error.status === 404) detail.value = null
      fault.value = error
    }
  }

  watch(
    name,
    () => {
      detail.value = null
      fault.value = null
      void load()
    },
    { immediate: true },
  )
  const stopClass = watch(
    () => actorClasses.of(name.value),
    () => void load(),
  )
  const stop = live.on((event) => {
    if (event.type === 'flags' && event.data.rows.some((row) => row.name === name.value)) void load()
    else if (event.type === 'flags' && event.data.gone.includes(name.value)) void load()
    else if (event.type === 'resync' || event.type === 'definitions') void load()
    // It came back: the flag may have changed where no event of before says so.
    else if (event.type === 'hello' && (fault.value !== null || mayBeStale(askedAt, event.data.position))) void load()
    // The database is back, or away.
    else if (event.type === 'health') void load()
  })
  // Where no stream comes through, the list is what is asked for; its row says whether this flag changed.
  const stopRow = watch(
    () => flags.rows.value?.get(name.value),
    (now, before) => {
      if (before !== undefined && live.status.state !== 'live') void load()
      else if (now !== before && live.status.state !== 'live') void load()
    },
  )
  askAgainWhile(
    () => (fault.value === null ? detail.value?.revision === null : isAway(fault.value)),
    () => fault.value ?? detail.value,
    () => void load(),
  )
  onScopeDispose(() => {
    stop()
    stopClass()
    stopRow()
    asking?.abort()
    asking = null
  })
  return { detail, fault, load }
}

/** How often the flag was asked; null where that is not counted, and where it cannot be told: the page does without it. */
export function useChecks(name: () => string | null): Readonly<Ref<Checks | null>> {
  const { door } = useContext()
  const checks = shallowRef<Checks | null>(null)
  let asking: AbortController | null = null

  async function load(wanted: string): Promise<void> {
    const control = new AbortController()
    asking = control
    try {
      const found = await fetchChecks(door, wanted, control.signal)
      if (asking === control) checks.value = found
    } catch (error) {
      if (!(error instanceof ApiFault) && !control.signal.aborted) throw error
    }
  }

  watch(
    name,
    (wanted) => {
      asking?.abort()
      asking = null
      checks.value = null
      if (wanted !== null) void load(wanted)
    },
    { immediate: true },
  )
  onScopeDispose(() => asking?.abort())
  return shallowReadonly(checks)
}
