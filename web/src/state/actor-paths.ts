// Words of a paste that may be paths of actors: the application is asked what they lead to, a moment after the last key, and for each once.
import { onScopeDispose, shallowRef, watch } from 'vue'
import { findPaths } from '../api/actor-list.js'
import { ApiFault } from '../api/fault.js'
import type { ParsedIds } from '../proposal/ids.js'
import { useContext } from './context.js'

const atOnce = 200
const pauseMs = 300

export function useActorPaths(parsed: () => ParsedIds | null, className: () => string) {
  const { door } = useContext()
  /** By path, of the class as it is now. */
  const found = shallowRef<ReadonlyMap<string, string>>(new Map())
  /** Whether the application finds actors of this class by paths; null until it was asked. */
  const canFind = shallowRef<boolean | null>(null)
  const isLooking = shallowRef(false)
  let asked = new Set<string>()
  let timer: number | undefined
  let looking = new AbortController()

  async function look(): Promise<void> {
    const { signal } = looking
    const missing = [...new Set((parsed()?.malformed ?? []).map(({ text }) => text))].filter((path) => !asked.has(path))
    if (missing.length === 0 || canFind.value === false) return
    isLooking.value = true
    try {
      for (let from = 0; from < missing.length && !signal.aborted; from += atOnce) {
        const paths = missing.slice(from, from + atOnce)
        const ids = await findPaths(door, className(), paths, signal)
        canFind.value = ids !== null
        if (ids === null) return
        for (const path of paths) asked.add(path)
        found.value = new Map([...found.value, ...ids])
      }
    } catch (error) {
      // What cannot be looked up stays what it is: a word that is no id.
      if (!(error instanceof ApiFault) && !signal.aborted) throw error
    } finally {
      if (!signal.aborted) isLooking.value = false
    }
  }

  function lookSoon(): void {
    looking.abort()
    looking = new AbortController()
    isLooking.value = false
    window.clearTimeout(timer)
    if ((parsed()?.malformedCount ?? 0) > 0 && /^[\w:]+$/.test(className()))
      timer = window.setTimeout(() => void look(), pauseMs)
  }

  watch(className, () => {
    found.value = new Map()
    asked = new Set()
    canFind.value = null
  })
  watch([parsed, className], lookSoon)
  onScopeDispose(() => {
    looking.abort()
    window.clearTimeout(timer)
  })
  return { found, canFind, isLooking }
}
