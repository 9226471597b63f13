// `npm run bench`: every speed that is promised, beside the least it could cost and beside other libraries, in one run.
// Always ends with 0 when it could measure; what falls short is marked in the table.
//   --quick        fewer and shorter rounds      --only NAME,…  parts or libraries alone
//   --json FILE    writes the figures too
import { writeFileSync } from 'node:fs'
import { cpus, release } from 'node:os'
import { parseArgs } from 'node:util'
import { prepare } from './support/prepare.js'
import { goalTable } from './support/table.js'

const { values: given } = parseArgs({
  options: { quick: { type: 'boolean' }, only: { type: 'string' }, json: { type: 'string' } },
})
const only = given.only === undefined ? null : given.only.split(',').map((name) => name.trim())
const quick = given.quick === true
const say = progress()

prepare()
// What is measured is there only now.
const { benchmarks } = await import('./benchmarks.js')

/** @type {({ name: string, error?: string } & Omit<import('./benchmarks.js').Result, 'figures'> & { figures: object | null })[]} */
const results = []
for (const benchmark of benchmarks) {
  if (!benchmark.wanted(only)) continue
  try {
    results.push({ name: benchmark.name, ...(await benchmark.run({ quick, only, say })) })
  } catch (error) {
    const text = error instanceof Error ? (error.stack ?? error.message) : String(error)
    process.stderr.write(`\n${benchmark.name}: ${text}\n`)
    results.push({ name: benchmark.name, goals: [], tables: [], figures: null, error: text })
  }
}
say('')
report()

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
  console.log(`\n${goals.length} goals, ${short} fall short`)
  for (const { name } of failed) console.log(`NOT MEASURED: ${name}`)
  if (given.json !== undefined)
    writeFileSync(given.json, `${JSON.stringify({ at: new Date(), quick, results }, null, 2)}\n`)
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
