// Schedules of faults (steps.ts), played against replicas that share a model database and a cache in memory.
import { randomUUID } from 'node:crypto'
import type { Cache, CacheEvents } from '../../../lib/cache/cache.js'
import { MemoryCache } from '../../../lib/cache/memory/cache.js'
import { MemoryCacheHub } from '../../../lib/cache/memory/hub.js'
import { sameStored } from '../../../lib/replica/content.js'
import type { FlagSnapshot } from '../../../lib/replica/flag-content.js'
import { sameRows } from '../../../lib/state/stored-rows.js'
import { digestOf } from '../../../lib/state/digest.js'
import { type Position, samePosition, type StoredFeature } from '../../../lib/state/state.js'
import type { Store } from '../../../lib/store/store.js'
import { ModelClock, settle } from './clock.js'
import { ModelDatabase } from './database.js'
import type { ForgedHint, Schedule, Step } from './steps.js'
import { makeReplica } from '../../support/replica.js'
import type { FlagReplica } from '../../../lib/replica/flag-content.js'

/** Mistakes that the product does not make; the property has to notice each. */
export interface Mistakes {
  readonly twoStatements?: boolean
  /** Applies hints from whatever position. */
  readonly credulous?: boolean
  /** Believes a history with a gap. */
  readonly overGaps?: boolean
  /** Takes two databases at one address for one. */
  readonly oneIdentity?: boolean
  /**
   * No mistake: the content is compared only where a process begins. Comparing finds whatever else was missed, sooner or later;
   * so that what must not depend on it shows, every unseen write is followed by a repair here, and nothing is forged.
   */
  readonly comparesRarely?: boolean
  /** No mistake: there is no cache, so that nobody hears what others found. */
  readonly alone?: boolean
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

interface Served {
  readonly database: ModelDatabase
  readonly replica: FlagReplica
}

class World {
  fault: string | null = null
  readonly #clock = new ModelClock()
  readonly #database: ModelDatabase
  readonly #hub: MemoryCacheHub
  readonly #served: Served[] = []
  readonly #mistakes: Mistakes
  readonly #latencyMs: () => number
  /** A dump of the database, restored beside it: the same position, at the same address. */
  #beside: ModelDatabase | null = null
  /** What was written without a position, or forged, makes positions stand for more than one content. */
  #isExact = true
  #healing = false

