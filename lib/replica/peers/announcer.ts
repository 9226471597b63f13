// Publishes to the other processes the changes that this one has read from the store. The process that made the newest change
// publishes it at once, with all changes before it. Other processes that have read it wait a moment, and publish nothing if they
// hear its hint in that time. Otherwise ten processes that write at the same time would each publish all ten changes.
//
// A waiting hint is joined with the next one: a process that has not seen the first change cannot apply the second alone.
import type { Cache, Hint } from '../../cache/cache.js'
import { type Position, samePosition } from '../../state/state.js'
import type { Clock, Timer } from '../../time/clock.js'

/** A hint takes a millisecond or two; a writer that has died publishes nothing. */
const patienceMs = 20
const spreadMs = 40
const shortMemory = 256

export class Announcer<Item> {
  readonly #cache: Cache<Item>
  readonly #clock: Clock
  readonly #own = new Set<string>()
  readonly #told = new Set<string>()
  #waiting: { readonly hint: Hint<Item>; readonly identity: string } | null = null
  #timer: Timer | null = null
  #isNextOwn = false

  constructor(cache: Cache<Item>, clock: Clock) {
    this.#cache = cache
    this.#clock = clock
  }

  /** Notes a position that a change of this process has made. */
  wrote({ nonce }: Position): void {
    remember(this.#own, nonce)
    // A poll has read it before COMMIT's answer came.
    if (this.#waitingIsOwn) this.#tell()
  }

  /** Notes that a change of this process is in the next hint; its position is not known here. */
  wroteNewest(): void {
    this.#isNextOwn = true
    if (this.#waiting !== null) this.#tell()
  }

  /** Notes a hint of another process. */
  heard({ to, via }: Hint<Item>): void {
    for (const { nonce } of via) remember(this.#told, nonce)
    remember(this.#told, to.nonce)
  }

  /** Never throws; does not wait. */
  announce(hint: Hint<Item>, identity: string): void {
    const first = this.#waiting?.identity === identity ? this.#waiting.hint : null
    const whole = first !== null && samePosition(first.to, hint.from) ? joined(first, hint) : hint
    this.#waiting = { hint: whole, identity }
    if (this.#isNextOwn || this.#own.has(whole.to.nonce)) this.#tell()
    else this.#timer ??= this.#clock.after(this.#patienceMs(), () => this.#tell())
  }

  /** Possibly only this process knows its own change, so it publishes that one; the changes of others are theirs to publish. */
  close(): void {
    if (this.#waitingIsOwn) this.#tell()
    this.#timer?.cancel()
    this.#waiting = null
  }

  get #waitingIsOwn(): boolean {
    if (this.#waiting === null) return false
    const { via, to } = this.#waiting.hint
    return [...via, to].some(({ nonce }) => this.#own.has(nonce))
  }

  #patienceMs(): number {
    return patienceMs + spreadMs * this.#clock.random()
  }

  #tell(): void {
    this.#timer?.cancel()
    this.#timer = null
    const waiting = this.#waiting
    this.#waiting = null
    this.#isNextOwn = false
    if (waiting === null || this.#told.has(waiting.hint.to.nonce)) return
    void this.#cache.publish(waiting.identity, waiting.hint)
  }
}

function joined<Item>(first: Hint<Item>, second: Hint<Item>): Hint<Item> {
  const changed =
    first.changed === null || second.changed === null ? null : new Map([...first.changed, ...second.changed])
  return { from: first.from, via: [...first.via, first.to, ...second.via], to: second.to, changed }
}

function remember(nonces: Set<string>, nonce: string): void {
  nonces.add(nonce)
  if (nonces.size <= shortMemory) return
  for (const oldest of nonces) {
    nonces.delete(oldest)
    return
  }
}
