// One library in a process of its own: opens it, verifies its answers, then times or weighs what the parent asks for.
import { answer } from '../support/child-commands.js'
import { cases, fault } from './cases.js'

const nanosecondsPerMs = 1e6
const sliceMs = 1
const warmMs = 100
/** What may be allocated while weighing without a collection. */
const roomBytes = 30_000_000
/** Longer lists are for libraries that do not look through them one by one. */
const tenThousand = 10_000

/** @typedef {import('./cases.js').Case} Case */
/** @typedef {import('./libraries.js').LibraryOptions} LibraryOptions */
/** @typedef {import('./libraries.js').Loop} Loop */
/** @typedef {import('./libraries.js').OpenedLibrary<unknown>} OpenedLibrary */
/** @typedef {{ open(options: LibraryOptions): OpenedLibrary | Promise<OpenedLibrary> }} LibraryModule */

/**
 * The loops of each case, one for each flag that is asked in turn.
 * @type {Map<string, readonly Loop[]>}
 */
const loops = new Map()
/**
 * How many slices a case has had.
 * @type {Map<string, number>}
 */
const turns = new Map()
/** @type {() => unknown} */
let close = () => {}

export const commands = { open, time, weigh, end: () => close() }
answer(commands)

/**
 * Opens the library and verifies every case; resolves with the names of the cases that it has.
 * @param {{ name: string, module: string, options: LibraryOptions }} given
 */
async function open({ name, module, options }) {
  /** @type {LibraryModule} */
  const library = await import(module)
  const opened = await library.open(options)
  close = opened.close ?? close
  for (const which of cases) {
    if (which.size > (opened.largestList ?? tenThousand)) continue
    const each = loopsOf(opened, which)
    if (each.length === 0) continue
    const asked = Math.max(1_000, which.ids?.length ?? 0)
    for (const loop of each) {
      const wrong = fault(which, await loop(asked), asked)
      if (wrong !== null) throw new Error(`${name}: ${wrong}`)
    }
    loops.set(which.name, each)
  }
  return [...loops.keys()]
}

/**
 * @param {OpenedLibrary} opened
 * @param {Case} which
 */
function loopsOf(opened, { ids, flags }) {
  const users = (ids ?? ['nobody']).map(opened.user)
  return flags
    .map((flag) => (opened.anonymous ? opened.loop(flag, ids === null ? null : users) : opened.loop(flag, users)))
    .filter((loop) => loop !== null)
}

/**
 * Nanoseconds per check: the median of many short slices. On a busy machine the system takes the processor away every
 * few milliseconds; a slice is shorter than that, so most of them are undisturbed, and the median is one of these.
 * @param {{ name: string, slices: number }} given
 */
async function time({ name, slices }) {
  const count = await countFor(name)
  const each = []
  for (let slice = 0; slice < slices; slice++) each.push((await run(nextLoop(name), name, count)) / count)
  return middle(each)
}

/** @type {Map<string, number>} */
const counts = new Map()

/**
 * How many checks take about a slice; found once, which also warms the loop up.
 * @param {string} name
 */
async function countFor(name) {
  const known = counts.get(name)
  if (known !== undefined) return known
  for (let count = 10; ; count *= 2) {
    const took = []
    for (let slice = 0; slice < 3; slice++) took.push(await run(nextLoop(name), name, count))
    if (middle(took) < (sliceMs * nanosecondsPerMs) / 2) continue
    await warm(name, count)
    const each = []
    for (let slice = 0; slice < 9; slice++) each.push((await run(nextLoop(name), name, count)) / count)
    const fitting = Math.ceil((sliceMs * nanosecondsPerMs) / middle(each))
    counts.set(name, fitting)
    return fitting
  }
}

/**
 * @param {string} name
 * @param {number} count
 */
async function warm(name, count) {
  const until = performance.now() + warmMs
  while (performance.now() < until) await run(nextLoop(name), name, count)
}

/**
 * Bytes of the heap that one check leaves behind, to be collected. Needs `--expose-gc` and a young space that holds them.
 * @param {{ name: string }} given
 */
async function weigh({ name }) {
  const most = Math.min(1_000_000, 100 * (await countFor(name)))
  let count = Math.min(most, 100)
  let bytes = await weighed(name, count)
  // As many checks as there is room for: what the process itself does meanwhile then counts for nothing.
  while (count < most && 10 * count * bytes < roomBytes) {
    count = Math.min(most, 10 * count)
    bytes = await weighed(name, count)
  }
  return bytes
}

/**
 * The least of five weighings: what a check leaves behind it leaves behind in all of them. What the process does beside, such
 * as compiling or taking another page into use, is some hundred kilobytes now and then, however many checks there are.
 * @param {string} name
 * @param {number} count
 */
async function weighed(name, count) {
  const bytes = []
  for (let round = 0; round < 5; round++) bytes.push(await leftBehind(nextLoop(name), count))
  return Math.min(...bytes)
}

/**
 * @param {Loop} loop
 * @param {number} count
 */
async function leftBehind(loop, count) {
  globalThis.gc?.()
  const before = process.memoryUsage().heapUsed
  await loop(count)
  return (process.memoryUsage().heapUsed - before) / count
}

/** @param {readonly number[]} values */
function middle(values) {
  return [...values].sort((a, b) => a - b)[values.length >> 1]
}

/**
 * @param {Loop} loop
 * @param {string} name
 * @param {number} count
 */
async function run(loop, name, count) {
  const before = process.hrtime.bigint()
  const yes = await loop(count)
  const took = Number(process.hrtime.bigint() - before)
  const which = cases.find((one) => one.name === name)
  const wrong = which === undefined ? null : fault(which, yes, count)
  if (wrong !== null) throw new Error(wrong)
  return took
}

/**
 * The loops of a case in turn.
 * @param {string} name
 */
function nextLoop(name) {
  const each = loops.get(name)
  if (each === undefined) throw new Error(`there is no case "${name}"`)
  const turn = turns.get(name) ?? 0
  turns.set(name, turn + 1)
  return each[turn % each.length]
}