  constructor(schedule: Schedule, mistakes: Mistakes) {
    this.#mistakes = mistakes
    const clock = this.#clock
    const latency = cycle(schedule.latenciesMs, 0)
    const delivery = cycle(schedule.deliveries, 'now')
    this.#latencyMs = () => (this.#healing ? 0 : latency())
    this.#database = this.#makeDatabase()
    this.#hub = new MemoryCacheHub({
      clock,
      network: (_, deliver) => {
        const how = this.#healing ? 'now' : delivery()
        if (how !== 'lost' && how !== 'late') queueMicrotask(deliver)
        if (how === 'late' || how === 'twice') clock.after(700 + latency() * 10, deliver)
      },
    })
  }

  async boot(database = this.#database): Promise<void> {
    const { credulous, oneIdentity, comparesRarely, alone } = this.#mistakes
    const inner = new MemoryCache({ hub: this.#hub })
    const cache = credulous === true ? believing(inner, () => replica.snapshot.position) : inner
    const replica: FlagReplica = makeReplica({
      store: oneIdentity === true ? nameless(database.connect()) : database.connect(),
      clock: this.#clock,
      pollIntervalMs: 1_000,
      compareIntervalMs: comparesRarely === true ? 1_000 * healMs : 20_000,
      contentIntervalMs: 5_000,
      cache: alone === true ? null : cache,
    })
    replica.current.subscribe(({ snapshot }) => this.#judge(database, snapshot, replica.status().ageMs !== null))
    this.#served.push({ database, replica })
    const started = replica.start()
    await this.#clock.advance(2_500)
    await started
  }

  async take(step: Step): Promise<void> {
    const database = this.#database
    switch (step.do) {
      case 'write':
        if (database.down) return
        database.write(namesOf(step.flags))
        this.#beside?.write(namesOf(step.flags))
        return this.#refresh(step.by)
      case 'remove':
        if (!database.down) database.remove(names[step.flag] ?? '')
        return
      case 'truncate':
        if (!database.down) database.truncate()
        return
      case 'restore':
        database.restore(step.changesAgo)
        // It may lead to between an unseen write and its repair.
        if (this.#mistakes.comparesRarely === true) database.repair()
        return
      case 'prune':
        return database.prune(step.keep)
      case 'write unseen':
        this.#isExact = false
        database.writeUnseen(namesOf(step.flags))
        if (this.#mistakes.comparesRarely === true) database.repair()
        return
      case 'repair':
        return database.repair()
      case 'forge hint':
        return this.#mistakes.comparesRarely === true ? undefined : this.#forgeHint(step.how)
      case 'forge blob':
        return this.#mistakes.comparesRarely === true ? undefined : this.#forgeBlob(step.keepDigest)
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
        return this.#served.length < 4 ? this.boot() : undefined
      case 'boot beside':
        if (this.#served.length >= 4) return
        this.#beside ??= this.#makeDatabase(database)
        return this.boot(this.#beside)
    }
  }

  /** Everything works again; some polls later every replica must hold what its database holds. */
  async heal(): Promise<string | null> {
    this.#healing = true
    this.#database.down = false
    this.#hub.setDown(false)
    await this.#clock.advance(healMs)
    for (const [index, { database, replica }] of this.#served.entries()) {
      const { position, features } = database.newest
      const { snapshot } = replica
      if (!samePosition(snapshot.position, position))
        return `replica ${index} stays at ${JSON.stringify(snapshot.position)}`
      if (!holds(snapshot, features)) return `replica ${index} holds something else than its database`
    }
    return this.fault ?? this.#blobFault()
  }

  async close(): Promise<void> {
    this.#healing = true
    const closed = Promise.all(this.#served.map(({ replica }) => replica.close()))
    await this.#clock.advance(5_000)
    await closed
  }

  #makeDatabase(source?: ModelDatabase): ModelDatabase {
    const { twoStatements = false, overGaps = false } = this.#mistakes
    return new ModelDatabase({ clock: this.#clock, latencyMs: this.#latencyMs, twoStatements, overGaps }, source)
  }

  /** As after a write by this process: it refreshes and tells the others. */
  async #refresh(by: number | null): Promise<void> {
    const { replica } = (by === null ? undefined : this.#served[by % this.#served.length]) ?? {}
    replica?.refreshNow().catch(() => {
      // The database went down meanwhile: the poll is what is left.
    })
    await settle()
  }

  /** What anyone can say who may write to the cache. */
  async #forgeHint(how: ForgedHint): Promise<void> {
    this.#isExact = false
    const { identity, newest, line } = this.#database
    const real = newest.position
    const forged = { key: 'flag_0', gates: new Map([['actors', ['Forged:1']]]) }
    const changed = new Map([['flag_0', forged]])
    const invented = { version: String(BigInt(real.version) + 1n), nonce: randomUUID() }
    const attacker = new MemoryCache({ hub: this.#hub })
    const tell = (from: Position, to: Position) => attacker.publish(identity, { from, via: [], to, changed })
    if (how === 'ahead' || how === 'away and back') await tell(real, invented)
    if (how === 'away and back') await tell(invented, real)
    const before = line.at(-2)
    if (how === 'next' && before !== undefined) await tell(before, real)
    if (how === 'down' && before !== undefined) await tell(real, before)
    await attacker.close()
    await settle()
  }

  /** A blob under the real position, with content that it never stood for. */
  async #forgeBlob(keepDigest: boolean): Promise<void> {
    this.#isExact = false
    const { identity, newest } = this.#database
    const attacker = new MemoryCache({ hub: this.#hub })
    const features = [{ key: 'flag_1', gates: new Map([['actors', ['Forged:2']]]) }]
    const pointer = await attacker.readPointer(identity)
    const digest = keepDigest && pointer !== null ? pointer.digest : await digestOf(features)
    const claim = await attacker.claimBlob(identity, pointer)
    await claim?.write({ position: newest.position, identity, inRecovery: false, digest, items: features })
    await attacker.close()
  }

  /**
   * A position always stands for the same content, in every process and at every moment. Until its own database has answered
   * a process may have begun with what the other one at the address had: no process can know that earlier.
   */
  #judge(database: ModelDatabase, snapshot: FlagSnapshot, isVerified: boolean): void {
    if (snapshot.position === null || !this.#isExact) return
    const { nonce } = snapshot.position
    const other = database === this.#database ? this.#beside : this.#database
    const features = database.everMade.get(nonce) ?? (isVerified ? undefined : other?.everMade.get(nonce))
    if (features !== undefined && holds(snapshot, features)) return
    this.fault ??= `position ${snapshot.position.version} was given to content that it does not stand for`
  }

  /** What processes that start from now on would take. */
  async #blobFault(): Promise<string | null> {
    for (const { identity, newest } of [this.#database, ...(this.#beside === null ? [] : [this.#beside])]) {
      const room = this.#hub.room(identity)
      const pointer = room.readPointer()
      const blob = pointer === null ? null : room.readBlob(pointer)
      if (blob === null || !samePosition(blob.position, newest.position)) continue
      // No reader takes content that the digest is not of.
      if ((await digestOf(blob.items)) !== blob.digest) continue
      const held = new Map(blob.items.map((feature) => [feature.key, feature]))
      const isTrue = names.every((name) =>
        sameStored({ isSame: sameRows }, held.get(name) ?? null, newest.features.get(name) ?? null),
      )
      if (!isTrue) return 'the blob of the newest position holds something else than the database'
    }
    return null
  }
}

function namesOf(flags: readonly number[]): string[] {
  return [...new Set(flags)].map((flag) => names[flag] ?? '')
}

function holds(snapshot: FlagSnapshot, features: ReadonlyMap<string, StoredFeature>): boolean {
  return names.every((name) =>
    sameStored({ isSame: sameRows }, snapshot.entries.get(name)?.stored ?? null, features.get(name) ?? null),
  )
}

/** A store that does not tell which database it is. */
function nameless(store: Store): Store {
  const identity = 'one'
  return {
    ...store,
    head: async (mine) => ({ ...(await store.head(mine)), identity }),
    readAll: async (question) => ({ ...(await store.readAll(question)), identity }),
    readSince: async (from, question) => ({ ...(await store.readSince(from, question)), identity }),
  }
}

/** A cache of which every hint seems to lead on from where the replica is. */
function believing(cache: MemoryCache, mine: () => Position | null): Cache {
  const subscribe = (identity: string, events: CacheEvents) =>
    cache.subscribe(identity, {
      hint: (hint) => {
        const position = mine()
        events.hint(position === null ? hint : { ...hint, from: position, via: [] })
      },
      difference: (differing) => events.difference(differing),
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
