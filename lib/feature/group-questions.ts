// The predicates of groups, as previews and explanations ask them: for many actors at once, or for many flags, beside the other work of a
// server. A check asks one predicate and has to wait for it; here each has a limit, because one that is slow, or that never returns, would
// hold up everything else in the process.
//
// A group is: asked → set aside for a minute, where its predicate was ended. Meanwhile nothing is known of it.
import type { Actor } from '../actors/actor.js'
import type { Groups } from '../actors/groups.js'
import type { Clock } from '../time/clock.js'
import { runWithin } from '../time/run-within.js'

export interface GroupQuestionsOptions {
  readonly groups: Pick<Groups, 'has' | 'membership'>
  readonly clock: Clock
  /** Runs it, and leaves the stack of checks as it was, also where a predicate was ended in the middle of one. */
  readonly keepingStack: <T>(run: () => T) => T
  /** Called where a predicate was ended. */
  readonly onEnded: (group: string, error: Error) => void
  /** For tests. */
  readonly limits?: Partial<GroupLimits>
}

export interface GroupLimits {
  /** After this long a predicate is ended. */
  readonly oneMs: number
  /** All predicates of one preview, or of one explanation. */
  readonly allMs: number
  /** Then other work has its turn. */
  readonly sliceMs: number
}

const usualLimits: GroupLimits = { oneMs: 1_000, allMs: 2_000, sliceMs: 5 }
const asideMs = 60_000

/** Whether an actor is in a group; null where it cannot be told. */
export type GroupMembership = (group: string, actor: Actor) => boolean | null

export class GroupQuestions {
  readonly #options: GroupQuestionsOptions
  readonly #limits: GroupLimits
  /** Until when a group is not asked again. */
  readonly #aside = new Map<string, number>()

  constructor(options: GroupQuestionsOptions) {
    this.#options = options
    this.#limits = { ...usualLimits, ...options.limits }
  }

  /** For one explanation: asks at once, and no more where all its time is used. */
  oneByOne(): GroupMembership {
    const { groups, clock } = this.#options
    let leftMs = this.#limits.allMs
    return (group, actor) => {
      if (leftMs <= 0 || !groups.has(group) || this.#isAside(group)) return null
      const beganMs = clock.now()
      const answer = this.#ended(() => groups.membership(group, actor))
      leftMs -= clock.now() - beganMs
      if (answer === null) this.#setAside(group)
      return answer === null ? null : answer.value
    }
  }

  /**
   * For one preview: asks each group for each actor before it answers, a few milliseconds at a time, so that other work goes on. What was
   * not asked when all its time was used is not known. Never rejects.
   */
  async ofAll(actors: readonly Actor[], names: readonly string[]): Promise<GroupMembership> {
    const { clock, groups } = this.#options
    const registered = names.filter((name) => groups.has(name))
    const told = new Map<Actor, Map<string, boolean | null>>()
    const untilMs = clock.now() + this.#limits.allMs
    let next = registered.length === 0 ? actors.length : 0
    let asking: string | null = null
    const askSome = () => {
      const stopMs = clock.now() + this.#limits.sliceMs
      do {
        const actor = actors[next]
        if (actor === undefined) return
        const answers = new Map<string, boolean | null>()
        told.set(actor, answers)
        for (const group of registered) {
          if (this.#isAside(group)) continue
          asking = group
          answers.set(group, groups.membership(group, actor))
        }
        next += 1
      } while (clock.now() < stopMs)
    }
    while (next < actors.length && clock.now() < untilMs) {
      if (this.#ended(askSome) === null) {
        if (asking !== null) this.#setAside(asking)
        next += 1
      }
      if (next < actors.length) await clock.nextTurn()
    }
    return (group, actor) => told.get(actor)?.get(group) ?? null
  }

  /** Null where it was ended. */
  #ended<T>(run: () => T): { readonly value: T } | null {
    return this.#options.keepingStack(() => runWithin(this.#limits.oneMs, run))
  }

  #isAside(group: string): boolean {
    const untilMs = this.#aside.get(group)
    if (untilMs === undefined) return false
    if (this.#options.clock.now() < untilMs) return true
    this.#aside.delete(group)
    return false
  }

  #setAside(group: string): void {
    this.#aside.set(group, this.#options.clock.now() + asideMs)
    this.#options.onEnded(group, new Error(`it did not end within ${this.#limits.oneMs / 1_000} seconds`))
  }
}
