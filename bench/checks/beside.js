// The checks of two builds of Sluice, in turn: A, B, A, B. Every turn has fresh processes, because where a Map keeps a name and what V8
// compiles is luck that a process keeps; within a turn the processes of both builds answer case after case one after the other.
import { median, nanoseconds } from '../support/figures.js'
import { table } from '../support/table.js'
import { cases } from './cases.js'
import { timeChecks, weighChecks } from './checks.js'
import { waysOfSluice } from './libraries.js'

/** @typedef {import('./libraries.js').Library} Library */
/** @typedef {{ readonly a: number, readonly b: number }} Pair */

/**
 * A row: what A and B took, B as a multiple of A, and between which multiples of its own median A itself lay, turn by turn.
 * @typedef {object} BesideRow
 * @property {string} row
 * @property {readonly Pair[]} turns
 * @property {number} a
 * @property {number} b
 * @property {number} ratio
 * @property {{ least: number, most: number }} spread
 * @property {'slower' | 'faster' | null} verdict what the spread of A does not explain
 */

const a = waysOfSluice
const rounds = 3

/**
 * @param {{ folder: string, quick: boolean, say: (text: string) => void }} given
 * @returns {Promise<import('../benchmarks.js').Result>}
 */
export async function checksBeside({ folder, quick, say }) {
  const both = a.flatMap((way) => [way, ofBuild(way, folder)])
  /** @type {Map<string, Pair[]>} */
  const taken = new Map()
  const turns = quick ? 3 : 9
  for (let turn = 0; turn < turns; turn++) {
    /** @param {string} text */
    const sayTurn = (text) => say(`turn ${turn + 1} of ${turns}, ${text}`)
    const times = await timeChecks({ libraries: both, rounds, slices: quick ? 5 : 20, say: sayTurn })
    for (const [row, pair] of pairsOf(times)) taken.set(row, [...(taken.get(row) ?? []), pair])
  }
  const rows = [...taken].map(([row, pairs]) => judge(row, pairs))
  const weights = pairsOf(await weighChecks({ libraries: both, say }))
  return {
    goals: [],
    tables: [
      { title: `Time of a check (median of ${turns} turns); A: this checkout, B: ${folder}`, text: timeTable(rows) },
      { title: 'Heap per check', text: heapTable(weights) },
      { title: 'Beyond the noise', text: beyondNoise(rows) },
    ],
    figures: { beside: folder, rows, bytes: Object.fromEntries(weights) },
  }
}

/**
 * What a row came to. B is called slower or faster where its median lies outside of all that A took itself.
 * @param {string} row
 * @param {readonly Pair[]} turns
 * @returns {BesideRow}
 */
export function judge(row, turns) {
  const ofA = turns.map((pair) => pair.a)
  const middle = { a: median(ofA), b: median(turns.map((pair) => pair.b)) }
  const ratio = middle.b / middle.a
  const spread = { least: Math.min(...ofA) / middle.a, most: Math.max(...ofA) / middle.a }
  const verdict = ratio > spread.most ? 'slower' : ratio < spread.least ? 'faster' : null
  return { row, turns, ...middle, ratio, spread, verdict }
}

/**
 * @param {Library} way
 * @param {string} folder
 * @returns {Library}
 */
function ofBuild({ name, module, options }, folder) {
  return { name: nameOfB(name), module, options: { ...options, build: folder } }
}

/** @param {string} name */
function nameOfB(name) {
  return `B: ${name}`
}

/**
 * By row, in the order of the tables.
 * @param {import('./checks.js').Figures} figures
 * @returns {[string, Pair][]}
 */
function pairsOf(figures) {
  return a.flatMap(({ name }) =>
    cases.flatMap(({ name: which }) => {
      const ofA = figures.get(name)?.get(which)
      const ofB = figures.get(nameOfB(name))?.get(which)
      return ofA === undefined || ofB === undefined ? [] : [[`${which}: ${name}`, { a: ofA, b: ofB }]]
    }),
  )
}

/** @param {readonly BesideRow[]} rows */
function timeTable(rows) {
  /** @param {number} value */
  const multiple = (value) => value.toFixed(2)
  return table(
    ['', 'A', 'B', 'B / A', 'A / A', ''],
    rows.map(({ row, a: ofA, b: ofB, ratio, spread, verdict }) => [
      row,
      nanoseconds(ofA),
      nanoseconds(ofB),
      multiple(ratio),
      `${multiple(spread.least)} … ${multiple(spread.most)}`,
      verdict === null ? '' : `B is ${verdict}`,
    ]),
  )
}

/** @param {readonly [string, Pair][]} weights */
function heapTable(weights) {
  return table(
    ['', 'A', 'B'],
    weights.map(([row, { a: ofA, b: ofB }]) => [row, `${ofA} B`, `${ofB} B`]),
  )
}

/** @param {readonly BesideRow[]} rows */
function beyondNoise(rows) {
  const marked = (/** @type {BesideRow['verdict']} */ as) => rows.filter(({ verdict }) => verdict === as).length
  return `of ${rows.length} rows, B is slower in ${marked('slower')} and faster in ${marked('faster')} than all that A took itself`
}
