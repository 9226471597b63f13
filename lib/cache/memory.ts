// The cache in memory, for replicas of one process that share a hub: the contract without a Redis.
import { randomUUID } from 'node:crypto'
import { performance } from 'node:perf_hooks'
import { FeatureError } from '../errors.js'
import type { Listening, Position, StoredState } from '../store/store.js'
import type { Acknowledgements, Cache, CacheEvents, CacheStatus, Hint, Pointer, WaitRequest } from './cache.js'
import type { HubListener, MemoryCacheHub } from './memory-hub.js'
import { hintMessage, parseMessage, waitMessage } from './message.js'
import { redisTimings } from './redis-timings.js'
import { waitForAcknowledgements } from './waiting.js'

export interface MemoryCacheOptions {
  readonly hub: MemoryCacheHub
  /** What other replicas call this one when it lags. */
  readonly processName?: string
  readonly repeatMs?: number
}

export class MemoryCache implements Cache {
  readonly kind = 'memory'
  readonly #hub: MemoryCacheHub
  readonly #name: string
  readonly #repeatMs: number
  readonly #listeners = new Set<HubListener>()
  readonly #ended = new AbortController()

  constructor({ hub, processName = randomUUID(), repeatMs = redisTimings.repeatMs }: MemoryCacheOptions) {
    this.#hub = hub
    this.#name = processName
    this.#repeatMs = repeatMs
  }

  async readPointer(): Promise<Pointer | null> {
    return this.#reachable ? this.#hub.readPointer() : null
  }

  async readNewest(): Promise<StoredState | null> {
    const pointer = await this.readPointer()
    return pointer === null ? null : this.readBlob(pointer.position)
  }

  async readBlob(position: Position): Promise<StoredState | null> {
    return this.#reachable ? this.#hub.readBlob(position) : null
  }

  async writeBlob(state: StoredState, expected: Pointer | null): Promise<boolean> {
    return this.#reachable && this.#hub.writeBlob(state, expected)
  }

  async publish(hint: Hint, databaseId: string): Promise<void> {
    if (this.#reachable) this.#hub.send(hintMessage(hint, databaseId))
  }

  subscribe(events: CacheEvents): Listening {
    const listener: HubListener = {
      hear: (text) => {
        const message = parseMessage(text)
        if (message === null) events.unsure()
        else if (message.kind === 'hint') events.hint(message.hint, message.databaseId)
        else events.wait(message.request)
      },
      connected: () => events.unsure(),
    }
    this.#hub.listen(listener)
    this.#listeners.add(listener)
    return { close: async () => this.#unlisten(listener) }
  }

  async beat(): Promise<number | null> {
    return this.#reachable ? this.#hub.beat(this.#name) : null
  }

  async waitForAll(position: Position, timeoutMs: number): Promise<Acknowledgements> {
    const request = { id: randomUUID(), position }
    try {
      return await waitForAcknowledgements({
        ask: async () => this.#reached().send(waitMessage(request)),
        acknowledgements: async () => this.#reached().acknowledgements(request.id, this.#name),
        repeatMs: this.#repeatMs,
        timeoutMs,
        now: () => performance.now(),
        ended: this.#ended.signal,
      })
    } catch (error) {
      throw new FeatureError('cache_unavailable', 'the other processes cannot be asked whether they have the change', {
        cause: error,
      })
    } finally {
      this.#hub.forget(request.id)
    }
  }

  async acknowledge({ id }: WaitRequest): Promise<void> {
    if (this.#reachable) this.#hub.acknowledge(id, this.#name)
  }

  status(): CacheStatus {
    const connected = this.#reachable
    const warning = this.#hub.down ? 'the cache in memory is down' : null
    return { connected, subscribed: connected && this.#listeners.size > 0, warning }
  }

  async close(): Promise<void> {
    this.#ended.abort()
    this.#hub.leave(this.#name)
    for (const listener of this.#listeners) this.#unlisten(listener)
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
