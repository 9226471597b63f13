// The command line of `npm run scale`, checked. Wrong usage ends the process with 2.
import { parseArgs } from 'node:util'

/** Which options go with which scenario alone; `fleet` is the one without a name. */
const scenarioOf = /** @type {const} */ ({ 'no-redis': 'fleet', writers: 'writes', seconds: 'writes' })
const fleetDefaults = { processes: 40, copies: 25 }
/** @typedef {'processes' | 'copies' | 'writers' | 'seconds'} Count */

/** 200 readers, in as many processes as two cores bear. */
const writesDefaults = { processes: 10, copies: 20, writers: 10, seconds: 60 }

export function readOptions() {
  const given = parse()
  if (given.writes === true && given.costs === true) refuse('--writes and --costs are two scenarios: choose one')
  const scenario = given.writes === true ? 'writes' : given.costs === true ? 'costs' : 'fleet'
  for (const name of /** @type {(keyof typeof scenarioOf)[]} */ (Object.keys(scenarioOf))) {
    const only = scenarioOf[name]
    if (given[name] === undefined || only === scenario) continue
    refuse(only === 'fleet' ? `--${name} does not go with --${scenario}` : `--${name} goes with --${only} alone`)
  }
  const defaults = scenario === 'writes' ? writesDefaults : { ...writesDefaults, ...fleetDefaults }
  /**
   * @param {Count} name
   * @param {number} most
   */
  const count = (name, most) => readCount(name, given[name] ?? defaults[name], most)
  return {
    scenario,
    redis: given['no-redis'] !== true,
    json: given.json ?? null,
    size: { processes: count('processes', 100), copies: count('copies', 100) },
    load: scenario === 'writes' ? { writers: count('writers', 100), seconds: count('seconds', 300) } : null,
  }
}

function parse() {
  try {
    const text = /** @type {const} */ ({ type: 'string' })
    const flag = /** @type {const} */ ({ type: 'boolean' })
    const options = { processes: text, copies: text, writers: text, seconds: text, json: text }
    return parseArgs({ options: { ...options, 'no-redis': flag, costs: flag, writes: flag } }).values
  } catch (error) {
    return refuse(error instanceof Error ? error.message : String(error))
  }
}

/**
 * @param {string} name
 * @param {string | number} given
 * @param {number} most
 */
function readCount(name, given, most) {
  const value = Number(given)
  if (Number.isInteger(value) && value >= 1 && value <= most) return value
  return refuse(`--${name}: "${given}" is no whole number from 1 to ${most}`)
}

/**
 * @param {string} message
 * @returns {never}
 */
function refuse(message) {
  console.error(message)
  process.exit(2)
}
