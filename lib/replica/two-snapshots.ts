// What this process knows, in two snapshots.
//
//   ground   what the store last gave or confirmed; after a start from the cache or from disk, what these gave, until the
//            store has compared it (`confirmed` says which). Only what is confirmed goes to the disk.
//   current  what checks read: the ground with the hints and blobs laid over it that were heard since.
//
// The store's next answer makes the next ground. Over it lie only those hints that were heard since the question and lead
// beyond the answer: so what was heard lives until the next poll, from whatever process, and no answer of the store is thrown away.
// Equal flags are one object in both, and where nothing is laid over the ground both are one snapshot.
import type { CachedState, Hint } from '../cache/cache.js'
import {
  isAhead,
  type Position,
  type StoredDelta,
  type StoredFeature,
  type StoredState,
  samePosition,
} from '../state/state.js'
import type { Flag } from './flag.js'
import { HintChain } from './peers/hint-chain.js'
import {
  changedSnapshot,
  type Definitions,
  definitionsSnapshot,
  type FeatureFault,
  redefinedSnapshot,
  type Snapshot,
  type SnapshotSource,
  sameStored,
  wholeSnapshot,
} from './snapshot.js'

/** What changed of one feature with a swap. */
export interface FlagChange {
  readonly name: string
  readonly before: Flag | null
  readonly after: Flag | null
}

/** A new current snapshot, and what led to it. */
export interface Swap {
  readonly snapshot: Snapshot
  readonly changes: readonly FlagChange[]
  /** The positions passed on the way, as far as they are known. */
  readonly via: readonly Position[]
}

/** What the store answered to a question about what changed since the ground. */
export interface GroundDelta {
  /** Null where the store keeps none. */
  readonly position: Position | null
  readonly via: readonly Position[]
  readonly changed: ReadonlyMap<string, StoredFeature | null>
  /** Features that were asked for by name. */
  readonly also: ReadonlyMap<string, StoredFeature | null>
  /** Features that changed, of which the answer has no content. */
  readonly leftOut: readonly string[]
}

/** When the store was asked, and what answered. */
export interface Moment {
  /** What `mark` gave at the question. */
  readonly mark: number
  readonly isStandby: boolean
}

type Heard = { readonly order: number; readonly atMs: number } & (
  | { readonly hint: Hint; readonly blob: null }
  | { readonly hint: null; readonly blob: CachedState }
)

/** How long a standby that has not come so far leaves in place what was heard. */
const standbyMs = 60_000

export interface TwoSnapshotsOptions {
  readonly now: () => number
  readonly definitions: () => Definitions
  readonly onFault: FeatureFault
}

export class TwoSnapshots {
  readonly #options: TwoSnapshotsOptions
  #ground: Snapshot
  #current: Snapshot
  #confirmed = false
  #stale: ReadonlySet<string> = new Set()
  #heard: Heard[] = []
  #order = 0

  constructor(options: TwoSnapshotsOptions) {
    this.#options = options
    this.#ground = definitionsSnapshot(options.definitions())
    this.#current = this.#ground
  }

  get ground(): Snapshot {
    return this.#ground
  }

  get current(): Snapshot {
    return this.#current
  }

  /** Whether the store has given or compared the ground as a whole. */
  get confirmed(): boolean {
    return this.#confirmed
  }

  /** Features of which the ground holds what hints said, because the store's answer would have been too large. */
  get stale(): ReadonlySet<string> {
    return this.#stale
  }

  /** Whether hints or a blob lie over the ground. */
  get isLaidOver(): boolean {
    return this.#heard.length > 0
  }

  /** Marks the moment of a question: what is heard from now on may lead beyond its answer. */
  mark(): number {
    this.#order += 1
    return this.#order
  }

  /** Lays hints over the ground that lead on from the current snapshot one after the other; null where none does. */
  hear(hints: readonly Hint[], chain: HintChain): Swap | null {
    const { delta } = chain
    if (delta === null) return null
    const atMs = this.#options.now()
    for (const hint of hints) this.#heard.push({ order: this.#order, atMs, hint, blob: null })
    return this.#swap(this.#laid(this.#current, delta), new Set(delta.changed.keys()), delta.via)
  }

