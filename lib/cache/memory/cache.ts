// The cache in memory, for replicas of one process that share a hub: the contract without a Redis.
import { randomUUID } from 'node:crypto'
import { errorText, FeatureError } from '../../errors.js'
import { digestOf } from '../../state/digest.js'
import { makeSealer } from '../../state/sealed.js'
import { isDigest } from '../../state/state-json.js'
import type { Listening, Position } from '../../state/state.js'
import { systemClock } from '../../time/clock.js'
import type {
  Acknowledgements,
  BlobClaim,
  Cache,
  CachedState,
  CacheEvents,
  CacheStatus,
  Found,
  Hint,
  Member,
  Pointer,
  WaitRequest,
} from '../cache.js'
import type { HubListener, MemoryCacheHub } from './hub.js'
import { type Circle, differenceMessage, hintMessage, parseMessage, waitMessage } from '../format/message.js'
import { pointerText } from '../format/pointer.js'
import { redisTimings } from '../timings.js'
import { waitForAcknowledgements } from '../acknowledgements.js'

export interface MemoryCacheOptions {
  readonly hub: MemoryCacheHub
  /** Names the place of the database. Default: all caches of a hub share one address. */
  readonly address?: string
  /** The name of this replica in the answers of others when it lags. */
  readonly processName?: string
  readonly repeatMs?: number
}

/** Within one process there is no need for a secret. */
const sealer = makeSealer(null)

export class MemoryCache implements Cache {
  readonly kind = 'memory'
  readonly #hub: MemoryCacheHub
  readonly #address: string
  readonly #name: string
  readonly #repeatMs: number
  readonly #listeners = new Set<HubListener>()
  readonly #joined = new Set<string>()
  readonly #ended = new AbortController()
  #several = 0

  constructor({ hub, address = 'memory', processName, repeatMs }: MemoryCacheOptions) {
    this.#hub = hub
    this.#address = address
    this.#name = processName ?? randomUUID()
    this.#repeatMs = repeatMs ?? redisTimings.repeatMs
  }

  async find(): Promise<Found> {
    const identities = this.#look()
    const [identity, ...others] = identities
    const state = identity === undefined || others.length > 0 ? null : await this.readNewest(identity)
    return { identities, state }
  }

  async readPointer(identity: string): Promise<Pointer | null> {
    return this.#reachable ? this.#hub.room(identity).readPointer() : null
  }

  async readNewest(identity: string): Promise<CachedState | null> {
    const pointer = await this.readPointer(identity)
    return pointer === null ? null : this.readBlob(identity, pointer)
  }

  async readBlob(identity: string, pointer: Pointer): Promise<CachedState | null> {
    const room = this.#reachable ? this.#hub.room(identity) : null
    const state = room?.readBlob(pointer) ?? null
    if (state === null || (await digestOf(state.items)) === state.digest) return state
    // As in Redis: no other content is ever stored under a digest, and an entry that cannot be used counts as missing.
    room?.drop(pointer)
    return null
  }

  async claimBlob(identity: string, expected: Pointer | null): Promise<BlobClaim | null> {
    const atMs = this.#reachable ? this.#hub.room(identity).claim(expected) : null
    if (atMs === null) return null
    return {
      write: async (state) => {
        if (!this.#reachable || state.identity !== identity || !isDigest(state.digest)) return false
        const text = pointerText(sealer, identity, state)
        return this.#hub.room(identity).write(atMs, expected, { state, text })
      },
    }
  }

  async publish(identity: string, hint: Hint): Promise<void> {
    if (this.#reachable) this.#hub.send(identity, hintMessage(circle(identity), hint))
  }

  async tellDifference(identity: string, names: readonly string[] | null): Promise<void> {
    if (this.#reachable) this.#hub.send(identity, differenceMessage(circle(identity), names))
  }

  subscribe(identity: string, events: CacheEvents): Listening {
    const listener: HubListener = {
      identity,
      hear: (text) => {
        const message = parseMessage(circle(identity), text)
        if (message === null) events.unsure()
        else if (message.kind === 'hint') events.hint(message.hint)
        else if (message.kind === 'difference') events.difference(message.names)
        else events.wait(message.request)
      },
      connected: () => events.unsure(),
    }
    this.#hub.listen(listener)
    this.#listeners.add(listener)
    return { close: async () => this.#unlisten(listener) }
  }

  async beat(identity: string): Promise<number | null> {
    if (!this.#reachable) return null
    this.#joined.add(identity)
    this.#hub.note(this.#address, identity)
    this.#look()
    return this.#hub.room(identity).beat(this.#name)
  }

  async members(identity: string): Promise<readonly Member[] | null> {
    return this.#reachable ? this.#hub.room(identity).members() : null
  }

  async leave(identity: string): Promise<void> {
    if (!this.#reachable) return
    this.#joined.delete(identity)
    this.#hub.remove(this.#address, identity)
    this.#hub.room(identity).leave(this.#name)
  }

  async waitForAll(identity: string, position: Position, timeoutMs: number): Promise<Acknowledgements> {
    const request = { id: randomUUID(), position }
    try {
      return await waitForAcknowledgements({
        ask: async () => this.#reached().send(identity, waitMessage(circle(identity), request)),
        acknowledgements: async () => this.#reached().room(identity).acknowledgements(request.id, this.#name),
        repeatMs: this.#repeatMs,
        timeoutMs,
        // The wait sleeps between two looks on the system's clock, even if the hub's clock is another.
        clock: systemClock,
        ended: this.#ended.signal,
      })
    } catch (error) {
      throw new FeatureError('cache_unavailable', {
        problem:
          'the change is stored, and the other processes get it with their next poll, but they cannot be asked whether they ' +
          `have it: ${errorText(error)}`,
        remedy: 'start the cache in memory again',
        cause: error,
      })
    } finally {
      this.#hub.room(identity).forget(request.id)
    }
  }

  async acknowledge(identity: string, { id }: WaitRequest): Promise<void> {
    if (this.#reachable) this.#hub.room(identity).acknowledge(id, this.#name)
  }

  async keep(identity: string, name: string, bytes: Buffer): Promise<void> {
    if (this.#reachable) this.#hub.room(identity).keep(name, bytes)
  }

  async kept(identity: string, name: string): Promise<Buffer | null> {
    return this.#reachable ? this.#hub.room(identity).kept(name) : null
  }

  status(): CacheStatus {
    const connected = this.#reachable
    return { connected, subscribed: connected && this.#listeners.size > 0, warning: this.#warning() }
  }

  async close(): Promise<void> {
    this.#ended.abort()
    for (const identity of this.#joined) this.#hub.room(identity).leave(this.#name)
    for (const listener of this.#listeners) this.#unlisten(listener)
  }

  /** The databases at this address; remembers their number. */
  #look(): readonly string[] {
    const identities = this.#reachable ? this.#hub.seen(this.#address) : []
    this.#several = identities.length
    return identities
  }

  #warning(): string | null {
    if (this.#hub.down) return 'the cache in memory is down'
    if (this.#several < 2) return null
    return `${this.#several} databases are at one address: give each installation its own namespace (option \`namespace\`)`
  }

  get #reachable(): boolean {
    return !this.#hub.down && !this.#ended.signal.aborted
  }

  #reached(): MemoryCacheHub {
    if (this.#reachable) return this.#hub
    throw new Error('the cache in memory is down')
  }

  #unlisten(listener: HubListener): void {
    this.#listeners.delete(listener)
    this.#hub.unlisten(listener)
  }
}

function circle(identity: string): Circle {
  return { sealer, identity }
}
