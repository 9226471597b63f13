// One whole refresh: the question, the ground that its answer makes, and the news for other processes.
//
// Refreshes run one at a time (polling.ts), so that each answer is judged against the ground that its question was about.

import type { Hint } from '../../cache/cache.js'
import { type Position, type StoredWhole, samePosition } from '../../state/state.js'
import type { Standing, StoreReader } from '../../store/store.js'
import type { Clock } from '../../time/clock.js'
import { type Content, type Entry, type Keyed, sameStored } from '../content.js'
import type { FleetSize } from '../fleet-size.js'
import { listChanges, type Snapshot, type SnapshotSource, storedItems } from '../snapshot.js'
import type { GroundDelta, TwoSnapshots } from '../two-snapshots.js'
import type { Compared, Comparison } from './comparison.js'
import { type Answer, askStore, type RefreshKind } from './question.js'

export interface RefresherOptions<Item extends Keyed, Held extends Entry<Item>> {
  readonly store: StoreReader<Item>
  readonly clock: Clock
  readonly content: Content<Item, Held>
  readonly snapshots: TwoSnapshots<Item, Held>
  readonly comparison: Comparison<Item, Held>
  readonly fleet: FleetSize
}

/** The result of a refresh. */
export interface Outcome<Item> {
  readonly kind: RefreshKind
  readonly standing: Standing
  readonly wentBack: boolean
  /** False if the answer came from a standby that is behind the ground: nothing was learned. */
  readonly learned: boolean
  /** The news for other processes; null for none. */
  readonly news: Hint<Item> | null
  /** The names whose content differed although no position showed it. */
  readonly differing: readonly string[]
}

interface Found {
  readonly kind: RefreshKind
  readonly differing: readonly string[]
}

/** If more names than these wait for an answer, they are compared with everything else. */
const mostDue = 1_000

export class Refresher<Item extends Keyed, Held extends Entry<Item>> {
  readonly #options: RefresherOptions<Item, Held>
  /** Names that the next question asks for. */
  #due = new Set<string>()
  /** The store's digest of the ground, if it is known. */
  #digest: { readonly position: Position; readonly text: string } | null = null

  constructor(options: RefresherOptions<Item, Held>) {
    this.#options = options
  }

  /** Names whose content the next question asks for, even if the history does not name them. */
  addDue(names: Iterable<string>): void {
    for (const name of names) this.#due.add(name)
    if (this.#due.size <= mostDue) return
    this.#due.clear()
    this.#options.comparison.now()
  }

  /** The store's digest of the ground; null if it is not known. */
  get groundDigest(): string | null {
    const { ground } = this.#options.snapshots
    return this.#digest !== null && samePosition(this.#digest.position, ground.position) ? this.#digest.text : null
  }

  /** Notes a digest of the ground that was computed here, or by the reader of a blob. */
  knowDigest(position: Position, text: string): void {
    this.#digest = { position, text }
  }

  /**
   * Asks the store, with `guard` also for the fingerprint of the triggers, and takes over the answer. Throws the store's
   * errors; the snapshots stay as they were in that case.
   */
  async refresh(expectsChange: boolean, guard: boolean): Promise<Outcome<Item>> {
    const { content, snapshots } = this.#options
    const stood = snapshots.current
    const ground = snapshots.ground
    const mark = snapshots.mark()
    const answer = await this.#ask(expectsChange, guard)
    const { standing } = answer
    if (answer.kind === 'lags') {
      snapshots.forgetOld()
      return { kind: 'none', standing, wentBack: false, learned: false, news: null, differing: [] }
    }
    const found = await this.#take(answer, mark)
    const news = newsOf({ content, stood, before: ground, ground: snapshots.ground, answer })
    const wentBack = answer.kind === 'unknown' && answer.back
    return { ...found, standing, wentBack, learned: true, news }
  }

  /** A name that is added from now on waits for the next question, also if it is in this one: it was written once more meanwhile. */
  async #ask(expectsChange: boolean, guard: boolean): Promise<Answer<Item>> {
    const { store, snapshots, comparison, fleet } = this.#options
    const digest = comparison.isDue
    const due = this.#due
    this.#due = new Set()
    try {
      const answer = await askStore(store, {
        ground: snapshots.ground,
        // A digest can be judged only if the content of everything is known.
        also: [...(digest ? new Set([...due, ...snapshots.stale]) : due)],
        digest,
        guard,
        // This process must read back its own writes, however much that is.
        most: digest || expectsChange ? null : fleet.mostRows,
        expectsChange: expectsChange || snapshots.isLaidOver,
        hasHeard: (position) => snapshots.hasHeard(position),
      })
      if (answer.kind === 'lags') this.addDue(due)
      return answer
    } catch (error) {
      this.addDue(due)
      throw error
    }
  }

  /** Reads everything with its digest, and takes it over. Throws the store's errors. */
  async readWhole(): Promise<StoredWhole<Item>> {
    const mark = this.#options.snapshots.mark()
    const { whole } = await this.#readWhole(mark, true)
    return whole
  }

