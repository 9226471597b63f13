// A child that is thousands of SDKs: each polls in its turn with its tag, over a new connection that it closes ten seconds later, as
// Unleash's SDK for Node does, and reports each minute over another one. They do not wait for each other's answers.
import { randomUUID } from 'node:crypto'
import { connect } from 'node:net'
import { answer } from '../support/child-commands.js'
import { percentile } from '../support/figures.js'
import { reportBody, requestText, sdkHeaders } from './requests.js'

/** Node's agent of the SDK closes a connection that is idle for this long. */
const idleMs = 10_000
const tickMs = 10
/** Connections of one address that were closed moments ago keep their ports: many addresses have enough. */
const addresses = process.platform === 'linux' ? 50 : 1
const cutOffMs = 20_000

/**
 * @typedef {object} Crowd
 * @property {number} port
 * @property {string} path   of the project's routes
 * @property {string} secret
 * @property {string} tag
 * @property {readonly string[]} names   of flags
 * @property {number} clients
 * @property {number} pollEveryMs
 * @property {number} reportEveryMs
 */

/** @type {NodeJS.Timeout | null} */
let timer = null
/** Milliseconds of each answer since the last look. */
let delays = /** @type {number[]} */ ([])
let wrong = /** @type {string[]} */ ([])

export const commands = {
  /** @param {Crowd} crowd */
  start(crowd) {
    const ids = Array.from({ length: crowd.clients }, () => randomUUID())
    const credentials = { 'unleash-instanceid': crowd.secret }
    const body = reportBody(crowd.names)
    /** @param {number} index */
    const headersOf = (index) => sdkHeaders({ credentials, connectionId: ids[index % ids.length] })
    const poll = turns(crowd.clients / crowd.pollEveryMs, (index) => {
      const headers = { ...headersOf(index), 'accept-encoding': 'gzip,deflate', 'if-none-match': crowd.tag }
      send(crowd.port, index, requestText({ path: `${crowd.path}/client/features`, headers }), '304')
    })
    const report = turns(crowd.clients / crowd.reportEveryMs, (index) => {
      const headers = { ...headersOf(index), 'content-type': 'application/json' }
      send(
        crowd.port,
        index,
        requestText({ method: 'POST', path: `${crowd.path}/client/metrics`, headers, body }),
        '202',
      )
    })
    timer = setInterval(() => {
      poll()
      report()
    }, tickMs)
  },

  /** What came since the last look. */
  look() {
    const seen = {
      answers: delays.length,
      p99Ms: percentile(delays, 0.99),
      wrong: wrong.length,
      first: wrong[0] ?? null,
    }
    delays = []
    wrong = []
    return seen
  },

  stop() {
    if (timer !== null) clearInterval(timer)
  },
}

/**
 * A function that makes the calls that are due since it was last called.
 * @param {number} perMs
 * @param {(index: number) => void} call
 */
function turns(perMs, call) {
  const began = performance.now()
  let made = 0
  return () => {
    const due = Math.floor((performance.now() - began) * perMs)
    while (made < due) call(made++)
  }
}

/**
 * @param {number} port
 * @param {number} index
 * @param {string} request
 * @param {string} status
 */
function send(port, index, request, status) {
  const began = performance.now()
  const from = addresses > 1 ? { localAddress: `127.0.0.${1 + (index % addresses)}` } : {}
  const socket = connect({ port, host: '127.0.0.1', noDelay: true, ...from })
  let isAnswered = false
  socket.setTimeout(cutOffMs, () => socket.destroy())
  socket.on('error', (error) => isAnswered || wrong.push(String(error)))
  socket.on('close', () => isAnswered || wrong.push('the connection was closed without an answer'))
  socket.once('data', (chunk) => {
    isAnswered = true
    delays.push(performance.now() - began)
    const line = chunk.toString('latin1', 0, 64)
    if (line.slice(9, 12) !== status) wrong.push(line)
    setTimeout(() => socket.end(), idleMs)
  })
  socket.write(request)
}

answer(commands)
