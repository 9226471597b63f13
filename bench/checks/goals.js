// What is promised of the checks, judged within one run.
import { nanoseconds } from '../support/figures.js'
import { names } from '../support/fixtures.js'
import { cases } from './cases.js'
import { sluiceInTests, waysOfSluice } from './libraries.js'

/** @typedef {import('../support/table.js').Goal} Goal */
/** @typedef {import('./checks.js').Figures} Figures */

/** Peers whose rollout is their own; fflip's is written by hand. */
const withRollout = ['flagd-core', 'unleash-client', 'GrowthBook', 'LaunchDarkly']

/**
 * What `docs/performance.md` says of the checks.
 * @param {Figures} times
 * @param {Figures} weights
 */
export function judgeChecks(times, weights) {
  /**
   * @param {string} library
   * @param {string} which
   */
  const at = (library, which) => times.get(library)?.get(which) ?? null
  const rollout = cases[3].name
  const lists = cases.filter(({ size }) => size > 0 && size <= 10_000)
  const goals = [
    ...['on', 'off', 'unknown'].map((which) =>
      ratio(`${which}, production`, at('sluice', which), at('floor', which), 2.5, 'Map.get'),
    ),
    ratio(rollout, at('sluice', rollout), at('floor', rollout), 1.5, 'by hand'),
    ...withRollout.map((peer) => faster(`${rollout}, beside ${peer}`, at('sluice', rollout), at(peer, rollout), 10)),
    // The floor of the goal is one figure: a hit among 10,000 texts.
    ...lists.map(({ name }) => ratio(name, at('sluice', name), at('floor', '10,000 ids, hit'), 3, 'Set.has')),
    ...['hit', 'miss'].map((end) =>
      ratio(
        `100,000 ids, ${end}`,
        at('sluice', `100,000 ids, ${end}`),
        at('sluice', `10,000 ids, ${end}`),
        2,
        '10,000 ids',
      ),
    ),
    ...cases
      .filter(({ flags }) => flags !== names.unknown)
      .map(({ name }) => ratio(`${name}, strict`, at('sluice, strict', name), at('sluice', name), 2, 'production')),
    ...['on', 'off'].map((which) =>
      ratio(`${which}, withRequest`, at('sluice, withRequest', which), at('floor', which), 4, 'Map.get'),
    ),
    // 25 ns where a Map.get takes 6.5.
    ...['on', 'off'].flatMap((which) => [
      ratio(`check inside a scope, ${which}`, at('sluice, in a test', which), at('floor', which), 4, 'Map.get'),
      ratio(
        `check inside one of two scopes, ${which}`,
        at('sluice, in one of two tests', which),
        at('floor', which),
        4,
        'Map.get',
      ),
    ]),
    ...[...waysOfSluice, ...sluiceInTests].map(({ name }) => heap(name, weights.get(name))),
  ]
  return goals.filter((goal) => goal !== null)
}

/**
 * @param {string} row
 * @param {number | null} mine
 * @param {number | null} base
 * @param {number} most
 * @param {string} of
 * @returns {Goal | null}
 */
function ratio(row, mine, base, most, of) {
  if (mine === null || base === null) return null
  const measured = mine / base
  const figures = `${nanoseconds(mine)} : ${nanoseconds(base)}`
  return { row, goal: `≤ ${most} × ${of}`, measured: `${measured.toFixed(2)} × (${figures})`, met: measured <= most }
}

/**
 * @param {string} row
 * @param {number | null} mine
 * @param {number | null} base
 * @param {number} least
 * @returns {Goal | null}
 */
function faster(row, mine, base, least) {
  if (mine === null || base === null) return null
  const measured = base / mine
  const figures = `${nanoseconds(mine)} : ${nanoseconds(base)}`
  return { row, goal: `≥ ${least} × faster`, measured: `${measured.toFixed(1)} × (${figures})`, met: measured >= least }
}

/**
 * @param {string} library
 * @param {ReadonlyMap<string, number> | undefined} weights
 * @returns {Goal | null}
 */
function heap(library, weights) {
  if (weights === undefined) return null
  const most = Math.max(...weights.values())
  const where = most === 0 ? '' : ` (${[...weights].find(([, bytes]) => bytes === most)?.[0]})`
  return { row: `heap per check, ${library}`, goal: '0 bytes', measured: `${most} bytes${where}`, met: most === 0 }
}