  async #take(answer: Exclude<Answer<Item>, { kind: 'lags' }>, mark: number): Promise<Found> {
    if (answer.kind === 'unknown') {
      await this.#readWhole(mark, false)
      this.#options.comparison.wasEqual()
      return { kind: 'whole', differing: [] }
    }
    return answer.digest === null ? this.#takeDelta(answer, mark) : this.#compare(answer, answer.digest, mark)
  }

  #takeDelta({ content, standing }: Extract<Answer<Item>, { kind: 'since' }>, mark: number): Found {
    const { snapshots, comparison } = this.#options
    if (content.leftOut.length > 0) comparison.soon()
    const differing = this.#differing(content)
    if (differing.length > 0) this.#digest = null
    snapshots.takeDelta(content, { mark, isStandby: standing.inRecovery }, false)
    return { kind: content.changed.size > 0 || differing.length > 0 ? 'delta' : 'none', differing }
  }

  /**
   * There is always a verdict: the digest covers the ground of the question and the changes since, whatever was heard in
   * between.
   */
  async #compare(answer: Extract<Answer<Item>, { kind: 'since' }>, theirs: string, mark: number): Promise<Found> {
    const { snapshots, comparison } = this.#options
    const { content, standing } = answer
    const from = snapshots.ground.source
    const differing = this.#differing(content)
    const next = snapshots.next(content)
    if (comparison.isEqual(theirs, await this.#digestOf(next, content))) {
      comparison.wasEqual()
      if (content.position !== null) this.#digest = { position: content.position, text: theirs }
      snapshots.takeDelta(content, { mark, isStandby: standing.inRecovery }, true)
      return { kind: content.changed.size > 0 || differing.length > 0 ? 'delta' : 'none', differing }
    }
    const { whole, snapshot } = await this.#readWhole(mark, true)
    const all = new Set([...next.entries.keys(), ...snapshot.entries.keys()])
    const names = listChanges(this.#options.content, next, snapshot, all)
    if (whole.digest !== null) comparison.readBoth(whole.digest, await this.#options.content.digestOf(whole.items))
    if (names.length > 0) comparison.wasDifferent(comparedOf(from), { position: content.position, flags: names.length })
    else comparison.wasEqual()
    return { kind: 'whole', differing: [...differing, ...names.map(({ name }) => name)] }
  }

  /** Hashing everything takes milliseconds, so it is not repeated if nothing was added to the hashed content. */
  async #digestOf(next: Snapshot<Held>, { changed, also, leftOut }: GroundDelta<Item>): Promise<string> {
    const isKnown = changed.size === 0 && also.size === 0 && leftOut.length === 0
    return (isKnown ? this.groundDigest : null) ?? this.#options.content.digestOf(storedItems(next))
  }

  /** Of the names asked for: those that the history does not name and whose content differs from the ground. */
  #differing({ also, changed }: GroundDelta<Item>): string[] {
    const { content, snapshots } = this.#options
    const { ground, stale } = snapshots
    const differs = ([name, stored]: readonly [string, Item | null]) =>
      !changed.has(name) && !stale.has(name) && !sameStored(content, ground.entries.get(name)?.stored ?? null, stored)
    return [...also].filter(differs).map(([name]) => name)
  }

  async #readWhole(mark: number, digest: boolean): Promise<{ whole: StoredWhole<Item>; snapshot: Snapshot<Held> }> {
    const { store, clock, snapshots } = this.#options
    const whole = await store.readAll({ digest })
    // Parsing thousands of items has filled this turn of the event loop; the next step gets a turn of its own.
    await clock.nextTurn()
    this.#digest =
      whole.digest === null || whole.position === null ? null : { position: whole.position, text: whole.digest }
    snapshots.takeWhole(whole, { mark, isStandby: whole.inRecovery })
    return { whole, snapshot: snapshots.ground }
  }
}

function comparedOf(source: SnapshotSource): Compared {
  return source === 'redis' || source === 'disk' ? source : 'store'
}

/**
 * The news for the other processes: only the changes after the position that this process had, with the content that it did not
 * have. If hints had led it to a position that the store did not pass, the news starts from the last ground.
 */
function newsOf<Item extends Keyed, Held extends Entry<Item>>(read: {
  readonly content: Content<Item, Held>
  readonly stood: Snapshot<Held>
  readonly before: Snapshot<Held>
  readonly ground: Snapshot<Held>
  readonly answer: Answer<Item>
}): Hint<Item> | null {
  const { stood, before, ground, answer } = read
  const to = ground.position
  if (to === null || samePosition(stood.position, to)) return null
  if (answer.kind !== 'since') {
    // Everything was read: the others learn that there is news, and from which position it leads.
    return stood.position === null ? null : { from: stood.position, via: [], to, changed: null }
  }
  const { via, changed } = answer.content
  if (via.length === 0 || before.position === null) return null
  const at = via.findIndex((position) => samePosition(position, stood.position))
  const content = answer.content.leftOut.length > 0 ? null : changed
  if (at < 0) return { from: before.position, via: via.slice(0, -1), to, changed: content }
  const isNew = (name: string, stored: Item | null) =>
    !sameStored(read.content, stood.entries.get(name)?.stored ?? null, stored)
  const between = via.slice(at + 1, -1)
  // A process at a position in between may hold content of that moment: names that were absent before and are absent now must
  // be listed too.
  const isForAll = content === null || between.length > 0
  const news = isForAll ? content : new Map([...content].filter(([name, stored]) => isNew(name, stored)))
  return { from: via[at] ?? before.position, via: between, to, changed: news }
}
