// Parts of a replica without one protection each, made around the real ones: what the product would be if it lacked it.
import type { Cache, CacheEvents, Hint } from '../../lib/cache/cache.js'
import type { Flag } from '../../lib/replica/flag.js'
import { HintChain, type HintFate } from '../../lib/replica/peers/hint-chain.js'
import { Refresher, type RefresherOptions } from '../../lib/replica/refresh/refresher.js'
import { storedItems } from '../../lib/replica/snapshot.js'
import { TwoSnapshots } from '../../lib/replica/two-snapshots.js'
import { digestOf } from '../../lib/state/digest.js'
import { type Position, type StoredFeature, type StoredWhole, samePosition } from '../../lib/state/state.js'
import type { Store } from '../../lib/store/store.js'

/** One snapshot: hints become part of what the store is believed to have said. */
export class OneSnapshot extends TwoSnapshots<StoredFeature, Flag> {
  override hear(_: readonly Hint[], { delta }: HintChain<StoredFeature>): void {
    if (delta === null) return
    const moment = { mark: this.mark(), isStandby: false }
    this.takeDelta({ ...delta, also: new Map(), leftOut: [] }, moment, false)
  }
}

/** Hints that fall are judged by their positions alone: what leads to a position passed is old. */
export class LevelChain extends HintChain<StoredFeature> {
  readonly #start: Position | null
  readonly #isKnown: (position: Position) => boolean

  constructor(position: Position | null, isPassed: (position: Position) => boolean) {
    super(position, isPassed)
    this.#start = position
    this.#isKnown = isPassed
  }

  override add(hint: Hint): HintFate {
    if (samePosition(hint.to, this.#start) || this.#isKnown(hint.to)) return 'ignored'
    return super.add(hint)
  }
}

/** Blobs are made of what the process believes. */
export class FromMemory extends Refresher<StoredFeature, Flag> {
  readonly #snapshots: TwoSnapshots<StoredFeature, Flag>

  constructor(options: RefresherOptions<StoredFeature, Flag>) {
    super(options)
    this.#snapshots = options.snapshots
  }

  override async readWhole(): Promise<StoredWhole> {
    const { current } = this.#snapshots
    const features = storedItems(current)
    const { position, identity } = current
    return { position, identity, inRecovery: false, items: features, digest: await digestOf(features) }
  }
}

/** A store whose every answer is changed in what it tells of itself. */
export function telling(store: Store, told: { readonly identity?: string; readonly inRecovery?: boolean }): Store {
  return {
    ...store,
    head: async (mine) => ({ ...(await store.head(mine)), ...told }),
    readAll: async (question) => ({ ...(await store.readAll(question)), ...told }),
    readSince: async (from, question) => ({ ...(await store.readSince(from, question)), ...told }),
  }
}

/** A store whose digest is given up where anything has changed since the process last asked. */
export function comparingAtRest(store: Store): Store {
  const readSince: Store['readSince'] = async (from, question) => {
    const since = await store.readSince(from, question)
    return since.delta === null || since.delta.via.length > 0 ? { ...since, digest: null } : since
  }
  return { ...store, readSince }
}

/** A cache whose wait requests are acknowledged by who stands at a higher number, as nothing is missing there. */
export function acknowledgingByNumber(cache: Cache, mine: () => Position | null): Cache {
  const subscribe: Cache['subscribe'] = (identity: string, events: CacheEvents) =>
    cache.subscribe(identity, {
      hint: (hint) => events.hint(hint),
      difference: (names) => events.difference(names),
      unsure: () => events.unsure(),
      wait: (request) => {
        const position = mine()
        if (position !== null && BigInt(position.version) >= BigInt(request.position.version))
          void cache.acknowledge(identity, request)
        events.wait(request)
      },
    })
  return new Proxy<Cache>(cache, {
    get: (target, key) => {
      if (key === 'subscribe') return subscribe
      const value: unknown = Reflect.get(target, key, target)
      return typeof value === 'function' ? value.bind(target) : value
    },
  })
}
