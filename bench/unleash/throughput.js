// How many polls a server answers, and what processor time each takes: Sluice beside Node's own server with the same bytes, and
// beside Unleash's server with the same flags.
import { availableParallelism } from 'node:os'
import { Child } from '../support/child.js'
import { median } from '../support/figures.js'
import { table } from '../support/table.js'
import { featuresPath } from './served.js'
import { requestText, sdkHeaders } from './requests.js'
import { machineMs } from './usage.js'

/** @typedef {import('../support/table.js').Goal} Goal */
/**
 * `processorMs` and `askingMs`: what the server and the load have taken for each answer; `othersCores`: what other programs have of the machine.
 * @typedef {{ readonly perSecond: number, readonly processorMs: number, readonly askingMs: number, readonly othersCores: number }} Round
 */

/**
 * A server as the load sees it.
 * @typedef {object} Answering
 * @property {string} name
 * @property {{ ask(command: 'usage'): Promise<import('./usage.js').Usage> }} child
 * @property {Child<typeof import('./load.js').commands>} load
 * @property {Readonly<Record<number, string>>} requests   by the status that it is answered with
 * @property {number} bytes   of the body
 */

const connectionCount = 50
const statuses = [200, 304]
/** Until the code that answers is compiled. */
const warmUpAnswers = 5_000
const loadModule = new URL('load.js', import.meta.url)
/** Hop by hop, or new in every answer. */
const notKept = new Set(['connection', 'keep-alive', 'date', 'transfer-encoding'])

/**
 * @param {object} given
 * @param {import('./served.js').Served} given.served
 * @param {{ id: number, secret: string }} given.project
 * @param {import('./peer.js').Peer} given.peer
 * @param {boolean} given.quick
 * @param {(text: string) => void} given.say
 */
export async function throughput({ served, project, peer, quick, say }) {
  const known = await served.flags(project.id, project.secret)
  const bare = await startBare(known)
  const path = featuresPath(project.id)
  const credentials = { 'unleash-instanceid': project.secret }
  /** @type {Answering[]} */
  const servers = []
  try {
    servers.push(await answering('node:http', bare, { path, credentials, tag: known.tag, bytes: known.body.length }))
    servers.push(await answering('sluice', served, { path, credentials, tag: known.tag, bytes: known.body.length }))
    if (peer.served !== null) servers.push(await answering('unleash-server', peer.served, await peer.served.known()))
    const rounds = await measure(servers, { rounds: quick ? 5 : 21, ms: 300, say })
    return report(servers, rounds, peer)
  } finally {
    await Promise.all(servers.map(({ load }) => load.end()))
    await bare.child.end()
  }
}

/**
 * A process of Node's own server that answers as another one did.
 * @param {{ headers: readonly (readonly string[])[], tag: string, body: string, encoding?: BufferEncoding }} known
 */
export async function startBare({ headers, tag, body, encoding = 'utf8' }) {
  /** @type {Child<typeof import('./bare-server.js').commands>} */
  const child = new Child(new URL('bare-server.js', import.meta.url))
  const kept = headers.filter(([name]) => !notKept.has(name))
  const unchanged = kept.filter(([name]) => !name.startsWith('content-'))
  const port = await child.ask('start', { headers: kept.flat(), unchanged: unchanged.flat(), tag, body, encoding })
  return { child, port }
}

/**
 * @param {string} name
 * @param {{ child: unknown, port: number }} server
 * @param {{ path: string, credentials: Readonly<Record<string, string>>, tag: string, bytes: number }} known
 * @returns {Promise<Answering>}
 */
async function answering(name, { child, port }, { path, credentials, tag, bytes }) {
  const headers = sdkHeaders({ credentials })
  /** @type {Answering['load']} */
  const load = new Child(loadModule)
  await load.ask('open', { port, count: connectionCount })
  const requests = {
    200: requestText({ path, headers }),
    304: requestText({ path, headers: { ...headers, 'if-none-match': tag } }),
  }
  return { name, child: /** @type {Answering['child']} */ (child), load, requests, bytes }
}

/**
 * In short turns, in one order and then in the other, so that what the machine does meanwhile falls on all of them.
 * @param {readonly Answering[]} servers
 * @param {{ rounds: number, ms: number, say: (text: string) => void }} given
 */
async function measure(servers, { rounds, ms, say }) {
  /** @type {Map<string, Round[]>} */
  const taken = new Map()
  // The first one is not measured: code is compiled there.
  for (let round = 0; round <= rounds; round++) {
    say(`unleash: polls, round ${round} of ${rounds}`)
    for (const status of statuses) {
      for (const server of round % 2 === 0 ? servers : [...servers].reverse()) {
        const one = await runOnce(server, status, round > 0 ? { ms, least: 1 } : { ms, least: warmUpAnswers })
        const key = keyOf(server.name, status)
        if (round > 0) taken.set(key, [...(taken.get(key) ?? []), one])
      }
    }
  }
  return taken
}

