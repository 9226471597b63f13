// A hub's content of one database: pointer, blobs, claim, processes alive and acknowledgements.
import type { Clock } from '../../time/clock.js'
import type { Acknowledgements, CachedState, Member, Pointer } from '../cache.js'
import { claimFactor, type RedisTimings } from '../timings.js'

export type MemoryTimings = Pick<RedisTimings, 'claimMs' | 'longestClaimMs' | 'keepMs' | 'aliveMs'>

interface Blob {
  readonly state: CachedState
  readonly untilMs: number
}

type Named = Pick<Pointer, 'position' | 'digest'>

export class MemoryCacheRoom {
  readonly #clock: Clock
  readonly #timings: MemoryTimings
  readonly #blobs = new Map<string, Blob>()
  readonly #beats = new Map<string, number>()
  readonly #acknowledged = new Map<string, Set<string>>()
  readonly #kept = new Map<string, Buffer>()
  #pointer: Pointer | null = null
  #claimedUntilMs = Number.NEGATIVE_INFINITY

  constructor(clock: Clock, timings: MemoryTimings) {
    this.#clock = clock
    this.#timings = timings
  }

  /** The pointer; null if its blob is gone. */
  readPointer(): Pointer | null {
    return this.#pointer !== null && this.readBlob(this.#pointer) !== null ? this.#pointer : null
  }

  readBlob(named: Named): CachedState | null {
    const blob = this.#blobs.get(keyOf(named))
    return blob !== undefined && this.#clock.now() < blob.untilMs ? blob.state : null
  }

  /** Forgets a blob that cannot be used: the pointer then counts as missing, and is written again. */
  drop(named: Named): void {
    this.#blobs.delete(keyOf(named))
  }

  /** The time at which the claim was given; null if it was refused. */
  claim(expected: Pointer | null): number | null {
    const now = this.#clock.now()
    if (this.readPointer()?.text !== expected?.text || now < this.#claimedUntilMs) return null
    this.#claimedUntilMs = now + this.#timings.claimMs
    return now
  }

  /** True if the pointer names the state now. */
  write(claimedAtMs: number, expected: Pointer | null, { state, text }: { state: CachedState; text: string }): boolean {
    const { position, digest } = state
    if (expected !== null && keyOf(expected) === keyOf(state)) return true
    if (this.readPointer()?.text !== expected?.text) return false
    const now = this.#clock.now()
    const pauseMs = Math.min(claimFactor * (now - claimedAtMs), this.#timings.longestClaimMs)
    this.#claimedUntilMs = Math.max(this.#claimedUntilMs, now + pauseMs)
    this.#retire(state, now + this.#timings.keepMs)
    this.#blobs.set(keyOf(state), { state, untilMs: Number.POSITIVE_INFINITY })
    this.#pointer = { position, digest, text }
    return true
  }

  keep(name: string, bytes: Buffer): void {
    this.#kept.set(name, bytes)
  }

  kept(name: string): Buffer | null {
    return this.#kept.get(name) ?? null
  }

  /** The number of processes alive, this one included. */
  beat(name: string): number {
    this.#beats.set(name, this.#clock.now())
    return this.#alive().length
  }

  members(): readonly Member[] {
    const now = this.#clock.now()
    return this.#alive().map((name) => ({ name, ageMs: now - (this.#beats.get(name) ?? now) }))
  }

  leave(name: string): void {
    this.#beats.delete(name)
  }

  acknowledge(id: string, name: string): void {
    this.#acknowledged.set(id, (this.#acknowledged.get(id) ?? new Set()).add(name))
  }

  forget(id: string): void {
    this.#acknowledged.delete(id)
  }

  /** The other processes alive that have acknowledged, and those that have not. */
  acknowledgements(id: string, asking: string): Acknowledgements {
    const others = this.#alive().filter((name) => name !== asking)
    const lagging = others.filter((name) => !this.#acknowledged.get(id)?.has(name))
    return { confirmed: others.length - lagging.length, lagging }
  }

  #alive(): string[] {
    const since = this.#clock.now() - this.#timings.aliveMs
    return [...this.#beats].filter(([, atMs]) => atMs >= since).map(([name]) => name)
  }

  /** A blob that is no longer the newest is kept for a while: other processes may be about to read it. */
  #retire(newest: Named, untilMs: number): void {
    for (const [key, blob] of this.#blobs) if (blob.untilMs <= this.#clock.now()) this.#blobs.delete(key)
    if (this.#pointer === null || keyOf(this.#pointer) === keyOf(newest)) return
    const key = keyOf(this.#pointer)
    const blob = this.#blobs.get(key)
    if (blob !== undefined) this.#blobs.set(key, { ...blob, untilMs })
  }
}

function keyOf({ position, digest }: Named): string {
  return `${position.version}:${position.nonce}:${digest}`
}
