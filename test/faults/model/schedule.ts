// Schedules of faults, drawn at random and played against replicas that share a model database and a cache in memory.
import * as fc from 'fast-check'
import type { Cache, CacheEvents } from '../../../lib/cache/cache.js'
import { MemoryCache } from '../../../lib/cache/memory.js'
import { MemoryCacheHub } from '../../../lib/cache/memory-hub.js'
import { silentLogger } from '../../../lib/log.js'
import { Replica } from '../../../lib/replica/replica.js'
import { type Snapshot, sameStored } from '../../../lib/replica/snapshot.js'
import { type Position, samePosition, type StoredFeature } from '../../../lib/store/store.js'
import { ModelClock, settle } from './clock.js'
import { ModelDatabase } from './database.js'

export type Step =
  | { readonly do: 'write'; readonly flags: readonly number[]; readonly by: number | null }
  | { readonly do: 'remove'; readonly flag: number }
  | { readonly do: 'truncate' }
  | { readonly do: 'restore'; readonly changesAgo: number }
  | { readonly do: 'prune'; readonly keep: number }
  | { readonly do: 'database'; readonly down: boolean }
  | { readonly do: 'cache'; readonly down: boolean }
  | { readonly do: 'flush' }
  | { readonly do: 'wait'; readonly ms: number }
  | { readonly do: 'boot' }

/** How the network treats one delivery of one message. */
type Delivery = 'now' | 'late' | 'lost' | 'twice'

export interface Schedule {
  readonly steps: readonly Step[]
  readonly deliveries: readonly Delivery[]
  readonly latenciesMs: readonly number[]
}

const flagNumber = fc.nat({ max: 4 })
const steps: readonly (readonly [number, fc.Arbitrary<Step>])[] = [
  [
    10,
    fc.record({
      do: fc.constant('write' as const),
      flags: fc.array(flagNumber, { minLength: 1, maxLength: 3 }),
      by: fc.oneof(fc.constant(null), fc.nat({ max: 3 })),
    }),
  ],
  [2, fc.record({ do: fc.constant('remove' as const), flag: flagNumber })],
  [1, fc.constant({ do: 'truncate' })],
  [2, fc.record({ do: fc.constant('restore' as const), changesAgo: fc.integer({ min: 1, max: 5 }) })],
  [1, fc.record({ do: fc.constant('prune' as const), keep: fc.nat({ max: 3 }) })],
  [2, fc.record({ do: fc.constant('database' as const), down: fc.boolean() })],
  [2, fc.record({ do: fc.constant('cache' as const), down: fc.boolean() })],
  [1, fc.constant({ do: 'flush' })],
  [10, fc.record({ do: fc.constant('wait' as const), ms: fc.integer({ min: 1, max: 3_000 }) })],
  [1, fc.constant({ do: 'boot' })],
]

export const schedules: fc.Arbitrary<Schedule> = fc.record({
  steps: fc.array(fc.oneof(...steps.map(([weight, arbitrary]) => ({ weight, arbitrary }))), { maxLength: 30 }),
  deliveries: fc
    .infiniteStream(fc.constantFrom<Delivery[]>('now', 'now', 'late', 'late', 'lost', 'twice'))
    .map(take(60)),
  latenciesMs: fc.infiniteStream(fc.constantFrom(0, 0, 1, 20, 400)).map(take(60)),
})

function take(count: number) {
  return <T>(stream: Iterable<T> & { take(count: number): Iterable<T> }): T[] => [...stream.take(count)]
}

/** Mistakes that the product does not make; the property has to notice each. */
export interface Mistakes {
  readonly twoStatements?: boolean
  /** Applies hints from whatever position. */
  readonly credulous?: boolean
}

/** Plays a schedule, heals everything, and returns what is wrong then, or was on the way; null for nothing. */
export async function play(schedule: Schedule, mistakes: Mistakes = {}): Promise<string | null> {
  const world = new World(schedule, mistakes)
  try {
    await world.boot()
    await world.boot()
    for (const step of schedule.steps) await world.take(step)
    return world.fault ?? (await world.heal())
  } finally {
    await world.close()
  }
}

const names = ['flag_0', 'flag_1', 'flag_2', 'flag_3', 'flag_4']
const healMs = 60_000

class World {
  fault: string | null = null
  readonly #clock = new ModelClock()
  readonly #database: ModelDatabase
  readonly #hub: MemoryCacheHub
  readonly #replicas: Replica[] = []
  readonly #mistakes: Mistakes
  #healing = false

