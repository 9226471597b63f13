// What a test says to a checker process, and what it answers.
import type { ReplicaCounts, ReplicaStatus } from '../../../lib/replica/replica.js'

/** A question that the process asks all the time, with the one right answer. */
export interface Expected {
  readonly flag: string
  /** An actor's id; null asks without one. */
  readonly actor: string | null
  readonly answer: boolean
}

/** The options of `createFeature` that can be sent to another process. */
export interface SentOptions {
  readonly root: string
  readonly databaseUrl: string
  readonly redisUrl?: string
  readonly namespace?: string
  readonly cacheSecret?: string
  readonly pollIntervalMs?: number
  readonly listen?: boolean
  readonly diskFile?: string | false
}

export type Command =
  /** Starts that many instances in the one process. */
  | {
      readonly do: 'start'
      readonly options: SentOptions
      readonly expected: readonly Expected[]
      readonly copies: number
    }
  /** From now on it asks these questions, and those that it was started with no more. */
  | { readonly do: 'expect'; readonly expected: readonly Expected[] }
  | { readonly do: 'look' }
  | { readonly do: 'statuses' }
  /** Begins to measure anew. */
  | { readonly do: 'measure' }
  /** Collects garbage, which takes a while, and weighs what is left. */
  | { readonly do: 'weigh' }
  | { readonly do: 'digest' }
  | { readonly do: 'ask'; readonly flag: string; readonly actor: string | null }
  | { readonly do: 'enable'; readonly flag: string; readonly actor: string; readonly wait: boolean }
  /** Writes without end: actors `User:<n>`, counted from `from`, spread over the flags given. */
  | { readonly do: 'load'; readonly from: number; readonly flags: readonly string[]; readonly spacingMs: number }
  | { readonly do: 'unload' }
  /** Keeps the event loop from turning. */
  | { readonly do: 'block'; readonly ms: number }
  /** Takes away the handler that keeps a lost idle connection from ending the process. */
  | { readonly do: 'undefend' }
  /** Steps the wall clock. */
  | { readonly do: 'shift'; readonly ms: number }
  /** Writes the disk's copy over and over. */
  | { readonly do: 'keep'; readonly path: string; readonly flags: number }
  | { readonly do: 'stop' }

export interface Started {
  /** From the call of start() until the last instance was ready. */
  readonly readyMs: number
}

export interface Look {
  readonly checks: number
  readonly threw: number
  /** Answers that were not the expected one. */
  readonly wrong: number
  /** Unhandled rejections and uncaught exceptions. */
  readonly unhandled: readonly string[]
  readonly checkP99Ns: number
  readonly loopDelayP99Ms: number
  /** Every warning and error that was logged, once. */
  readonly warned: readonly string[]
  /** How often each of them was. */
  readonly warnedTimes: Readonly<Record<string, number>>
  readonly statuses: readonly ReplicaStatus[]
  readonly counts: ReplicaCounts
}

export interface Refusal {
  readonly number: number
  readonly code: string
}

export interface Loaded {
  readonly acknowledged: readonly number[]
  readonly refused: readonly Refusal[]
  readonly slowestRefusalMs: number
  readonly nextNumber: number
}

export interface Answers {
  start: Started
  expect: null
  look: Look
  measure: null
  /** Megabytes. */
  weigh: number
  statuses: readonly ReplicaStatus[]
  /** Position and hash of what each instance holds. */
  digest: readonly { readonly version: string | null; readonly nonce: string | null; readonly digest: string }[]
  ask: readonly boolean[]
  /** `confirmed`: how many other processes have it; null where nobody was waited for, or some lag. */
  enable: { readonly ms: number; readonly code: string | null; readonly confirmed: number | null }
  load: null
  unload: Loaded
  block: null
  shift: null
  undefend: null
  keep: null
  stop: null
}

export type Answer =
  | { readonly id: number; readonly value: Answers[keyof Answers] }
  | { readonly id: number; readonly error: string }
  /** Sent with each write of a load, at once. */
  | { readonly acknowledged: number }
