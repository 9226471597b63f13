// Writes on schedule, whether or not the ones before have ended: a store that gets slow must not make the load smaller.
import { loadPlan } from '../../support/build.js'
import { now } from '../../support/shared-clock.js'
import { pause } from '../fleet.js'

const { planDisable, planEnable } = await loadPlan()

/** @typedef {import('../../../lib/instance/instance.js').Instance} Instance */

/**
 * When something happened to each write, by number; null where nothing is known to be stored.
 * @typedef {(number | null)[]} Times
 */

/**
 * What a writer tells of its writes.
 * @typedef {{ late: number, skipped: number, begun: Times, ended: Times, refused: Record<string, number> }} Written
 */

/** A process that has as many calls under way leaves the next one out: what cannot be done must not pile up. */
const mostUnderWay = 10
const idStart = 'Write:'

/**
 * Makes numbered writes, from 1. Resolves when all have ended.
 * @param {{ instance: Instance, flag: string, count: number, everyMs: number, startInMs: number }} given
 * @returns {Promise<Written>}
 */
export async function paceWrites({ instance, flag, count, everyMs, startInMs }) {
  const writer = new NumberedWriter(instance, flag)
  const told = { late: 0, skipped: 0 }
  /** @type {Set<Promise<void>>} */
  const underWay = new Set()
  const start = now() + startInMs
  for (let number = 1; number <= count; number++) {
    const due = start + (number - 1) * everyMs
    await pause(Math.max(0, due - now()))
    if (now() - due > everyMs) told.late += 1
    if (underWay.size >= mostUnderWay) {
      told.skipped += 1
      writer.leaveOut(number)
      continue
    }
    /** @type {Promise<void>} */
    const one = writer.write(number).finally(() => underWay.delete(one))
    underWay.add(one)
  }
  await Promise.all(underWay)
  return { ...told, begun: writer.begun, ended: writer.ended, refused: writer.refused }
}

/**
 * The number that a flag's gates tell, as a change event has them.
 * @param {import('../../../lib/index.js').StoredFlagState['gates']} gates
 */
export function numberIn(gates) {
  const ids = gates.find(({ key }) => key === 'actors')?.value
  if (typeof ids !== 'object') return 0
  return ids.reduce((most, id) => Math.max(most, Number(id.slice(idStart.length))), 0)
}

/** The gates of a flag that has not been written yet. */
export const unwritten = { actors: [`${idStart}0`] }

/** Each write puts one actor on the flag's list and takes the one before off it, in one transaction. */
class NumberedWriter {
  /** @type {Times} */
  begun = [null]
  /** @type {Times} */
  ended = [null]
  /** @type {Record<string, number>} */
  refused = {}
  #instance
  #flag
  /** What may be on the list: the last that is stored, and later ones that have not ended, or whose end is not known. */
  #listed = [0]

  /**
   * @param {Instance} instance
   * @param {string} flag
   */
  constructor(instance, flag) {
    this.#instance = instance
    this.#flag = flag
  }

  /** @param {number} number */
  leaveOut(number) {
    this.begun[number] = null
    this.ended[number] = null
  }

  /** @param {number} number */
  async write(number) {
    const before = this.#listed
    this.#listed = [...before, number]
    const steps = [...planEnable(this.#flag, [actor(number)]), ...planDisable(this.#flag, before.map(actor))]
    const began = now()
    try {
      await this.#instance.change(steps, { force: true })
      this.begun[number] = began
      this.ended[number] = now()
      this.#listed = this.#listed.filter((one) => !before.includes(one))
    } catch (error) {
      const code = error instanceof Error && 'code' in error ? String(error.code) : String(error)
      this.leaveOut(number)
      this.refused[code] = (this.refused[code] ?? 0) + 1
      if (code !== 'outcome_unknown') this.#listed = this.#listed.filter((one) => one !== number)
    }
  }
}

/** @param {number} number */
function actor(number) {
  return { flipperId: `${idStart}${number}` }
}
