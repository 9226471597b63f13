// Chance in tests, all of it from one seed, so that a red run can be played again: the seed is printed when a test fails, and
// SLUICE_FAULTS_SEED gives it back. Properties of fast-check take it from there too (seeds.ts).
import { expect, onTestFailed } from 'vitest'

const given = process.env['SLUICE_FAULTS_SEED']

/** The seed of this run: the one given, otherwise a new one. */
export const seed = readSeed(given) ?? Date.now() % 2_147_483_647

/** Numbers that look like chance and are the same for the same seed. */
export interface Random {
  /** From 0 up to 1. */
  next(): number
  /** A whole number from 0 up to the limit, which it does not reach. */
  below(limit: number): number
  /** One of the items. Throws where there is none. */
  pick<T>(items: readonly T[]): T
  shuffled<T>(items: readonly T[]): T[]
}

/** The tests of this file that have been told of the seed. */
const told = new Set<string>()

/**
 * Chance for the test under way, which prints the seed if it fails. Each test begins anew, so that it does the same whichever others run;
 * give what runs beside other things in one test a `stream` of its own, because their order is not the seed's to decide.
 */
export function seededRandom(stream = 0): Random {
  const name = expect.getState().currentTestName ?? ''
  if (!told.has(name)) {
    told.add(name)
    onTestFailed(() => console.error(`${name}\nto play it again: SLUICE_FAULTS_SEED=${seed}`))
  }
  return randomFrom(seed, stream)
}

/** The numbers of one seed and stream. */
export function randomFrom(start: number, stream = 0): Random {
  const next = mulberry32(start ^ Math.imul(stream, 0x9e3779b9))
  const below = (limit: number) => Math.floor(next() * limit)
  return {
    next,
    below,
    pick: (items) => {
      const item = items[below(items.length)]
      if (item === undefined) throw new Error('there is nothing to pick from')
      return item
    },
    shuffled: (items) => {
      const order = new Map(items.map((item) => [item, next()]))
      return items.toSorted((a, b) => (order.get(a) ?? 0) - (order.get(b) ?? 0))
    },
  }
}

/** The given seed as a number; null where none is given. Throws for a text that is none, which would otherwise play something new. */
export function readSeed(text: string | undefined): number | null {
  if (text === undefined) return null
  if (/^-?\d{1,10}$/.test(text)) return Number(text)
  throw new Error(`SLUICE_FAULTS_SEED is "${text}": give the whole number that a failed test has printed`)
}

/** Tommy Ettinger's generator of 32 bits, in the public domain. */
function mulberry32(start: number): () => number {
  let state = start | 0
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296
  }
}
