// A child that holds thousands of streams, and notes when each event came. Others it opens and never reads.
import { connect } from 'node:net'
import { answer } from '../support/child-commands.js'
import { now } from '../support/shared-clock.js'

const atOnce = 100
const eventEnd = '\n\n'

/** @typedef {{ readonly first: string, readonly change: string }} EventNames */

/** The events that each stream had, with the revision and the time. */
const seen = /** @type {{ readonly revision: number, readonly at: number }[][]} */ ([])
/** @type {import('node:net').Socket[]} */
const stalled = []
let ended = 0

export const commands = {
  /**
   * Opens streams; resolves when each has had its first event. `events`: the names of the first one, and of those that tell changes.
   * @param {{ port: number, request: string, count: number, events?: EventNames }} given
   */
  async open({ port, request, count, events = { first: 'unleash-connected', change: 'unleash-updated' } }) {
    for (let opened = 0; opened < count; opened += atOnce) {
      const some = Array.from({ length: Math.min(atOnce, count - opened) }, () => read({ port, request, events }))
      await Promise.all(some)
    }
  },

  /**
   * Opens streams that are not read.
   * @param {{ port: number, request: string, count: number }} given
   */
  async stall({ port, request, count }) {
    for (let opened = 0; opened < count; opened++) {
      const socket = connect({ port, host: '127.0.0.1' })
      socket.on('error', () => {}) // The server may close it, which is what is looked for below.
      socket.pause()
      await new Promise((connected) => socket.once('connect', connected))
      socket.write(request)
      stalled.push(socket)
    }
  },

  /**
   * How long after its beginning each stream had each change: an event tells all changes up to its revision. Times are of the clock
   * that all processes share.
   * @param {{ begun: readonly { revision: number, at: number }[] }} given
   */
  delays({ begun }) {
    /** @type {number[]} */
    const delays = []
    let missing = 0
    for (const { revision, at } of begun) {
      for (const events of seen) {
        const event = events.find((one) => one.revision >= revision)
        if (event === undefined) missing += 1
        else delays.push(event.at - at)
      }
    }
    return { delays, missing }
  },

  /** How many streams the server has ended. */
  ended: () => ended,

  /** How many of the streams that were not read the server has cut: what is left of them is read now. */
  async cut() {
    let closed = 0
    for (const socket of stalled) {
      socket.once('close', () => closed++)
      socket.resume()
    }
    await new Promise((resume) => setTimeout(resume, 1_500))
    for (const socket of stalled) socket.destroy()
    return closed
  },
}

/** @param {{ port: number, request: string, events: EventNames }} given */
function read({ port, request, events }) {
  const socket = connect({ port, host: '127.0.0.1', noDelay: true })
  /** @type {{ revision: number, at: number }[]} */
  const had = []
  seen.push(had)
  socket.write(request)
  socket.on('close', () => ended++)
  return new Promise((first, fail) => {
    let text = ''
    socket.on('error', fail)
    socket.on('data', (chunk) => {
      text += chunk.toString('latin1')
      if (!text.startsWith('HTTP/1.1 200') && text.startsWith('HTTP')) fail(new Error(text.slice(0, 500)))
      for (let end = text.indexOf(eventEnd); end !== -1; end = text.indexOf(eventEnd)) {
        const event = text.slice(0, end)
        text = text.slice(end + eventEnd.length)
        if (event.includes(`event: ${events.first}\n`)) first(null)
        if (event.includes(`event: ${events.change}\n`))
          had.push({ revision: Number(/id: (\d+)/.exec(event)?.[1]), at: now() })
      }
    })
  })
}

answer(commands)
