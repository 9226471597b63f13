// What comparing adds to the minute after a boot, beside what is promised of it.

/** @typedef {import('./simulation.js').Phase} Phase */
/** @typedef {Phase & import('./simulation.js').AfterBoot} AfterBoot */
/** @typedef {Phase & import('./simulation.js').Boot} Booted */

/** Polls come by chance, so that two minutes of them are never quite alike. */
const chance = 1.05
const chanceOfMost = 1.25

const unfair =
  'not every replica began from Redis and has compared: the machine was too busy, and the two minutes say nothing about comparing'

/**
 * Lines and goals of a run that has booted a fleet without and with comparing; null where it did not come so far.
 * @param {readonly Phase[]} phases
 * @param {number} replicas
 * @param {boolean} redis
 */
export function comparingOf(phases, replicas, redis) {
  const [without, comparing] = phases.filter(isAfterBoot)
  const boots = phases.filter(isBoot)
  if (comparing === undefined || boots.length < 2) return null
  const isWhole = !redis || boots.every(({ sources }) => sources['redis'] === replicas)
  const isFair = isWhole && comparing.compared === replicas
  const lines = [without, comparing].map(lineOf)
  if (!isFair) lines.push(unfair)
  return { lines, goals: goalsOf({ without, comparing, boot: boots[1], replicas, redis, isFair }) }
}

/**
 * @param {Phase} phase
 * @returns {phase is AfterBoot}
 */
function isAfterBoot(phase) {
  return phase.compared !== undefined
}

/**
 * @param {Phase} phase
 * @returns {phase is Booted}
 */
export function isBoot(phase) {
  return phase.readyMs !== undefined
}

/** @param {AfterBoot} phase */
function lineOf({ name, processorPerSecond, connectionsOnAverage, compared, seconds, postgres }) {
  const { mostConnections, sessions } = postgres
  const processor = processorPerSecond === null ? '(unknown)' : processorPerSecond.toFixed(3)
  return `${name}: Postgres takes ${processor} s of processor a second; connections ${mostConnections} at most, ${connectionsOnAverage.toFixed(1)} on average, ${(sessions / seconds).toFixed(1)} opened a second; ${compared} replicas confirmed`
}

/**
 * @param {{ without: AfterBoot, comparing: AfterBoot, boot: Booted, replicas: number, redis: boolean, isFair: boolean }} given
 * @returns {import('../support/table.js').Goal[]}
 */
function goalsOf({ without, comparing, boot, replicas, redis, isFair }) {
  const [before, after] = [without.processorPerSecond, comparing.processorPerSecond]
  const added = before === null || after === null ? null : after - before
  /** @param {AfterBoot} phase */
  const rate = ({ postgres, seconds }) => postgres.sessions / seconds
  /** @param {AfterBoot} phase */
  const most = ({ postgres }) => postgres.mostConnections
  const goals = [
    {
      row: 'comparing in the minute after a boot, processor of Postgres',
      goal: '≤ 0.2 s more a second',
      measured: added === null ? '(unknown)' : `${added.toFixed(3)} s`,
      met: isFair && added !== null && added <= 0.2,
    },
    {
      row: 'connections opened a second',
      goal: 'those of the polls, give or take 5 %',
      measured: `${rate(comparing).toFixed(1)} : ${rate(without).toFixed(1)}`,
      met: isFair && rate(comparing) <= chance * rate(without) + 1,
    },
    {
      row: 'connections at most',
      goal: 'those of the polls, give or take a quarter',
      measured: `${most(comparing)} : ${most(without)}`,
      met: isFair && most(comparing) <= chanceOfMost * most(without) + 2,
    },
    {
      row: 'replicas that have compared',
      goal: 'all of one fleet',
      measured: `${comparing.compared} of ${replicas}`,
      met: comparing.compared === replicas,
    },
  ]
  if (!redis) return goals
  const { mostWhileBooting } = boot
  const row = 'connections until all are ready'
  // The last row is promised of a boot from Redis alone.
  return [...goals, { row, goal: '≤ 20', measured: String(mostWhileBooting), met: mostWhileBooting <= 20 }]
}
