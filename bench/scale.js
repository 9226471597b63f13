// `npm run scale`: 1,000 replicas in 40 processes on one machine, and what they cost PostgreSQL and Redis.
// Bounded in time and count, on loopback, and ends by itself.
//   --processes N   default 40          --copies N     replicas in each, default 25
//   (two fleets are booted: one that does not compare its content with PostgreSQL's, and one as it is)
//   --no-redis      LISTEN and polls alone             --json FILE    writes the figures too
//   --costs         no fleet: what one poll, change and hint take of the servers (Linux)
//   --writes        another scenario: 100 writes a second while 200 readers hold a snapshot of 5 MB
//     --writers N   processes that write 10 times a second, default 10
//     --processes N of readers, default 10    --copies N   readers in each, default 20    --seconds N   default 60
import { writeFileSync } from 'node:fs'
import { readOptions } from './fleet/scale-options.js'
import { prepare } from './support/prepare.js'
import { goalTable, table } from './support/table.js'

/** @typedef {import('./fleet/simulation.js').Phase} Phase */

const longestMs = 15 * 60_000
const minuteMs = 60_000

const { scenario, size, load, redis, json: file } = readOptions()
// Whatever hangs, this ends; its children end with it.
setTimeout(() => {
  console.error(`not done after ${longestMs / 60_000} minutes`)
  process.exit(1)
}, longestMs).unref()

prepare()
/** @param {string} text */
const say = (text) => process.stderr.write(`${text}\n`)
// What is measured is there only now.
if (scenario === 'costs') {
  const { unitCosts } = await import('./fleet/unit-costs.js')
  const costs = await unitCosts({ flagCount: 500, say })
  console.log(
    table(
      ['Processor time', 'ms'],
      costs.map(({ name, ms }) => [name, ms.toFixed(3)]),
    ),
  )
  process.exit(0)
}
if (load !== null) {
  await writeLoad(load)
  process.exit()
}
const { Simulation } = await import('./fleet/simulation.js')
const { comparingOf, isBoot } = await import('./fleet/comparing.js')

const simulation = new Simulation({ ...size, say })
/** @type {Phase[]} */
const phases = []
try {
  await simulation.prepare({ redis })
  phases.push(await simulation.boot({ comparing: false }))
  phases.push(await simulation.afterBoot(minuteMs, 'a minute without'))
  await simulation.replaceFleet()
  phases.push(await simulation.boot())
  phases.push(await simulation.afterBoot(minuteMs, 'a minute, comparing'))
  phases.push(await simulation.idle(20_000))
  phases.push(await simulation.change())
  if (redis) phases.push(await simulation.restartRedis())
  phases.push(await simulation.restartPostgres())
  phases.push(await simulation.idle(20_000))
} catch (error) {
  // What was measured until then is worth seeing.
  console.error(error)
  process.exitCode = 1
} finally {
  await simulation.end()
}
if (phases.length > 0) report()
process.exit()

function report() {
  const how = redis ? 'through Redis' : 'without Redis'
  console.log(`${simulation.replicas} replicas in ${size.processes} processes, 500 flags, ${how}\n`)
  console.log(
    table(
      ['', 'seconds', 'connections', 'sessions', 'transactions/s', 'Redis clients', 'commands/s', 'kB/s sent', 'MB'],
      phases.map(costs),
    ),
  )
  console.log('')
  for (const { name, readyMs, readyP50Ms, sources, mostWhileBooting } of phases.filter(isBoot)) {
    const ready = `all ready after ${seconds(readyMs)}, half of them after ${seconds(readyP50Ms)}, from ${from(sources)}`
    console.log(`${name}: ${ready}; ${mostWhileBooting} connections until then`)
  }
  for (const phase of phases) {
    if (isIdle(phase))
      console.log(`memory of a replica: heap ${kb(phase.heapPerReplica)}, of the process ${kb(phase.rssPerReplica)}`)
    if (isChange(phase)) console.log(`${phase.name}: ${sightings(phase)}`)
    if (phase.meanwhile !== undefined) console.log(`${phase.name}, a change meanwhile: ${sightings(phase.meanwhile)}`)
    if (phase.afterwards !== undefined)
      console.log(`${phase.name}, a change afterwards: ${sightings(phase.afterwards)}`)
  }
  const comparing = comparingOf(phases, simulation.replicas, redis)
  if (comparing !== null) console.log(`\n${comparing.lines.join('\n')}\n\n${goalTable(comparing.goals)}`)
  keep({ at: new Date(), ...size, redis, phases, goals: comparing?.goals ?? [] })
}

/** @param {{ writers: number, seconds: number }} load */
async function writeLoad(load) {
  const { WriteLoad } = await import('./fleet/write-load/write-load.js')
  const { goalsOf, reportOf } = await import('./fleet/write-load/write-load-report.js')
  const run = new WriteLoad({ ...size, ...load, say })
  try {
    await run.prepare()
    const figures = await run.run()
    console.log(reportOf({ ...size, ...load }, figures))
    keep({ at: new Date(), ...size, ...load, figures, goals: goalsOf(figures) })
  } catch (error) {
    console.error(error)
    process.exitCode = 1
  } finally {
    await run.end()
  }
}

/** @param {object} figures */
function keep(figures) {
  if (file !== null) writeFileSync(file, `${JSON.stringify(figures, null, 2)}\n`)
}

/** @param {Phase} phase */
function costs({ name, seconds: took, postgres, redis: cost }) {
  /** @param {number} value */
  const rate = (value) => (value / took).toFixed(1)
  const ofRedis =
    cost === null
      ? ['', '', '', '']
      : [`${cost.connections}`, rate(cost.commands), rate(cost.sentBytes / 1_000), (cost.memoryBytes / 1e6).toFixed(1)]
  const ofPostgres = [`${postgres.mostConnections}`, `${postgres.sessions}`, rate(postgres.transactions)]
  return [name, took.toFixed(1), ...ofPostgres, ...ofRedis]
}

/**
 * @param {Phase} phase
 * @returns {phase is Phase & import('./fleet/simulation.js').Idle}
 */
function isIdle(phase) {
  return phase.heapPerReplica !== undefined
}

/**
 * @param {Phase} phase
 * @returns {phase is Phase & import('./fleet/simulation.js').Change}
 */
function isChange(phase) {
  return phase.sightings !== undefined
}

/** @param {import('./fleet/simulation.js').Change} change */
function sightings({ sightings: seen, missing, p50Ms, p99Ms, mostMs, refused }) {
  const retried = refused === undefined || refused === 0 ? '' : `, ${refused} tries refused`
  return `${seen} sightings, ${missing} missing; p50 ${p50Ms.toFixed(0)} ms, p99 ${p99Ms.toFixed(0)} ms, last ${mostMs.toFixed(0)} ms${retried}`
}

/** @param {Readonly<Record<string, number>>} sources */
function from(sources) {
  return Object.entries(sources)
    .map(([source, number]) => `${source} (${number})`)
    .join(', ')
}

/** @param {number} ms */
function seconds(ms) {
  return `${(ms / 1_000).toFixed(1)} s`
}

/** @param {number} bytes */
function kb(bytes) {
  return `${(bytes / 1_000).toFixed(0)} kB`
}
