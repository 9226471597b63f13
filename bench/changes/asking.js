// How long one client waits for an answer, over a connection that stays open.
import { Child } from '../support/child.js'
import { median } from '../support/figures.js'
import { requestText } from '../unleash/requests.js'

/** @typedef {Child<typeof import('../unleash/load.js').commands>} Load */
/** @typedef {{ readonly method?: string, readonly path: string, readonly headers?: Readonly<Record<string, string>>, readonly body?: string, readonly status?: number }} Question */

const module = new URL('../unleash/load.js', import.meta.url)

/** A process with one connection, which asks again when it has its answer. Ends with `end()`. */
export class Client {
  #load
  #headers

  /**
   * @param {Load} load
   * @param {Readonly<Record<string, string>>} headers
   */
  constructor(load, headers) {
    this.#load = load
    this.#headers = headers
  }

  /**
   * @param {number} port
   * @param {string} token
   */
  static async open(port, token) {
    /** @type {Load} */
    const load = new Child(module)
    await load.ask('open', { port, count: 1 })
    return new Client(load, { accept: 'application/json', 'private-token': token })
  }

  /**
   * Asks for that long; resolves with how long an answer took on average.
   * @param {Question} question
   * @param {{ ms: number, least: number }} length
   */
  async averageMs({ status = 200, headers = {}, ...question }, length) {
    const json = question.body === undefined ? {} : { 'content-type': 'application/json' }
    const request = requestText({ ...question, headers: { ...this.#headers, ...json, ...headers } })
    const ran = await this.#load.ask('run', { request, status, ...length })
    return ran.ms / Math.max(1, ran.count)
  }

  end() {
    return this.#load.end()
  }
}

/**
 * Asks each question in turn, several rounds long, so that what the machine does meanwhile falls on all of them; the median of the rounds. The first round is
 * not measured: code is compiled there.
 * @template {string} N
 * @param {readonly (readonly [name: N, ask: (length: { ms: number, least: number }) => Promise<number>])[]} questions
 * @param {{ rounds: number, ms: number, warmUp: number }} given   `warmUp`: answers
 * @returns {Promise<{ readonly medians: Map<N, number>, readonly all: Record<string, number[]> }>}
 */
export async function timed(questions, { rounds, ms, warmUp }) {
  /** @type {Map<N, number[]>} */
  const times = new Map()
  for (let round = 0; round <= rounds; round++) {
    for (const [name, ask] of questions) {
      if (round === 0) {
        await ask({ ms: 0, least: warmUp })
      } else {
        times.set(name, [...(times.get(name) ?? []), await ask({ ms, least: 1 })])
      }
    }
  }
  const medians = new Map([...times].map(([name, all]) => [name, median(all)]))
  return { medians, all: Object.fromEntries(times) }
}

/**
 * @param {string} row
 * @param {number} most
 * @param {number} value
 * @param {string} note
 * @returns {import('../support/table.js').Goal}
 */
export function atMost(row, most, value, note = '') {
  return { row, goal: `≤ ${most} ms`, measured: `${ms(value)}${note}`, met: value <= most }
}

/** @param {number} value */
export function ms(value) {
  return `${value.toFixed(value < 10 ? 2 : 1)} ms`
}