/**
 * @param {Answering} server
 * @param {number} status
 * @param {{ ms: number, least: number }} length
 * @returns {Promise<Round>}
 */
async function runOnce({ child, load, requests }, status, length) {
  const taken = async () => {
    const [own, asking] = [await child.ask('usage'), await load.ask('usage')]
    return {
      own: own.processorMs,
      asking: asking.processorMs,
      others: machineMs() - own.processorMs - asking.processorMs,
      at: performance.now(),
    }
  }
  const before = await taken()
  const ran = await load.ask('run', { request: requests[status], status, ...length })
  const after = await taken()
  return {
    perSecond: ran.count / (ran.ms / 1_000),
    processorMs: (after.own - before.own) / Math.max(1, ran.count),
    askingMs: (after.asking - before.asking) / Math.max(1, ran.count),
    othersCores: Math.max(0, after.others - before.others) / (after.at - before.at),
  }
}

/**
 * @param {readonly Answering[]} servers
 * @param {ReadonlyMap<string, readonly Round[]>} rounds
 * @param {import('./peer.js').Peer} peer
 */
function report(servers, rounds, peer) {
  /**
   * @param {string} name
   * @param {number} status
   */
  const all = (name, status) => rounds.get(keyOf(name, status)) ?? []
  /**
   * @param {string} name
   * @param {number} status
   */
  const of = (name, status) => ({
    perSecond: median(all(name, status).map((one) => one.perSecond)),
    processorMs: median(all(name, status).map((one) => one.processorMs)),
  })
  /**
   * How many times as good as another server: in each round, because what else runs on the machine is seldom the same in two.
   * @param {string} other
   * @param {number} status
   * @param {(own: Round, other: Round) => number} compare
   */
  const ratio = (other, status, compare) => {
    const others = all(other, status)
    return median(
      all('sluice', status).flatMap((own, round) => {
        const beside = others[round]
        return beside === undefined ? [] : [compare(own, beside)]
      }),
    )
  }
  const goals = statuses.flatMap((status) => {
    const [bare, own, other] = [of('node:http', status), of('sluice', status), of('unleash-server', status)]
    const row = `polls of 200 flags, ${connectionCount} connections, ${status}`
    return [
      atLeast(row, 0.7, 'node:http', ratio('node:http', status, byRate), pairOf(own.perSecond, bare.perSecond, rate)),
      atLeast(
        `${row}, processor time`,
        0.7,
        'node:http',
        ratio('node:http', status, byProcessorTime),
        pairOf(own.processorMs, bare.processorMs, micro),
      ),
      peer.served === null
        ? { row, goal: '≥ 10 × unleash-server', measured: `not measured: ${peer.why}`, met: false }
        : atLeast(
            row,
            10,
            'unleash-server',
            ratio('unleash-server', status, byRate),
            pairOf(own.perSecond, other.perSecond, rate),
          ),
    ]
  })
  const rows = servers.map(({ name, bytes }) => {
    const cells = statuses.flatMap((status) => [rate(of(name, status).perSecond), micro(of(name, status).processorMs)])
    return [name, `${(bytes / 1_000).toFixed(0)} kB`, ...cells]
  })
  const header = ['', 'body', '200', 'processor time', '304', 'processor time']
  const cores = median([...rounds.values()].flat().map(({ othersCores }) => othersCores))
  // With more than a few tenths of a core it is chance which server gets less of the machine.
  const others = `other programs took ${cores.toFixed(2)} of ${availableParallelism()} cores meanwhile`
  return {
    goals,
    tables: [{ title: `Polls of 200 flags over ${connectionCount} connections; ${others}`, text: table(header, rows) }],
    figures: Object.fromEntries(rounds),
  }
}

/**
 * @param {string} name
 * @param {number} status
 */
function keyOf(name, status) {
  return `${name}, ${status}`
}

/**
 * @param {string} row
 * @param {number} least
 * @param {string} other
 * @param {number} ratio
 * @param {string} pair
 * @returns {Goal}
 */
function atLeast(row, least, other, ratio, pair) {
  return { row, goal: `≥ ${least} × ${other}`, measured: `${ratio.toFixed(2)} × (${pair})`, met: ratio >= least }
}

/** @type {(own: Round, other: Round) => number} */
const byRate = (own, other) => own.perSecond / other.perSecond

/** @type {(own: Round, other: Round) => number} */
const byProcessorTime = (own, other) => other.processorMs / own.processorMs

/**
 * @param {number} own
 * @param {number} other
 * @param {(value: number) => string} show
 */
function pairOf(own, other, show) {
  return `${show(own)} : ${show(other)}`
}

/** @param {number} perSecond */
function rate(perSecond) {
  return `${Math.round(perSecond).toLocaleString('en')}/s`
}

/** @param {number} ms */
function micro(ms) {
  return `${(ms * 1_000).toFixed(0)} µs`
}
