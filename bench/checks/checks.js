// Times the checks: every library in a process of its own, one at a time, round after round in turn, so that what the
// machine does meanwhile falls on all of them.
import { Child } from '../support/child.js'
import { median } from '../support/figures.js'
import { cases } from './cases.js'

/** @typedef {import('./libraries.js').Library} Library */
/** @typedef {Child<typeof import('./one-library.js').commands>} LibraryChild */
/** @typedef {{ readonly name: string, readonly child: LibraryChild, readonly has: readonly string[] }} Running */

/**
 * Library → case → figure.
 * @typedef {Map<string, Map<string, number>>} Figures
 */

/** Room for all that a library allocates while it is weighed, so that nothing is collected in between. */
const weighing = ['--expose-gc', '--min-semi-space-size=128', '--max-semi-space-size=128']

/**
 * Medians in nanoseconds.
 * @param {{ libraries: readonly Library[], rounds: number, slices: number, say: (text: string) => void }} given
 * @returns {Promise<Figures>}
 */
export async function timeChecks({ libraries, rounds, slices, say }) {
  return withChildren(libraries, [], say, async (children) => {
    /** @type {Map<string, Map<string, number[]>>} */
    const taken = new Map(libraries.map(({ name }) => [name, new Map()]))
    for (let round = 0; round < rounds; round++) {
      say(`checks: round ${round + 1} of ${rounds}`)
      for (const { name: which } of cases) {
        for (const { name, child, has } of children) {
          if (!has.includes(which)) continue
          const took = await child.ask('time', { name: which, slices })
          const ofLibrary = taken.get(name)
          ofLibrary?.set(which, [...(ofLibrary.get(which) ?? []), took])
        }
      }
    }
    return new Map([...taken].map(([name, all]) => [name, mediansOf(all)]))
  })
}

/**
 * Bytes per check.
 * @param {{ libraries: readonly Library[], say: (text: string) => void }} given
 * @returns {Promise<Figures>}
 */
export async function weighChecks({ libraries, say }) {
  return withChildren(libraries, weighing, say, async (children) => {
    /** @type {Figures} */
    const figures = new Map()
    for (const { name, child, has } of children) {
      const weights = new Map()
      for (const which of has) weights.set(which, Math.max(0, Math.round(await child.ask('weigh', { name: which }))))
      figures.set(name, weights)
    }
    return figures
  })
}

/**
 * @template T
 * @param {readonly Library[]} libraries
 * @param {readonly string[]} execArgv
 * @param {(text: string) => void} say
 * @param {(children: readonly Running[]) => Promise<T>} work
 */
async function withChildren(libraries, execArgv, say, work) {
  /** @type {LibraryChild[]} */
  const children = []
  /** @type {Running[]} */
  const running = []
  try {
    for (const { name, module, options = {} } of libraries) {
      say(`checks: verifying ${name}`)
      const child = /** @type {LibraryChild} */ (new Child(new URL('one-library.js', import.meta.url), { execArgv }))
      children.push(child)
      running.push({ name, child, has: await child.ask('open', { name, module: module.href, options }) })
    }
    return await work(running)
  } finally {
    await Promise.all(children.map((child) => child.end()))
  }
}

/** @param {ReadonlyMap<string, readonly number[]>} byCase */
function mediansOf(byCase) {
  return new Map([...byCase].map(([which, values]) => [which, median(values)]))
}