  /** Lays a whole state over the ground; null where it does not lead on from here. */
  hearBlob(blob: CachedState): Swap | null {
    if (!this.#leadsOn(this.#current, blob)) return null
    this.#heard.push({ order: this.#order, atMs: this.#options.now(), hint: null, blob })
    return this.#swap(this.#whole(blob, 'redis'), null, [blob.position])
  }

  /** A start from the cache or from disk: a ground that the store has yet to compare. */
  begin(state: Pick<StoredState, 'features' | 'position' | 'identity'>, source: SnapshotSource): Swap {
    return this.#stand(this.#whole(state, source), {
      confirmed: false,
      stale: new Set(),
      moment: { mark: this.mark(), isStandby: false },
      touched: null,
    })
  }

  /** Everything, as the store gave it. */
  takeWhole(state: StoredState, moment: Moment): Swap {
    const ground = this.#whole(state, 'postgres')
    const via = state.position === null ? [] : [state.position]
    return this.#stand(ground, { confirmed: true, stale: new Set(), moment, touched: null, via })
  }

  /** The ground that an answer makes, without standing on it yet: its digest is to be compared first. */
  next({ position, changed, also, leftOut }: GroundDelta): Snapshot {
    const content = new Map<string, StoredFeature | null>()
    for (const name of leftOut) content.set(name, this.#current.flags.get(name)?.stored ?? null)
    for (const [name, stored] of [...changed, ...also]) content.set(name, stored)
    const { definitions, onFault } = this.#options
    return changedSnapshot(this.#ground, { position, changed: content }, this.#current, definitions(), onFault)
  }

  /** Stands on the ground that `answer` makes; `equal` says that the store has compared it as a whole. */
  takeDelta(answer: GroundDelta, moment: Moment, equal: boolean): Swap | null {
    const { changed, also, leftOut, via } = answer
    const read = [...changed.keys(), ...also.keys()]
    const stale = new Set(equal ? [] : [...this.#stale, ...leftOut])
    for (const name of equal ? [] : read) stale.delete(name)
    const confirmed = this.#confirmed || equal
    const next = this.next(answer)
    const ground: Snapshot = confirmed && next.source !== 'postgres' ? { ...next, source: 'postgres' } : next
    const stays = via.length === 0 && read.length === 0 && ground.source === this.#ground.source
    if (stays && this.#heard.length === 0) {
      this.#confirmed = confirmed
      this.#stale = stale
      return null
    }
    return this.#stand(stays ? this.#ground : ground, {
      confirmed,
      stale,
      moment,
      touched: new Set([...read, ...leftOut]),
      via,
    })
  }

  /** Whether what was heard leads to that position, or over it. */
  hasHeard(position: Position): boolean {
    return this.#heard.some(({ hint, blob }) =>
      [...(hint?.via ?? []), hint?.to ?? blob?.position ?? null].some((one) => samePosition(one, position)),
    )
  }

  /** Lets go of what was heard long ago and a standby has never come to; null where nothing was. */
  forgetOld(): Swap | null {
    const since = this.#options.now() - standbyMs
    if (!this.#heard.some(({ atMs }) => atMs < since)) return null
    const kept = this.#heard.filter(({ atMs }) => atMs >= since)
    return this.#relay(this.#ground, kept, null, [])
  }

  /** Takes over reloaded definitions. */
  redefine(): Swap {
    const { definitions } = this.#options
    const [ground, current] = [this.#ground, this.#current]
    this.#ground = redefinedSnapshot(ground, definitions())
    this.#current = current === ground ? this.#ground : redefinedSnapshot(current, definitions())
    return { snapshot: this.#current, changes: [], via: [] }
  }

  #stand(
    ground: Snapshot,
    standing: {
      confirmed: boolean
      stale: ReadonlySet<string>
      moment: Moment
      touched: ReadonlySet<string> | null
      via?: readonly Position[]
    },
  ): Swap {
    const { confirmed, stale, moment, touched, via = ground.position === null ? [] : [ground.position] } = standing
    this.#ground = ground
    this.#confirmed = confirmed
    this.#stale = stale
    // A standby lags: what leads beyond its answer may have been heard before the question, for a while.
    const since = moment.isStandby ? this.#options.now() - standbyMs : Number.POSITIVE_INFINITY
    const later = this.#heard.filter(({ order, atMs }) => order >= moment.mark || atMs >= since)
    return this.#relay(ground, later, touched, via)
  }

  /** Lays over the ground what of `heard` leads beyond it. */
  #relay(
    ground: Snapshot,
    heard: readonly Heard[],
    touched: ReadonlySet<string> | null,
    via: readonly Position[],
  ): Swap {
    const names = touched === null || this.#heard.some(({ blob }) => blob !== null) ? null : new Set(touched)
    for (const { hint } of this.#heard) for (const name of hint?.changed?.keys() ?? []) names?.add(name)
    const passed = new Set(via.map(({ nonce }) => nonce))
    const kept: Heard[] = []
    const further: Position[] = []
    let laid = ground
    for (const one of heard) {
      if (one.blob !== null && this.#leadsOn(laid, one.blob)) {
        laid = this.#whole(one.blob, 'redis')
        kept.push(one)
        further.push(one.blob.position)
      } else if (one.hint !== null) {
        const chain = new HintChain(laid.position, ({ nonce }) => passed.has(nonce))
        if (chain.add(one.hint) !== 'applied' || chain.delta === null) continue
        laid = this.#laid(laid, chain.delta)
        kept.push(one)
        further.push(...chain.delta.via)
      }
    }
    this.#heard = kept
    return this.#swap(laid, names, [...via, ...further])
  }

  #leadsOn(snapshot: Snapshot, { position, identity }: CachedState): boolean {
    const isForeign = snapshot.identity !== null && snapshot.identity !== identity
    return !isForeign && (snapshot.position === null || isAhead(position, snapshot.position))
  }

  #laid(snapshot: Snapshot, delta: StoredDelta): Snapshot {
    const { definitions, onFault } = this.#options
    return { ...changedSnapshot(snapshot, delta, this.#current, definitions(), onFault), source: 'redis' }
  }

  #whole(state: Pick<StoredState, 'features' | 'position' | 'identity'>, source: SnapshotSource): Snapshot {
    const { definitions, onFault } = this.#options
    return wholeSnapshot(this.#current, state, definitions(), source, onFault)
  }

  /** `names` are those that may differ; null for all. */
  #swap(snapshot: Snapshot, names: ReadonlySet<string> | null, via: readonly Position[]): Swap {
    const before = this.#current
    this.#current = snapshot
    const all = names ?? new Set([...before.flags.keys(), ...snapshot.flags.keys()])
    return { snapshot, changes: listChanges(before, snapshot, all), via }
  }
}

/** The flags among `names` whose stored rows differ. */
export function listChanges(before: Snapshot, after: Snapshot, names: Iterable<string>): FlagChange[] {
  const changes: FlagChange[] = []
  const storedOf = (flag: Flag | undefined): StoredFeature | null => flag?.stored ?? null
  for (const name of names) {
    const old = before.flags.get(name)
    const now = after.flags.get(name)
    if (old === now || sameStored(storedOf(old), storedOf(now))) continue
    changes.push({ name, before: old ?? null, after: now ?? null })
  }
  return changes
}
