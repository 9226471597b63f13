// One library in a process of its own: opens it, verifies its answers, then times or weighs what the parent asks for.
import { cases, fault } from './cases.js'

const nanosecondsPerMs = 1e6
/** Longer lists are for libraries that do not look through them one by one. */
const tenThousand = 10_000
/** @type {Map<string, (count: number) => number | Promise<number>>} */
const loops = new Map()
let close = () => {}

const commands = { open, time, weigh, end }

process.on('message', async ({ id, command, ...given }) => {
  try {
    process.send?.({ id, value: await commands[command](given) })
  } catch (error) {
    process.send?.({ id, error: error instanceof Error ? (error.stack ?? error.message) : String(error) })
  }
})

/** Opens the library and verifies every case; resolves with the names of the cases that it has. */
async function open({ path, options }) {
  const subject = await import(path)
  const opened = await subject.open(options ?? {})
  close = opened.close ?? close
  for (const which of cases) {
    if (which.size > (opened.largestList ?? tenThousand)) continue
    const users = which.ids === null && opened.anonymous ? null : (which.ids ?? ['nobody']).map(opened.user)
    const loop = opened.loop(which.flag, users)
    if (loop === null) continue
    const asked = Math.max(1_000, which.ids?.length ?? 0)
    const wrong = fault(which, await loop(asked), asked)
    if (wrong !== null) throw new Error(`${path}: ${wrong}`)
    loops.set(which.name, loop)
  }
  return [...loops.keys()]
}

/** Nanoseconds per check, over about `forMs`; the loop is warm. */
async function time({ name, forMs }) {
  const loop = loopOf(name)
  const count = await countFor(loop, name, forMs)
  return (await run(loop, name, count)) / count
}

const counts = new Map()

/** How many checks take that long; found once, which also warms the loop up. */
async function countFor(loop, name, forMs) {
  const known = counts.get(name)
  if (known !== undefined) return known
  let count = 100
  for (let warm = 0; ; ) {
    const took = await run(loop, name, count)
    if (took >= (forMs * nanosecondsPerMs) / 2) {
      warm += 1
      count = Math.max(100, Math.ceil((count * forMs * nanosecondsPerMs) / took))
      if (warm < 3) continue
      counts.set(name, count)
      return count
    }
    count *= 2
  }
}

/** Bytes of the heap that one check leaves behind, to be collected. Needs `--expose-gc` and a young space that holds them. */
async function weigh({ name }) {
  const loop = loopOf(name)
  // Compiled first, so that what the compiler allocates does not count; slow loops are compiled after fewer checks.
  const count = Math.min(10_000, Math.ceil((await countFor(loop, name, 20)) / 4))
  const bytes = []
  for (let round = 0; round < 5; round++) {
    globalThis.gc?.()
    const before = process.memoryUsage().heapUsed
    await loop(count)
    bytes.push((process.memoryUsage().heapUsed - before) / count)
  }
  return bytes.sort((a, b) => a - b)[2]
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

function loopOf(name) {
  const loop = loops.get(name)
  if (loop === undefined) throw new Error(`there is no case "${name}"`)
  return loop
}

async function end() {
  await close()
  setImmediate(() => process.disconnect())
  return null
}
