// Positions of the database as the server writes them, `version-nonce`, and what they say of an answer that came before the stream began.

/** Whether the one is known to be older than the other. */
export function isBefore(one: string | null, other: string | null): boolean {
  const [before, after] = [one, other].map((text) => Number(/^(\d{1,15})-/.exec(text ?? '')?.[1] ?? Number.NaN))
  return before !== undefined && after !== undefined && before < after
}

/**
 * Whether a stream that begins at `hello` may know more than an answer that was asked for at `asked`: what happened in between is told by no
 * event. Without a database there are no positions, and nothing to compare.
 */
export function mayBeStale(asked: string | null, hello: string | null): boolean {
  return hello !== null && hello !== asked
}
