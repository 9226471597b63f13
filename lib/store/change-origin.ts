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
