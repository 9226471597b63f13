// A child that asks a server as fast as it answers, over connections that stay open: each asks again when it has its answer.
import { connect } from 'node:net'
import { answer } from '../support/child-commands.js'
import { usage } from './usage.js'

const headEnd = '\r\n\r\n'
const patienceMs = 20_000
const tickMs = 20

/**
 * All connections read into it: what they read is done with before the next one does. Memory of its own for each piece of an answer of 50 kB
 * would cost several times what the server takes for the answer, and the load would be what is measured.
 */
const space = Buffer.alloc(262_144)

/** @type {{ readonly socket: import('node:net').Socket, ask: () => void }[]} */
let connections = []
let request = ''
let wanted = 0
let answered = 0
/** Requests without their answer. */
let waiting = 0
let isRunning = false
let isClosing = false

export const commands = {
  /** @param {{ port: number, count: number }} given */
  async open({ port, count }) {
    connections = await Promise.all(Array.from({ length: count }, () => open(port)))
  },

  /**
   * Asks for that long, and until there are `least` answers. Resolves with their number, and with how long it took. Ends with another
   * status than the wanted one.
   * @param {{ request: string, status: number, ms: number, least: number }} given
   */
  async run(given) {
    request = given.request
    wanted = given.status
    answered = 0
    isRunning = true
    const began = performance.now()
    for (const { ask } of connections) ask()
    await pause(given.ms)
    while (answered < given.least && performance.now() - began < patienceMs) await pause(tickMs)
    const took = performance.now() - began
    const count = answered
    isRunning = false
    // The answers that are still under way are taken, and count for no run.
    await pause(100)
    while (waiting > 0 && performance.now() - began < patienceMs) await pause(tickMs)
    return { count, ms: took }
  },

  usage,

  end() {
    isClosing = true
    for (const { socket } of connections) socket.destroy()
  },
}

/** @param {number} ms */
function pause(ms) {
  return new Promise((resume) => setTimeout(resume, ms))
}

/** @param {number} port */
async function open(port) {
  /** @type {(chunk: Buffer) => void} */
  let take = () => {}
  /** @type {import('node:net').OnReadOpts['callback']} */
  const callback = (length) => {
    take(space.subarray(0, length))
    return true
  }
  const socket = connect({ port, host: '127.0.0.1', noDelay: true, onread: { buffer: space, callback } })
  await new Promise((opened, fail) => socket.once('connect', () => opened(null)).once('error', fail))
  socket.on('error', (error) => {
    throw error
  })
  socket.on('close', () => {
    if (!isClosing) throw new Error('the server closed a connection')
  })
  // What is still to come of a body; of a head, what has come so far.
  let left = 0
  let head = ''
  take = (chunk) => {
    if (left > chunk.length) {
      left -= chunk.length
      return
    }
    if (left > 0) {
      left = 0
      done()
      return
    }
    head += chunk.toString('latin1', 0, 2_048)
    const end = head.indexOf(headEnd)
    if (end === -1) return
    const status = Number(head.slice(9, 12))
    if (status !== wanted) throw new Error(`the server answered ${status}: ${head}`)
    const length = /\r\ncontent-length: (\d+)/i.exec(head)?.[1]
    left = Math.max(0, Number(length ?? 0) - (chunk.length - end - headEnd.length))
    head = ''
    if (left === 0) done()
  }
  const ask = () => {
    waiting += 1
    socket.write(request, 'latin1')
  }
  const done = () => {
    waiting -= 1
    answered += 1
    if (isRunning) ask()
  }
  return { socket, ask }
}

answer(commands)
