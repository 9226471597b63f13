// What ten thousand SDKs cost a server that poll and report as they do by default.
import { pause } from '../fleet/fleet.js'
import { Child } from '../support/child.js'
import { table } from '../support/table.js'
import { sdkPath } from './served.js'

const clients = 10_000
const pollEveryMs = 15_000
const reportEveryMs = 60_000
const crowds = 2
/** Until as many connections are open as stay open: each is kept for ten seconds. */
const warmUpMs = 12_000
const module = new URL('pollers.js', import.meta.url)

/**
 * @param {object} given
 * @param {import('./served.js').Served} given.served
 * @param {{ id: number, secret: string }} given.project
 * @param {readonly string[]} given.names
 * @param {boolean} given.quick
 * @param {(text: string) => void} given.say
 */
export async function polling({ served, project, names, quick, say }) {
  const measuredMs = quick ? 8_000 : 30_000
  const { tag } = await served.flags(project.id, project.secret)
  /** @type {Child<typeof import('./pollers.js').commands>[]} */
  const children = Array.from({ length: crowds }, () => new Child(module))
  /** @type {{ port: number, path: string, secret: string, tag: string, names: readonly string[] }} */
  const target = { port: served.port, path: sdkPath(project.id), secret: project.secret, tag, names }
  try {
    say(`unleash: ${clients.toLocaleString('en')} clients`)
    const each = { clients: clients / crowds, pollEveryMs, reportEveryMs }
    await Promise.all(children.map((child) => child.ask('start', { ...target, ...each })))
    await pause(warmUpMs)
    await looks(children)
    const before = await served.child.ask('usage')
    const began = performance.now()
    await pause(measuredMs)
    const after = await served.child.ask('usage')
    const tookMs = performance.now() - began
    const seen = await looks(children)
    await Promise.all(children.map((child) => child.ask('stop')))
    return report({ cores: (after.processorMs - before.processorMs) / tookMs, tookMs, rss: after.rss, seen })
  } finally {
    await Promise.all(children.map((child) => child.end()))
  }
}

/** @param {readonly Child<typeof import('./pollers.js').commands>[]} children */
async function looks(children) {
  const all = await Promise.all(children.map((child) => child.ask('look')))
  return {
    answers: all.reduce((sum, { answers }) => sum + answers, 0),
    wrong: all.reduce((sum, { wrong }) => sum + wrong, 0),
    first: all.find(({ first }) => first !== null)?.first ?? null,
    p99Ms: Math.max(...all.map(({ p99Ms }) => p99Ms)),
  }
}

/** @param {{ cores: number, tookMs: number, rss: number, seen: Awaited<ReturnType<typeof looks>> }} measured */
function report({ cores, tookMs, rss, seen }) {
  const perSecond = seen.answers / (tookMs / 1_000)
  const wanted = 1_000 * (clients / pollEveryMs + clients / reportEveryMs)
  // A crowd that was held up itself would make the server look cheaper than it is.
  const isWhole = seen.wrong === 0 && perSecond >= 0.95 * wanted
  const wrong = seen.first === null ? '' : `, the first of them: ${seen.first}`
  const note = isWhole
    ? ''
    : `; ${Math.round(perSecond)} of ${Math.round(wanted)} answers/s, ${seen.wrong} wrong${wrong}`
  const goals = [
    {
      row: `${clients.toLocaleString('en')} clients at 15 s, a new connection each time`,
      goal: '≤ 0.3 core',
      measured: `${cores.toFixed(3)} core${note}`,
      met: cores <= 0.3 && isWhole,
    },
  ]
  const cells = [
    [Math.round(perSecond).toLocaleString('en'), `${cores.toFixed(3)}`],
    [`${((cores / perSecond) * 1e6).toFixed(0)} µs`, `${seen.p99Ms.toFixed(1)} ms`, `${(rss / 1e6).toFixed(0)} MB`],
  ].flat()
  const text = table(['answers/s', 'cores', 'of an answer', 'p99 of the answer', 'memory of the server'], [cells])
  return {
    goals,
    tables: [{ title: `${clients.toLocaleString('en')} SDKs that poll and report`, text }],
    figures: { cores, ...seen },
  }
}
