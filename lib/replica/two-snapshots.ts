// The knowledge of this process, in two snapshots.
//
//   ground   the content that the store last gave or confirmed; after a start from the cache or from disk, theirs, until the
//            store has compared it (`confirmed` says which). Only confirmed content goes to the disk.
//   current  the snapshot that readers have: the ground with the hints and blobs laid over it that were heard since.
//
// The store's next answer makes the next ground. Only those hints stay over it that were heard since the question and lead beyond
// the answer. So news from any process lives until the next poll, and no answer of the store is thrown away.
// Equal entries are one object in both, and if nothing is laid over the ground both are one snapshot.
import type { CachedState, Hint } from '../cache/cache.js'
import { isAhead, type Position, type StoredDelta, type StoredState, samePosition } from '../state/state.js'
import type { Entry, Keyed } from './content.js'
import type { CurrentSnapshot } from './current-snapshot.js'
import { HintChain } from './peers/hint-chain.js'
import {
  changedSnapshot,
  listChanges,
  type Making,
  redefinedSnapshot,
  type Snapshot,
  type SnapshotSource,
  wholeSnapshot,
} from './snapshot.js'
import type { Clock } from '../time/clock.js'

/** The store's answer to a question about the changes since the ground. */
export interface GroundDelta<Item> {
  /** Null if the store keeps none. */
  readonly position: Position | null
  readonly via: readonly Position[]
  readonly changed: ReadonlyMap<string, Item | null>
  /** The content of the names that were asked for. */
  readonly also: ReadonlyMap<string, Item | null>
  /** Names that changed, and whose content the answer leaves out. */
  readonly leftOut: readonly string[]
}

/** The time of the question, and the kind of server that answered. */
export interface Moment {
  /** The result of `mark` at the time of the question. */
  readonly mark: number
  readonly isStandby: boolean
}

type Heard<Item> = { readonly order: number; readonly atMs: number } & (
  | { readonly hint: Hint<Item>; readonly blob: null }
  | { readonly hint: null; readonly blob: CachedState<Item> }
)

/** How long hints stay in place while a standby answers that is behind them. */
const standbyMs = 60_000

export interface TwoSnapshotsOptions<Item extends Keyed, Held extends Entry<Item>> extends Making<Item, Held> {
  /** Its first value is the first ground; the content laid over the ground is put in place here. */
  readonly current: CurrentSnapshot<Held>
  readonly clock: Clock
}

export class TwoSnapshots<Item extends Keyed, Held extends Entry<Item>> {
  readonly #making: Making<Item, Held>
  readonly #clock: Clock
  readonly #current: CurrentSnapshot<Held>
  #ground: Snapshot<Held>
  #confirmed = false
  #stale: ReadonlySet<string> = new Set()
  #heard: Heard<Item>[] = []
  #order = 0

  constructor(options: TwoSnapshotsOptions<Item, Held>) {
    this.#making = options
    this.#clock = options.clock
    this.#current = options.current
    this.#ground = options.current.value
  }

  get ground(): Snapshot<Held> {
    return this.#ground
  }

  get current(): Snapshot<Held> {
    return this.#current.value
  }

  /** Whether the store has given or compared the ground as a whole. */
  get confirmed(): boolean {
    return this.#confirmed
  }

  /** Names whose content in the ground comes from hints, because the store's answer would have been too large. */
  get stale(): ReadonlySet<string> {
    return this.#stale
  }

  /** Whether hints or a blob lie over the ground. */
  get isLaidOver(): boolean {
    return this.#heard.length > 0
  }

  /** Marks the time of a question: hints heard from now on may lead beyond its answer. */
  mark(): number {
    this.#order += 1
    return this.#order
  }

  /** Lays hints over the ground that lead on from the current snapshot one after the other; does nothing if none does. */
  hear(hints: readonly Hint<Item>[], chain: HintChain<Item>): void {
    const { delta } = chain
    if (delta === null) return
    const atMs = this.#clock.now()
    for (const hint of hints) this.#heard.push({ order: this.#order, atMs, hint, blob: null })
    this.#swap(this.#laid(this.current, delta), new Set(delta.changed.keys()), delta.via)
  }

