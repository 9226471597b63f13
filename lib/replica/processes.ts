// The processes that serve flags of one database, as far as the cache between them tells.
import type { Cache, Member } from '../cache/cache.js'
import type { Position } from '../state/state.js'
import type { FlagReplica } from './flag-content.js'

export interface ProcessNow extends Member {
  /** Whether it has the position. */
  readonly isCurrent: boolean
}

export interface ProcessesNow {
  readonly position: Position
  readonly processes: readonly ProcessNow[]
}

export interface ProcessesOptions {
  readonly cache: Pick<Cache, 'members' | 'waitForAll'> | null
  readonly replica: Pick<FlagReplica, 'snapshot'>
}

/** A process that has the position says so within milliseconds. */
const patienceMs = 500
/** Each question is one to the whole fleet. */
const keptMs = 2_000

export class Processes {
  readonly #options: ProcessesOptions
  #asked: { readonly answer: Promise<ProcessesNow | null>; readonly atMs: number } | null = null

  constructor(options: ProcessesOptions) {
    this.#options = options
  }

  /** Null where nothing is known of other processes. Never rejects. The same for two seconds. */
  now(): Promise<ProcessesNow | null> {
    const nowMs = performance.now()
    if (this.#asked === null || nowMs - this.#asked.atMs >= keptMs) {
      this.#asked = { answer: this.#ask().catch(() => null), atMs: nowMs }
    }
    return this.#asked.answer
  }

  async #ask(): Promise<ProcessesNow | null> {
    const { cache, replica } = this.#options
    const { identity, position } = replica.snapshot
    if (cache === null || identity === null || position === null) return null
    const members = await cache.members(identity)
    if (members === null) return null
    const { lagging } = await cache.waitForAll(identity, position, patienceMs)
    const behind = new Set(lagging)
    return { position, processes: members.map((member) => ({ ...member, isCurrent: !behind.has(member.name) })) }
  }
}
