// The answer to a question of the page that explains: asked when the question changes, and again when a person asks again.
import { onScopeDispose, type Ref, ref, shallowRef, watch } from 'vue'
import { type Answers, type Explanation, fetchAnswers, fetchExplanation } from '../api/explain.js'
import { ApiFault } from '../api/fault.js'
import type { Question } from '../explain/question.js'
import { askAgainWhile, isAway } from '../live/again.js'
import { mayBeStale } from '../live/position.js'
import { useContext } from './context.js'

export interface Explained {
  /** Of one flag; and the one that it is compared with. */
  readonly one: { readonly first: Explanation; readonly than: Explanation | null } | null
  /** Of all flags. */
  readonly all: Answers | null
  /** What it answers. */
  readonly question: Question
}

export function useExplained(question: () => Question | null): {
  readonly explained: Readonly<Ref<Explained | null>>
  readonly fault: Readonly<Ref<ApiFault | null>>
  readonly isAsking: Readonly<Ref<boolean>>
  ask(): Promise<void>
} {
  const { door, flags, live } = useContext()
  const explained = shallowRef<Explained | null>(null)
  const fault = shallowRef<ApiFault | null>(null)
  const isAsking = ref(false)
  let asking: AbortController | null = null
  /** The position that was known when it was asked: the answer is no older. */
  let askedAt: string | null = null

  async function answer(asked: Question, signal: AbortSignal): Promise<Explained> {
    const { actors, at, flag, only, than } = asked
    const body = { actors, ...(at === '' ? {} : { at }) }
    const other = than && {
      actors: than.actors.length === 0 ? actors : than.actors,
      ...(than.at === '' ? (at === '' ? {} : { at }) : { at: than.at }),
    }
    if (flag !== null) {
      const [first, second] = await Promise.all([
        fetchExplanation(door, flag, body, signal),
        other === null ? null : fetchExplanation(door, flag, other, signal),
      ])
      return { one: { first, than: second }, all: null, question: asked }
    }
    const filter = only === 'all' ? {} : { only }
    const all = await fetchAnswers(door, { ...body, ...filter, ...(other === null ? {} : { than: other }) }, signal)
    return { one: null, all, question: asked }
  }

  async function ask(): Promise<void> {
    fault.value = null
    await askAnew()
  }

  /** What was wrong stays until the answer. */
  async function askAnew(): Promise<void> {
    asking?.abort()
    const asked = question()
    const control = new AbortController()
    asking = control
    askedAt = flags.position.value
    if (asked === null) {
      explained.value = null
      isAsking.value = false
      return
    }
    isAsking.value = true
    try {
      const found = await answer(asked, control.signal)
      if (asking !== control) return
      explained.value = found
      fault.value = null
    } catch (error) {
      if (asking !== control || control.signal.aborted) return
      if (!(error instanceof ApiFault)) throw error
      explained.value = null
      fault.value = error
    } finally {
      if (asking === control) isAsking.value = false
    }
  }

  watch(() => JSON.stringify(question()), ask, { immediate: true })
  const stop = live.on((event) => {
    if (event.type !== 'hello' || question()?.at !== '') return
    if (mayBeStale(askedAt, event.data.position)) void ask()
  })
  askAgainWhile(
    () => isAway(fault.value),
    () => fault.value,
    () => void askAnew(),
  )
  onScopeDispose(() => {
    stop()
    asking?.abort()
  })
  return { explained, fault, isAsking, ask }
}
