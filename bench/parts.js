// The parts of a run, in order.
import { cases } from './cases.js'
import { judgeChecks, nanoseconds, subjects, timeChecks, weighChecks } from './checks.js'
import { commandLine } from './command-line.js'
import { load } from './loader.js'
import { loop } from './event-loop.js'
import { throughListen, throughRedis } from './propagation.js'
import { Simulation } from './simulation.js'
import { table } from './table.js'

const subjectNames = subjects.map(({ name }) => name)

export const parts = [
  {
    name: 'checks',
    wanted: (only) => only === null || only.includes('checks') || only.some((name) => subjectNames.includes(name)),
    run: checks,
  },
  part('load', load),
  part('loop', loop),
  part('cli', commandLine),
  part('redis', throughRedis),
  part('listen', throughListen),
  part('boot', boot),
]

function part(name, run) {
  return { name, wanted: (only) => only === null || only.includes(name), run }
}

/** 1,000 replicas that start at once, when their processes are up. */
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

async function checks({ quick, only, say }) {
  const chosen = only?.some((name) => subjectNames.includes(name)) ? only : null
  const times = await timeChecks({ rounds: quick ? 3 : 9, slices: quick ? 5 : 20, only: chosen, say })
  const weights = await weighChecks({ only: chosen, say })
  return {
    goals: judgeChecks(times, weights),
    tables: [
      { title: 'Time of a check (median)', text: byCase(times, nanoseconds) },
      { title: 'Heap per check', text: byCase(weights, (bytes) => `${bytes} B`) },
    ],
    figures: { nanoseconds: plain(times), bytes: plain(weights) },
  }
}

function byCase(figures, format) {
  const names = [...figures.keys()]
  const cell = (name, which) => {
    const figure = figures.get(name).get(which)
    return figure === undefined ? '' : format(figure)
  }
  return table(
    ['', ...names],
    cases.map(({ name: which }) => [which, ...names.map((name) => cell(name, which))]),
  )
}

function plain(figures) {
  return Object.fromEntries([...figures].map(([name, byCase]) => [name, Object.fromEntries(byCase)]))
}
