// The replica holds any content: here numbers by name, in place of flags. A store of them, and what a replica needs to know of them,
// are all that it takes.
import { createHash, randomUUID } from 'node:crypto'
import { afterEach, expect, it } from 'vitest'
import type { Content, Entry } from '../../lib/replica/content.js'
import { Replica } from '../../lib/replica/replica.js'
import type { Position, StoredWhole } from '../../lib/state/state.js'
import type { Since, SinceQuestion, StoreReader } from '../../lib/store/store.js'
import { ManualClock, settle } from '../support/manual-clock.js'
import { recordingLogger } from '../support/recording-logger.js'

interface StoredNumber {
  readonly key: string
  readonly number: number
}

interface NamedNumber extends Entry<StoredNumber> {
  readonly value: number
}

async function digestOf(items: Iterable<StoredNumber>): Promise<string> {
  const lines = [...items].map(({ key, number }) => `${key}=${number}`).sort()
  return createHash('sha256').update(lines.join('\n')).digest('hex')
}

/** "answer" is 42 while nothing is stored under it. */
const numbers: Content<StoredNumber, NamedNumber> = {
  named: () => new Set(['answer']),
  entry: (name, stored, last) => {
    if (last !== undefined && last.stored?.number === stored?.number) return last
    if (stored !== null && !Number.isFinite(stored.number)) throw new TypeError(`${stored.number} is no number`)
    return stored === null && name !== 'answer' ? null : { name, stored, value: stored?.number ?? 42 }
  },
  isSame: (a, b) => a.number === b.number,
  digestOf,
  rowsOf: () => 1,
}

/** A store of numbers with one history. `writeUnseen` leaves no trace in it. */
class NumberStore implements StoreReader<StoredNumber> {
  readonly reads: string[] = []
  readonly #made: { readonly position: Position; readonly key: string | null }[] = []
  readonly #stored = new Map<string, StoredNumber>()

  constructor() {
    this.#step(null)
  }

  write(key: string, number: number | null): void {
    this.writeUnseen(key, number)
    this.#step(key)
  }

  writeUnseen(key: string, number: number | null): void {
    if (number === null) this.#stored.delete(key)
    else this.#stored.set(key, { key, number })
  }

  async head(mine: Position | null) {
    this.reads.push('head')
    return { ...this.#standing(), known: this.#made.some(({ position }) => position.nonce === mine?.nonce) }
  }

  async readAll(): Promise<StoredWhole<StoredNumber>> {
    this.reads.push('all')
    const items = [...this.#stored.values()]
    return { ...this.#standing(), items, digest: await digestOf(items) }
  }

  async readSince(
    from: Position | null,
    { also = [], digest = false }: SinceQuestion = {},
  ): Promise<Since<StoredNumber>> {
    this.reads.push(digest ? 'digest' : 'since')
    const at = this.#made.findIndex(({ position }) => position.nonce === from?.nonce)
    const later = this.#made.slice(at + 1)
    const contentOf = (keys: readonly (string | null)[]) =>
      new Map(keys.flatMap((key) => (key === null ? [] : [[key, this.#stored.get(key) ?? null] as const])))
    const { position } = this.#standing()
    return {
      ...this.#standing(),
      delta:
        at < 0
          ? null
          : { position, via: later.map((made) => made.position), changed: contentOf(later.map(({ key }) => key)) },
      also: contentOf(also),
      leftOut: [],
      digest: digest ? await digestOf(this.#stored.values()) : null,
    }
  }

  async inspectTriggers() {
    return { state: 'sound' as const, faults: [] }
  }

  listen() {
    return null
  }

  #standing() {
    const position = this.#made.at(-1)?.position ?? { version: '0', nonce: 'none' }
    return { position, identity: 'numbers', inRecovery: false, guard: null }
  }

  #step(key: string | null): void {
    this.#made.push({ position: { version: String(this.#made.length), nonce: randomUUID() }, key })
  }
}

const closing: Replica<StoredNumber, NamedNumber>[] = []
afterEach(async () => {
  await Promise.all(closing.splice(0).map((replica) => replica.close()))
})

async function start(store: NumberStore) {
  const [clock, logger] = [new ManualClock(), recordingLogger()]
  const replica = new Replica({
    content: numbers,
    store,
    clock,
    logger,
    pollIntervalMs: 10_000,
    listen: false,
    disk: null,
    cache: null,
  })
  closing.push(replica)
  const swapped: string[][] = []
  replica.current.subscribe(({ changes }) => void swapped.push(changes.map(({ name }) => name)))
  await replica.start()
  return { clock, logger, swapped, numberOf: (name: string) => replica.snapshot.entries.get(name)?.value }
}

it('a replica of numbers has the items that are named before it has read, then what is stored, and follows by polls', async () => {
  const store = new NumberStore()
  store.write('pi', 3.14)
  const { clock, swapped, numberOf } = await start(store)
  expect([numberOf('answer'), numberOf('pi'), numberOf('e')]).toEqual([42, 3.14, undefined])
  store.write('answer', 43)
  store.write('pi', null)
  await clock.advance(12_000)
  await settle()
  expect([numberOf('answer'), numberOf('pi')]).toEqual([43, undefined])
  expect(swapped).toEqual([['pi'], ['answer', 'pi']])
  expect(store.reads).toEqual(['head', 'all', 'head', 'since'])
})

it('a replica of numbers finds by comparing what no position tells of', async () => {
  const store = new NumberStore()
  store.write('pi', 3.14)
  const { clock, logger, numberOf } = await start(store)
  store.writeUnseen('pi', 3)
  await clock.advance(12_000)
  expect(numberOf('pi')).toBe(3.14)
  await clock.advance(30 * 60_000)
  expect(numberOf('pi')).toBe(3)
  expect(logger.lines.filter(({ level }) => level === 'warn').map(({ message }) => message)).toEqual([
    'feature flags: flags were written with the triggers off or missing; they were found by comparing the content',
  ])
})

it('a replica of numbers keeps the last good one of an item that cannot be used', async () => {
  const store = new NumberStore()
  store.write('pi', 3.14)
  const { clock, numberOf } = await start(store)
  store.write('pi', Number.NaN)
  await clock.advance(12_000)
  expect(numberOf('pi')).toBe(3.14)
})
