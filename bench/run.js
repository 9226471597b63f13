// `npm run bench`: every speed that is promised, beside the least it could cost and beside other libraries, in one run; or the
// checks of two builds beside each other. Always ends with 0 when it could measure; what falls short is marked in the table.
import { writeFileSync } from 'node:fs'
import { cpus, release } from 'node:os'
import { readOptions } from './run-options.js'
import { prepare } from './support/prepare.js'
import { goalTable } from './support/table.js'

const { quick, only, beside, json } = readOptions()
const say = progress()

prepare({ peers: beside === null })

/** @typedef {import('./benchmarks.js').Benchmark} Benchmark */
/** @typedef {import('./benchmarks.js').Result} Result */

/** @type {({ name: string, error?: string } & Omit<Result, 'figures'> & { figures: object | null })[]} */
const results = []
for (const { name, run } of await chosen()) {
  try {
    results.push({ name, ...(await run({ quick, only, say })) })
  } catch (error) {
    const text = error instanceof Error ? (error.stack ?? error.message) : String(error)
    process.stderr.write(`\n${name}: ${text}\n`)
    results.push({ name, goals: [], tables: [], figures: null, error: text })
  }
}
say('')
report()

/**
 * What is measured is there only now.
 * @returns {Promise<Pick<Benchmark, 'name' | 'run'>[]>}
 */
async function chosen() {
  if (beside === null) {
    const { benchmarks } = await import('./benchmarks.js')
    return benchmarks.filter(({ wanted }) => wanted(only))
  }
  const { checksBeside } = await import('./checks/beside.js')
  return [{ name: 'beside', run: (given) => checksBeside({ ...given, folder: beside }) }]
}

function report() {
  const [cpu] = cpus()
  console.log(
    `Node ${process.version}, ${cpus().length} × ${cpu?.model ?? 'unknown'}, ${process.platform} ${release()}`,
  )
  for (const { tables } of results) for (const { title, text } of tables) console.log(`\n${title}\n\n${text}`)
  const goals = results.flatMap((result) => result.goals)
  if (goals.length > 0) console.log(`\nGoals\n\n${goalTable(goals)}`)
  const short = goals.filter(({ met }) => !met).length
  const failed = results.filter(({ error }) => error !== undefined)
  if (beside === null) console.log(`\n${goals.length} goals, ${short} fall short`)
  for (const { name } of failed) console.log(`NOT MEASURED: ${name}`)
  if (json !== null) writeFileSync(json, `${JSON.stringify({ at: new Date(), quick, results }, null, 2)}\n`)
  if (failed.length > 0) process.exitCode = 1
}

/**
 * One line on a terminal that is written over; nothing elsewhere.
 * @returns {(text: string) => void}
 */
function progress() {
  if (!process.stderr.isTTY) return () => {}
  return (text) => process.stderr.write(`\r\u001b[K${text}`)
}
