// What every change says of itself, for the history.

/** Who changes something, from where and why. */
export interface ChangeOrigin {
  /** Made by the caller (a UUID) and kept in the history, so that a COMMIT of unknown outcome can be looked up. */
  readonly id: string
  readonly author: string
  /** The origin of the change: `code`, `cli`, `console`, `http`, `import`. */
  readonly source: string
  readonly reason: string | null
}

/** What is told of a change beside its rows, where there is anything to tell. */
export interface ChangeDetails {
  /** The id of the change that it takes back. */
  readonly undoes?: string
  /** The point in the past whose rows it brings back, as it was given. */
  readonly restores?: string
  /** The proposal that it applies (a UUID). */
  readonly proposalId?: string
  /** The rollout of which it is a step (a UUID), and the number of that step. */
  readonly rolloutId?: string
  readonly step?: number
  /** Who has approved it. */
  readonly approvedBy?: readonly string[]
  /** Why it was made although a rule was against it. */
  readonly override?: string
  /** Where a chat asked for it, and the address of that message. */
  readonly channel?: string
  readonly link?: string
}
