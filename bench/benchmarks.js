// The benchmarks of a run, in order.
import { changes } from './changes/changes.js'
import { cases } from './checks/cases.js'
import { timeChecks, weighChecks } from './checks/checks.js'
import { judgeChecks } from './checks/goals.js'
import { libraries } from './checks/libraries.js'
import { throughListen, throughRedis } from './fleet/propagation.js'
import { Simulation } from './fleet/simulation.js'
import { codeUsage } from './process/code-usage.js'
import { compiling } from './process/compiling.js'
import { commandLine } from './process/command-line.js'
import { loop } from './process/event-loop.js'
import { experiment } from './process/experiment.js'
import { load } from './process/loading.js'
import { nanoseconds } from './support/figures.js'
import { table } from './support/table.js'
import { unleash } from './unleash/unleash.js'
import { web } from './web/web.js'

/** @typedef {import('./checks/checks.js').Figures} Figures */
/** @typedef {import('./support/table.js').Goal} Goal */
/** @typedef {{ readonly quick: boolean, readonly only: readonly string[] | null, readonly say: (text: string) => void }} Run */
/** @typedef {{ readonly goals: readonly Goal[], readonly tables: readonly { readonly title: string, readonly text: string }[], readonly figures: object }} Result */

/**
 * @typedef {object} Benchmark
 * @property {string} name
 * @property {(only: readonly string[] | null) => boolean} wanted
 * @property {(run: Run) => Promise<Result>} run
 */

const libraryNames = libraries.map(({ name }) => name)

/** @type {readonly Benchmark[]} */
export const benchmarks = [
  {
    name: 'checks',
    wanted: (only) => only === null || only.includes('checks') || only.some((name) => libraryNames.includes(name)),
    run: checks,
  },
  benchmark('load', load),
  benchmark('loop', loop),
  benchmark('experiment', experiment),
  benchmark('cli', commandLine),
  benchmark('types', compiling),
  benchmark('usage', codeUsage),
  benchmark('redis', throughRedis),
  benchmark('listen', throughListen),
  benchmark('boot', boot),
  benchmark('unleash', unleash),
  benchmark('web', web),
  benchmark('changes', changes),
]

/**
 * @param {string} name
 * @param {Benchmark['run']} run
 * @returns {Benchmark}
 */
function benchmark(name, run) {
  return { name, wanted: (only) => only === null || only.includes(name), run }
}

/**
 * 1,000 replicas that start at once, when their processes are up.
 * @type {Benchmark['run']}
 */
async function boot({ quick, say }) {
  const simulation = new Simulation({ processes: quick ? 4 : 40, copies: 25, say })
  try {
    await simulation.prepare({ redis: true })
    const { readyMs, mostWhileBooting, ...figures } = await simulation.boot()
    const row = `${simulation.replicas.toLocaleString('en')} replicas boot at once`
    const goals = [
      { row, goal: 'ready ≤ 10 s', measured: `${(readyMs / 1_000).toFixed(1)} s`, met: readyMs <= 10_000 },
      {
        row: `${row}, Postgres connections`,
        goal: '≤ 20',
        measured: String(mostWhileBooting),
        met: mostWhileBooting <= 20,
      },
    ]
    return { goals, tables: [], figures: { readyMs, mostWhileBooting, ...figures } }
  } finally {
    await simulation.end()
  }
}

/** @type {Benchmark['run']} */
async function checks({ quick, only, say }) {
  const isChosen = only?.some((name) => libraryNames.includes(name)) === true
  const chosen = libraries.filter(({ name }) => !isChosen || only.includes(name))
  const times = await timeChecks({ libraries: chosen, rounds: quick ? 3 : 9, slices: quick ? 5 : 20, say })
  const weights = await weighChecks({ libraries: chosen.filter(({ name }) => name !== 'floor'), say })
  return {
    goals: judgeChecks(times, weights),
    tables: [
      { title: 'Time of a check (median)', text: byCase(times, nanoseconds) },
      { title: 'Heap per check', text: byCase(weights, (bytes) => `${bytes} B`) },
    ],
    figures: { nanoseconds: plain(times), bytes: plain(weights) },
  }
}

/**
 * @param {Figures} figures
 * @param {(figure: number) => string} format
 */
function byCase(figures, format) {
  const names = [...figures.keys()]
  /**
   * @param {string} name
   * @param {string} which
   */
  const cell = (name, which) => {
    const figure = figures.get(name)?.get(which)
    return figure === undefined ? '' : format(figure)
  }
  return table(
    ['', ...names],
    cases.map(({ name: which }) => [which, ...names.map((name) => cell(name, which))]),
  )
}

/** @param {Figures} figures */
function plain(figures) {
  return Object.fromEntries([...figures].map(([name, byCase]) => [name, Object.fromEntries(byCase)]))
}
