// The command line of `npm run bench`. Wrong usage ends the process with 2.
import { existsSync } from 'node:fs'
import { resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { entryOf } from './support/build.js'

const help = `npm run bench -- [options]

Every speed that is promised, beside the least it could cost and beside other libraries, in one run.
Always ends with 0 when it could measure; what falls short is marked in the table.

  --quick          fewer and shorter rounds
  --only NAME,…    benchmarks or libraries alone (checks, load, loop, experiment, cli, types, usage, redis, listen, boot,
                   unleash, web, changes; floor, sluice, …)
  --beside FOLDER  the checks of two builds of Sluice, in turn: A is this checkout, B the one in FOLDER
  --json FILE      writes the figures too
  --help           this text

The part "unleash" measures what SDKs of projects cost a server, also beside Unleash's own, whose packages are installed for it alone.
The part "web" measures the page in a browser; it needs Chromium, which npm test installs.
The part "changes" measures what people who change flags wait for, over a history of a million rows.

Whether a change costs a check anything, beside the commit before it:

  git worktree add --detach ../before HEAD~1
  (cd ../before && npm ci --ignore-scripts && npm run build)
  npm run bench -- --beside ../before

How much of a difference is noise: both builds are this one.

  npm run bench -- --beside .
`

/** @typedef {{ quick: boolean, only: readonly string[] | null, beside: string | null, json: string | null }} RunOptions */

/** @returns {RunOptions} */
export function readOptions() {
  const { quick = false, only, beside, json = null, help: asked } = parse()
  if (asked === true) {
    process.stdout.write(help)
    process.exit(0)
  }
  if (beside !== undefined && only !== undefined)
    refuse('--only does not go with --beside, which measures the checks of Sluice alone')
  return {
    quick,
    only: only === undefined ? null : only.split(',').map((name) => name.trim()),
    beside: beside === undefined ? null : builtFolder(beside),
    json,
  }
}

function parse() {
  try {
    const text = /** @type {const} */ ({ type: 'string' })
    const flag = /** @type {const} */ ({ type: 'boolean' })
    return parseArgs({ options: { quick: flag, only: text, beside: text, json: text, help: flag } }).values
  } catch (error) {
    return refuse(error instanceof Error ? error.message : String(error))
  }
}

/** @param {string} given */
function builtFolder(given) {
  const folder = resolve(given)
  if (existsSync(entryOf(folder))) return folder
  return refuse(`--beside: "${given}" holds no dist/index.js; run "npm run build" in that checkout first`)
}

/**
 * @param {string} message
 * @returns {never}
 */
function refuse(message) {
  process.stderr.write(`${message}\n`)
  process.exit(2)
}
