// What ten thousand SDKs cost a server that poll and report as they do by default.
import { pause } from '../fleet/fleet.js'
import { Child } from '../support/child.js'
import { table } from '../support/table.js'
import { sdkPath } from './served.js'
import { startBare } from './throughput.js'

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
  const known = await served.flags(project.id, project.secret)
  const target = { path: sdkPath(project.id), secret: project.secret, tag: known.tag, names }
  say(`unleash: ${clients.toLocaleString('en')} clients of node:http`)
  const bare = await startBare(known)
  /** @type {Measured} */
  let floor
  try {
    floor = await crowdOn(bare, target, quick ? 8_000 : 15_000)
  } finally {
    await bare.child.end()
  }
  say(`unleash: ${clients.toLocaleString('en')} clients`)
  return report(await crowdOn(served, target, quick ? 8_000 : 30_000), floor)
}

/**
 * What the crowd costs a server.
 * @typedef {object} Measured
 * @property {number} cores
 * @property {number} tookMs
 * @property {number} rss
 * @property {Awaited<ReturnType<typeof looks>>} seen
 */

/**
 * @param {{ child: { ask(command: 'usage'): Promise<import('./usage.js').Usage> }, port: number }} server
 * @param {{ path: string, secret: string, tag: string, names: readonly string[] }} target
 * @param {number} measuredMs
 * @returns {Promise<Measured>}
 */
async function crowdOn(server, target, measuredMs) {
  /** @type {Child<typeof import('./pollers.js').commands>[]} */
  const children = Array.from({ length: crowds }, () => new Child(module))
  try {
    const each = { port: server.port, clients: clients / crowds, pollEveryMs, reportEveryMs }
    await Promise.all(children.map((child) => child.ask('start', { ...target, ...each })))
    await pause(warmUpMs)
    await looks(children)
    const before = await server.child.ask('usage')
    const began = performance.now()
    await pause(measuredMs)
    const after = await server.child.ask('usage')
    const tookMs = performance.now() - began
    const seen = await looks(children)
    await Promise.all(children.map((child) => child.ask('stop')))
    return { cores: (after.processorMs - before.processorMs) / tookMs, tookMs, rss: after.rss, seen }
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

/**
 * @param {Measured} measured
 * @param {Measured} floor   the same crowd before Node's own server
 */
function report(measured, floor) {
  const { cores, seen } = measured
  const wanted = 1_000 * (clients / pollEveryMs + clients / reportEveryMs)
  // A crowd that was held up itself would make the server look cheaper than it is.
  const isWhole = seen.wrong === 0 && perSecond(measured) >= 0.95 * wanted
  const wrong = seen.first === null ? '' : `, the first of them: ${seen.first}`
  const note = isWhole
    ? ''
    : `; ${Math.round(perSecond(measured))} of ${Math.round(wanted)} answers/s, ${seen.wrong} wrong${wrong}`
  const goals = [
    {
      row: `${clients.toLocaleString('en')} clients at 15 s, a new connection each time`,
      goal: '≤ 0.3 core',
      measured: `${cores.toFixed(3)} core (node:http ${floor.cores.toFixed(3)})${note}`,
      met: cores <= 0.3 && isWhole,
    },
  ]
  const title = `${clients.toLocaleString('en')} SDKs that poll and report`
  const columns = ['', 'answers/s', 'cores', 'of an answer', 'p99 of the answer', 'memory of the server']
  const text = table(columns, [cells('node:http', floor), cells('sluice', measured)])
  return { goals, tables: [{ title, text }], figures: { cores, floor: floor.cores, ...seen } }
}

/** @param {Measured} measured */
function perSecond({ seen, tookMs }) {
  return seen.answers / (tookMs / 1_000)
}

/**
 * @param {string} name
 * @param {Measured} measured
 */
function cells(name, measured) {
  const rate = perSecond(measured)
  return [
    [name, Math.round(rate).toLocaleString('en'), measured.cores.toFixed(3)],
    [`${((measured.cores / rate) * 1e6).toFixed(0)} µs`, `${measured.seen.p99Ms.toFixed(1)} ms`],
    [`${(measured.rss / 1e6).toFixed(0)} MB`],
  ].flat()
}
