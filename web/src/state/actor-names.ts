// Names of actors for the ids that are shown, asked for 200 at a time. An id without a name is shown as it is; names never hold anything up.
import { onScopeDispose, type Ref, shallowRef, watch } from 'vue'
import { ApiFault } from '../api/fault.js'
import { type ActorName, fetchNames } from '../api/flag.js'
import { useContext } from './context.js'

const most = 200

export function useActorNames(ids: () => readonly string[]): Readonly<Ref<ReadonlyMap<string, ActorName>>> {
  const { door } = useContext()
  const names = shallowRef<ReadonlyMap<string, ActorName>>(new Map())
  const asked = new Set<string>()
  const ended = new AbortController()
  onScopeDispose(() => ended.abort())

  watch(
    ids,
    async (wanted) => {
      const missing = wanted.filter((id) => !asked.has(id)).slice(0, most)
      if (missing.length === 0) return
      for (const id of missing) asked.add(id)
      try {
        const found = await fetchNames(door, missing, ended.signal)
        names.value = new Map([...names.value, ...found])
      } catch (error) {
        if (!(error instanceof ApiFault) && !ended.signal.aborted) throw error
      }
    },
    { immediate: true },
  )
  return names
}