  /** Lays a whole state over the ground; does nothing if it does not lead on from here. */
  hearBlob(blob: CachedState<Item>): void {
    if (!this.#leadsOn(this.current, blob)) return
    this.#heard.push({ order: this.#order, atMs: this.#clock.now(), hint: null, blob })
    this.#swap(this.#whole(blob, 'redis'), null, [blob.position])
  }

  /** A start from the cache or from disk: a ground that the store has yet to compare. */
  begin(state: Pick<StoredState<Item>, 'items' | 'position' | 'identity'>, source: SnapshotSource): void {
    this.#stand(this.#whole(state, source), {
      confirmed: false,
      stale: new Set(),
      moment: { mark: this.mark(), isStandby: false },
      touched: null,
    })
  }

  /** Takes over everything, as the store gave it. */
  takeWhole(state: StoredState<Item>, moment: Moment): void {
    const ground = this.#whole(state, 'postgres')
    const via = state.position === null ? [] : [state.position]
    this.#stand(ground, { confirmed: true, stale: new Set(), moment, touched: null, via })
  }

  /** The ground that an answer makes, without taking it over yet: its digest must be compared first. */
  next({ position, changed, also, leftOut }: GroundDelta<Item>): Snapshot<Held> {
    const content = new Map<string, Item | null>()
    for (const name of leftOut) content.set(name, this.current.entries.get(name)?.stored ?? null)
    for (const [name, stored] of [...changed, ...also]) content.set(name, stored)
    return changedSnapshot(this.#making, this.#ground, { position, changed: content }, this.current)
  }

  /** Takes over the ground that `answer` makes; `equal` says that the store has compared it as a whole. */
  takeDelta(answer: GroundDelta<Item>, moment: Moment, equal: boolean): void {
    const { changed, also, leftOut, via } = answer
    const read = [...changed.keys(), ...also.keys()]
    const stale = new Set(equal ? [] : [...this.#stale, ...leftOut])
    for (const name of equal ? [] : read) stale.delete(name)
    const confirmed = this.#confirmed || equal
    const next = this.next(answer)
    const ground: Snapshot<Held> = confirmed && next.source !== 'postgres' ? { ...next, source: 'postgres' } : next
    const stays = via.length === 0 && read.length === 0 && ground.source === this.#ground.source
    if (stays && this.#heard.length === 0) {
      this.#confirmed = confirmed
      this.#stale = stale
      return
    }
    this.#stand(stays ? this.#ground : ground, {
      confirmed,
      stale,
      moment,
      touched: new Set([...read, ...leftOut]),
      via,
    })
  }

  /** Whether a hint or blob that was heard leads to that position, or passes it. */
  hasHeard(position: Position): boolean {
    return this.#heard.some(({ hint, blob }) =>
      [...(hint?.via ?? []), hint?.to ?? blob?.position ?? null].some((one) => samePosition(one, position)),
    )
  }

  /** Drops hints and blobs that were heard long ago and that a standby has never reached. */
  forgetOld(): void {
    const since = this.#clock.now() - standbyMs
    if (!this.#heard.some(({ atMs }) => atMs < since)) return
    const kept = this.#heard.filter(({ atMs }) => atMs >= since)
    this.#relay(this.#ground, kept, null, [])
  }

  /** Takes over a change of the names that need nothing stored. */
  redefine(): void {
    const { content } = this.#making
    const [ground, current] = [this.#ground, this.current]
    this.#ground = redefinedSnapshot(content, ground)
    const snapshot = current === ground ? this.#ground : redefinedSnapshot(content, current)
    this.#current.swap({ snapshot, changes: [], via: [] })
  }

  #stand(
    ground: Snapshot<Held>,
    standing: {
      confirmed: boolean
      stale: ReadonlySet<string>
      moment: Moment
      touched: ReadonlySet<string> | null
      via?: readonly Position[]
    },
  ): void {
    const { confirmed, stale, moment, touched, via = ground.position === null ? [] : [ground.position] } = standing
    this.#ground = ground
    this.#confirmed = confirmed
    this.#stale = stale
    // A standby lags: for a while, hints that lead beyond its answer may have been heard before the question.
    const since = moment.isStandby ? this.#clock.now() - standbyMs : Number.POSITIVE_INFINITY
    const later = this.#heard.filter(({ order, atMs }) => order >= moment.mark || atMs >= since)
    this.#relay(ground, later, touched, via)
  }

  /** Lays those of `heard` over the ground that lead beyond it. */
  #relay(
    ground: Snapshot<Held>,
    heard: readonly Heard<Item>[],
    touched: ReadonlySet<string> | null,
    via: readonly Position[],
  ): void {
    const names = touched === null || this.#heard.some(({ blob }) => blob !== null) ? null : new Set(touched)
    for (const { hint } of this.#heard) for (const name of hint?.changed?.keys() ?? []) names?.add(name)
    const passed = new Set(via.map(({ nonce }) => nonce))
    const kept: Heard<Item>[] = []
    const further: Position[] = []
    let laid = ground
    for (const one of heard) {
      if (one.blob !== null && this.#leadsOn(laid, one.blob)) {
        laid = this.#whole(one.blob, 'redis')
        kept.push(one)
        further.push(one.blob.position)
      } else if (one.hint !== null) {
        const chain = new HintChain<Item>(laid.position, ({ nonce }) => passed.has(nonce))
        if (chain.add(one.hint) !== 'applied' || chain.delta === null) continue
        laid = this.#laid(laid, chain.delta)
        kept.push(one)
        further.push(...chain.delta.via)
      }
    }
    this.#heard = kept
    this.#swap(laid, names, [...via, ...further])
  }

  #leadsOn(snapshot: Snapshot<Held>, { position, identity }: CachedState<Item>): boolean {
    const isForeign = snapshot.identity !== null && snapshot.identity !== identity
    return !isForeign && (snapshot.position === null || isAhead(position, snapshot.position))
  }

  #laid(snapshot: Snapshot<Held>, delta: StoredDelta<Item>): Snapshot<Held> {
    return { ...changedSnapshot(this.#making, snapshot, delta, this.current), source: 'redis' }
  }

  #whole(state: Pick<StoredState<Item>, 'items' | 'position' | 'identity'>, source: SnapshotSource): Snapshot<Held> {
    return wholeSnapshot(this.#making, this.current, state, source)
  }

  /** `names` are those that may differ; null for all. */
  #swap(snapshot: Snapshot<Held>, names: ReadonlySet<string> | null, via: readonly Position[]): void {
    const before = this.current
    const all = names ?? new Set([...before.entries.keys(), ...snapshot.entries.keys()])
    this.#current.swap({ snapshot, changes: listChanges(this.#making.content, before, snapshot, all), via })
  }
}
