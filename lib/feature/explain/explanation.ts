// What an explanation says: the answer of a flag, each gate with why it is open or closed, and the change that decided it.
import type { Reason } from '../../gates/decide.js'
import type { Position } from '../../state/state.js'

/** How a percentage of actors was decided. */
export interface ExplainedBucket {
  /** The text whose CRC-32 it is: the name of the flag and the joined ids. */
  readonly input: string
  /** The id of the actor; of several actors all ids, sorted by their bytes, without anything in between. */
  readonly joinedId: string
  readonly checksum: number
  /** The remainder of the checksum, from 0 to 99,999. */
  readonly bucket: number
  /** Buckets below it are open: 25,000 for 25 %. */
  readonly threshold: number
}

/** One gate, in the order in which a check asks them. */
export interface ExplainedGate {
  /**
   * `never` (the opt-outs), `boolean`, `actors`, `percentage_of_actors`, `percentage_of_time`, `groups`, `default`; and the key of each
   * gate that this version does not know.
   */
  readonly gate: string
  /** Whether it opens the flag. Null where that cannot be told: chance decides, a group is unknown, or a check does not ask it. */
  readonly open: boolean | null
  /** Whether it is the one that decides. No gate is where all are closed. */
  readonly decides: boolean
  /** In words, such as `"User:7" stands at 9.9 %; the first 25 % have it`. */
  readonly why: string
  /** Of a percentage of actors. */
  readonly detail?: ExplainedBucket
}

/** What an explanation was made from. */
export interface ExplainedAsOf {
  /** Null where the tables of the history are missing. Of the past only its number may be known. */
  readonly position: { readonly version: string; readonly nonce: string | null } | null
  /** When the store said so; of the past when its position was made. Null where that is not known. */
  readonly at: Date | null
  /** `memory`: the store cannot be reached, and this is what checks in this process answer from. `stub`: a test's stub of the flag. */
  readonly from: 'store' | 'memory' | 'stub'
}

/** The change that decided an answer. */
export interface DecidingChange {
  /** Null where the writer gave none, as psql does. */
  readonly changeId: string | null
  readonly position: Position
  readonly at: Date
  readonly author: string
  readonly source: string
  readonly reason: string | null
}

/** The answer of a flag and its reason, without the gates one by one. */
export interface ExplainedAnswer {
  /** What a check answers; null where chance decides each check anew. */
  readonly value: boolean | null
  /** As of `Feature.decide`. */
  readonly reason: Reason
  /** How likely a check answers true, from 0 to 1. */
  readonly chance: number
  /**
   * What of the answer is not certain. `by_chance`: each check decides anew. `group:NAME`: that group is not registered in this process
   * or failed; of a past answer that its predicate of today was asked. Of a past answer alone: `definition`, the default of today's
   * file counted; `untracked`, rows were written past the history.
   */
  readonly approximate: readonly string[]
}

/** Why a flag is on or off. */
export interface Explanation extends ExplainedAnswer {
  readonly name: string
  /** The ids of the actors; empty for a check without one. */
  readonly actors: readonly string[]
  readonly steps: readonly ExplainedGate[]
  readonly asOf: ExplainedAsOf
  /**
   * The change that added what opens the flag or denies it; of a closed flag the last one that removed what would have opened it. Null
   * where none did, and where it is not known.
   */
  readonly by: DecidingChange | null
}
