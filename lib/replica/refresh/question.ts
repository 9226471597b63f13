// One question to the store: its position, the changes since, and, if it is due, whether the content is the same. Each answer
// comes from one statement and describes one moment, so that it can always be judged.
import { isAhead, type Position, samePosition } from '../../state/state.js'
import type { Since, Standing, StoreReader } from '../../store/store.js'
import type { Snapshot } from '../snapshot.js'
import type { GroundDelta } from '../two-snapshots.js'

export type RefreshKind = 'none' | 'delta' | 'whole'

export interface Question {
  readonly ground: Ground
  /** Names whose content is wanted: own writes, and differences that others found. */
  readonly also: readonly string[]
  readonly digest: boolean
  /** Whether the answer must have the fingerprint of the triggers. */
  readonly guard: boolean
  /** The most rows that an answer may hold; null for no limit. */
  readonly most: number | null
  /**
   * Whether something is known to have changed, or hints lie over the ground: then the question asks for the changes at once.
   */
  readonly expectsChange: boolean
  /** Whether hints have given the content at that position. */
  readonly hasHeard: (position: Position) => boolean
}

export type Answer<Item> =
  /** Leads on from the ground, possibly without a change. */
  | {
      readonly kind: 'since'
      readonly standing: Standing
      readonly content: GroundDelta<Item>
      readonly digest: string | null
    }
  /** A standby that is behind the ground: the answer is not used. */
  | Lags
  /**
   * Everything must be read. `back`: the primary is behind the position that this process had seen, because of a restore or a
   * failover.
   */
  | Unknown

interface Lags {
  readonly kind: 'lags'
  readonly standing: Standing
}

interface Unknown {
  readonly kind: 'unknown'
  readonly standing: Standing
  readonly back: boolean
}

/** The part of the ground that a question is about. */
export type Ground = Pick<Snapshot<never>, 'position' | 'identity' | 'source'>

/** Asks the store. Throws the store's errors. */
export async function askStore<Item>(store: StoreReader<Item>, question: Question): Promise<Answer<Item>> {
  const { ground, also, digest, guard, expectsChange } = question
  if (!expectsChange && !digest && also.length === 0) {
    const head = await store.head(ground.position, { guard })
    const judged = judge(ground, head)
    if (judged !== null) return judged
    if (samePosition(head.position, ground.position))
      return { kind: 'since', standing: head, content: nothing(head), digest: null }
    if (!head.known) return unknown(ground, head)
  }
  return askSince(store, question)
}

async function askSince<Item>(store: StoreReader<Item>, question: Question): Promise<Answer<Item>> {
  const { ground, also, digest, guard, most, hasHeard } = question
  const limit = most === null ? {} : { most }
  let since = await store.readSince(ground.position, { also, digest, guard, ...limit })
  // Content that hints have not given must be read, however much it is.
  if (since.leftOut.length > 0 && since.position !== null && !hasHeard(since.position)) {
    since = await store.readSince(ground.position, { also, digest, guard })
  }
  return judge(ground, since) ?? leadingOn(ground, since)
}

function leadingOn<Item>(ground: Ground, since: Since<Item>): Answer<Item> {
  const { delta, also, leftOut, digest } = since
  if (delta !== null) {
    const { position, via, changed } = delta
    return { kind: 'since', standing: since, content: { position, via, changed, also, leftOut }, digest }
  }
  if (since.position === null && ground.position === null)
    return { kind: 'since', standing: since, content: { ...nothing(since), also }, digest }
  return unknown(ground, since)
}

/** The answer that needs no knowledge of the changes; null if, so far, the store leads on from the ground. */
function judge(ground: Ground, standing: Standing): Lags | Unknown | null {
  // Nothing was ever read; or the tables of the position have come or gone; or the address leads to another database.
  const isNew = ground.source === 'definitions' || (ground.position === null) !== (standing.position === null)
  const isOther = ground.identity !== null && standing.identity !== null && ground.identity !== standing.identity
  if (isNew || isOther) return { kind: 'unknown', standing, back: false }
  if (standing.position === null || ground.position === null || samePosition(standing.position, ground.position))
    return null
  if (isAhead(standing.position, ground.position)) return null
  // A standby may be behind what this process has already seen, so its answer never leads back.
  return standing.inRecovery ? { kind: 'lags', standing } : unknown(ground, standing)
}

function unknown({ position }: Ground, standing: Standing): Unknown {
  const back = position !== null && standing.position !== null && !isAhead(standing.position, position)
  return { kind: 'unknown', standing, back }
}

function nothing({ position }: Standing): GroundDelta<never> {
  return { position, via: [], changed: new Map(), also: new Map(), leftOut: [] }
}