  constructor(schedule: Schedule, mistakes: Mistakes) {
    this.#mistakes = mistakes
    const clock = this.#clock
    const latency = cycle(schedule.latenciesMs, 0)
    const delivery = cycle(schedule.deliveries, 'now')
    this.#database = new ModelDatabase({
      clock,
      latencyMs: () => (this.#healing ? 0 : latency()),
      twoStatements: mistakes.twoStatements === true,
    })
    this.#hub = new MemoryCacheHub({
      now: () => clock.now(),
      network: (_, deliver) => {
        const how = this.#healing ? 'now' : delivery()
        if (how !== 'lost' && how !== 'late') queueMicrotask(deliver)
        if (how === 'late' || how === 'twice') clock.after(700 + latency() * 10, deliver)
      },
    })
  }

  async boot(): Promise<void> {
    const { credulous } = this.#mistakes
    const inner = new MemoryCache({ hub: this.#hub })
    const cache = credulous === true ? believing(inner, () => replica.snapshot.position) : inner
    const replica: Replica = new Replica({
      store: this.#database.connect(),
      definitions: () => new Map(),
      clock: this.#clock,
      logger: silentLogger,
      pollIntervalMs: 1_000,
      listen: false,
      disk: null,
      cache,
      onSwap: (snapshot) => this.#judge(snapshot),
    })
    this.#replicas.push(replica)
    const started = replica.start()
    await this.#clock.advance(2_500)
    await started
  }

  async take(step: Step): Promise<void> {
    const database = this.#database
    switch (step.do) {
      case 'write':
        if (database.down) return
        database.write([...new Set(step.flags)].map((flag) => names[flag] ?? ''))
        return this.#refresh(step.by)
      case 'remove':
        if (!database.down) database.remove(names[step.flag] ?? '')
        return
      case 'truncate':
        if (!database.down) database.truncate()
        return
      case 'restore':
        return database.restore(step.changesAgo)
      case 'prune':
        return database.prune(step.keep)
      case 'database':
        database.down = step.down
        return
      case 'cache':
        return this.#hub.setDown(step.down)
      case 'flush':
        return this.#hub.flush()
      case 'wait':
        return this.#clock.advance(step.ms)
      case 'boot':
        return this.#replicas.length < 4 ? this.boot() : undefined
    }
  }

  /** Everything works again; some polls later every replica must hold what the database holds. */
  async heal(): Promise<string | null> {
    this.#healing = true
    this.#database.down = false
    this.#hub.setDown(false)
    await this.#clock.advance(healMs)
    const { position, features } = this.#database.newest
    for (const [index, { snapshot }] of this.#replicas.entries()) {
      if (!samePosition(snapshot.position, position))
        return `replica ${index} stays at ${JSON.stringify(snapshot.position)}`
      if (!holds(snapshot, features)) return `replica ${index} holds something else than the database`
    }
    return this.fault
  }

  async close(): Promise<void> {
    this.#healing = true
    const closed = Promise.all(this.#replicas.map((replica) => replica.close()))
    await this.#clock.advance(5_000)
    await closed
  }

  /** As after a write by this process: it refreshes and tells the others. */
  async #refresh(by: number | null): Promise<void> {
    const replica = by === null ? undefined : this.#replicas[by % this.#replicas.length]
    replica?.refreshNow().catch(() => {
      // The database went down meanwhile: the poll is what is left.
    })
    await settle()
  }

  /** A position always stands for the same content, in every process and at every moment. */
  #judge(snapshot: Snapshot): void {
    if (snapshot.position === null) return
    const features = this.#database.everMade.get(snapshot.position.nonce)
    if (features !== undefined && holds(snapshot, features)) return
    this.fault ??= `position ${snapshot.position.version} was given to content that it does not stand for`
  }
}

function holds(snapshot: Snapshot, features: ReadonlyMap<string, StoredFeature>): boolean {
  return names.every((name) => sameStored(snapshot.flags.get(name)?.stored ?? null, features.get(name) ?? null))
}

/** A cache of which every hint seems to lead on from where the replica is. */
function believing(cache: MemoryCache, mine: () => Position | null): Cache {
  const subscribe = (events: CacheEvents) =>
    cache.subscribe({
      hint: (hint, databaseId) => {
        const position = mine()
        events.hint(position === null ? hint : { ...hint, via: [...hint.via, position] }, databaseId)
      },
      unsure: () => events.unsure(),
      wait: (request) => events.wait(request),
    })
  return new Proxy<Cache>(cache, {
    get: (target, key) => {
      if (key === 'subscribe') return subscribe
      const value: unknown = Reflect.get(target, key, target)
      return typeof value === 'function' ? value.bind(target) : value
    },
  })
}

function cycle<T>(values: readonly T[], otherwise: T): () => T {
  let index = 0
  return () => values[index++ % values.length] ?? otherwise
}
