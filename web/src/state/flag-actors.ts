// Both lists of a flag, whole: asked for anew when the flag changes.
import { onScopeDispose, type Ref, shallowRef, watch } from 'vue'
import { type ActorList, fetchActorList } from '../api/actor-list.js'
import { ApiFault } from '../api/fault.js'
import { askAgainWhile, isAway } from '../live/again.js'
import { useContext } from './context.js'

export interface FlagActors {
  readonly on: ActorList
  readonly never: ActorList
}

/** `revision` is the one of the flag as the page has it: another one means other lists. */
export function useFlagActors(name: () => string, revision: () => string | null | undefined) {
  const { door } = useContext()
  const lists: Ref<FlagActors | null> = shallowRef(null)
  const fault: Ref<ApiFault | null> = shallowRef(null)
  let asking: AbortController | null = null

  async function load(): Promise<void> {
    asking?.abort()
    const control = new AbortController()
    asking = control
    try {
      const [on, never] = await Promise.all([
        fetchActorList(door, name(), 'on', control.signal),
        fetchActorList(door, name(), 'never', control.signal),
      ])
      if (asking !== control) return
      lists.value = { on, never }
      fault.value = null
    } catch (error) {
      if (asking !== control || control.signal.aborted) return
      if (!(error instanceof ApiFault)) throw error
      fault.value = error
    }
  }

  watch(
    [name, revision],
    ([now], [before]) => {
      if (now !== before) lists.value = null
      void load()
    },
    { immediate: true },
  )
  askAgainWhile(
    () => isAway(fault.value),
    () => fault.value,
    () => void load(),
  )
  onScopeDispose(() => asking?.abort())
  return { lists, fault, load }
}
