// One library in a process of its own: opens it, verifies its answers, then times or weighs what the parent asks for.
import { answer } from './answer.js'
import { cases, fault } from './cases.js'

const nanosecondsPerMs = 1e6
const sliceMs = 1
const warmMs = 100
/** What may be allocated while weighing without a collection. */
const roomBytes = 30_000_000
/** Longer lists are for libraries that do not look through them one by one. */
const tenThousand = 10_000
/** The loops of each case, one for each flag that is asked in turn. @type {Map<string, ((count: number) => number | Promise<number>)[]>} */
const loops = new Map()
/** How many slices a case has had. */
const turns = new Map()
let close = () => {}

answer({ open, time, weigh, end: () => close() })

/** Opens the library and verifies every case; resolves with the names of the cases that it has. */
async function open({ path, options }) {
  const subject = await import(path)
  const opened = await subject.open(options ?? {})
  close = opened.close ?? close
  for (const which of cases) {
    if (which.size > (opened.largestList ?? tenThousand)) continue
    const users = which.ids === null && opened.anonymous ? null : (which.ids ?? ['nobody']).map(opened.user)
    const each = which.flags.map((flag) => opened.loop(flag, users)).filter((loop) => loop !== null)
    if (each.length === 0) continue
    const asked = Math.max(1_000, which.ids?.length ?? 0)
    for (const loop of each) {
      const wrong = fault(which, await loop(asked), asked)
      if (wrong !== null) throw new Error(`${path}: ${wrong}`)
    }
    loops.set(which.name, each)
  }
  return [...loops.keys()]
}

/**
 * Nanoseconds per check: the median of many short slices. On a busy machine the system takes the processor away every
 * few milliseconds; a slice is shorter than that, so most of them are undisturbed, and the median is one of these.
 */
async function time({ name, slices }) {
  const count = await countFor(name)
  const each = []
  for (let slice = 0; slice < slices; slice++) each.push((await run(nextLoop(name), name, count)) / count)
  return middle(each)
}

const counts = new Map()

/** How many checks take about a slice; found once, which also warms the loop up. */
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

async function warm(name, count) {
  const until = performance.now() + warmMs
  while (performance.now() < until) await run(nextLoop(name), name, count)
}

/** Bytes of the heap that one check leaves behind, to be collected. Needs `--expose-gc` and a young space that holds them. */
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
 */
async function weighed(name, count) {
  const bytes = []
  for (let round = 0; round < 5; round++) bytes.push(await leftBehind(nextLoop(name), count))
  return Math.min(...bytes)
}

async function leftBehind(loop, count) {
  globalThis.gc?.()
  const before = process.memoryUsage().heapUsed
  await loop(count)
  return (process.memoryUsage().heapUsed - before) / count
}

function middle(values) {
  return [...values].sort((a, b) => a - b)[values.length >> 1]
}

async function run(loop, name, count) {
  const before = process.hrtime.bigint()
  const yes = await loop(count)
  const took = Number(process.hrtime.bigint() - before)
  const which = cases.find((one) => one.name === name)
  const wrong = which === undefined ? null : fault(which, yes, count)
  if (wrong !== null) throw new Error(wrong)
  return took
}

/** The loops of a case in turn. */
function nextLoop(name) {
  const each = loops.get(name)
  if (each === undefined) throw new Error(`there is no case "${name}"`)
  const turn = turns.get(name) ?? 0
  turns.set(name, turn + 1)
  return each[turn % each.length]
}
