// Times the checks: every library in a process of its own, one at a time, round after round in turn, so that what the
// machine does meanwhile falls on all of them.
import { Child } from './child.js'
import { cases } from './cases.js'
import { names } from './world.js'

/** @type {readonly { name: string, module: string, options?: object }[]} */
export const subjects = [
  { name: 'floor', module: './subjects/floors.js' },
  { name: 'sluice', module: './subjects/sluice.js' },
  { name: 'sluice, strict', module: './subjects/sluice.js', options: { strict: true } },
  { name: 'sluice, withRequest', module: './subjects/sluice.js', options: { request: true } },
  { name: 'fflip', module: './subjects/fflip.js' },
  { name: 'flagd-core', module: './subjects/flagd.js' },
  { name: 'unleash-client', module: './subjects/unleash.js' },
  { name: 'GrowthBook', module: './subjects/growthbook.js' },
  { name: 'LaunchDarkly', module: './subjects/launchdarkly.js' },
]

/** Peers whose rollout is their own; fflip's is written by hand. */
const withRollout = ['flagd-core', 'unleash-client', 'GrowthBook', 'LaunchDarkly']

/** Room for all that a library allocates while it is weighed, so that nothing is collected in between. */
const weighing = ['--expose-gc', '--min-semi-space-size=128', '--max-semi-space-size=128']

/** Medians in nanoseconds: subject → case → figure. */
export async function timeChecks({ rounds, slices, only, say }) {
  const chosen = subjects.filter(({ name }) => only === null || only.includes(name))
  return withChildren(chosen, [], say, async (children) => {
    const figures = new Map(chosen.map(({ name }) => [name, new Map()]))
    for (let round = 0; round < rounds; round++) {
      say(`checks: round ${round + 1} of ${rounds}`)
      for (const { name: which } of cases) {
        for (const { name, child, has } of children) {
          if (!has.includes(which)) continue
          const took = await child.ask('time', { name: which, slices })
          const all = figures.get(name).get(which) ?? []
          figures.get(name).set(which, [...all, took])
        }
      }
    }
    return mapFigures(figures, median)
  })
}

/** Bytes per check: subject → case → figure. */
export async function weighChecks({ only, say }) {
  const chosen = subjects.filter(({ name }) => name !== 'floor' && (only === null || only.includes(name)))
  return withChildren(chosen, weighing, say, async (children) => {
    const figures = new Map()
    for (const { name, child, has } of children) {
      const weights = new Map()
      for (const which of has) weights.set(which, Math.max(0, Math.round(await child.ask('weigh', { name: which }))))
      figures.set(name, weights)
    }
    return figures
  })
}

/** What `performance.md` asks of the checks, judged within this run. */
export function judgeChecks(times, weights) {
  const at = (subject, which) => times.get(subject)?.get(which) ?? null
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
    ...['sluice', 'sluice, strict', 'sluice, withRequest'].map((subject) => heap(subject, weights?.get(subject))),
  ]
  return goals.filter((goal) => goal !== null)
}

function ratio(row, mine, base, most, of) {
  if (mine === null || base === null) return null
  const measured = mine / base
  const figures = `${nanoseconds(mine)} : ${nanoseconds(base)}`
  return { row, goal: `≤ ${most} × ${of}`, measured: `${measured.toFixed(2)} × (${figures})`, met: measured <= most }
}

function faster(row, mine, base, least) {
  if (mine === null || base === null) return null
  const measured = base / mine
  const figures = `${nanoseconds(mine)} : ${nanoseconds(base)}`
  return { row, goal: `≥ ${least} × faster`, measured: `${measured.toFixed(1)} × (${figures})`, met: measured >= least }
}

function heap(subject, weights) {
  if (weights === undefined) return null
  const most = Math.max(...weights.values())
  const where = most === 0 ? '' : ` (${[...weights].find(([, bytes]) => bytes === most)?.[0]})`
  return { row: `heap per check, ${subject}`, goal: '0 bytes', measured: `${most} bytes${where}`, met: most === 0 }
}

/** `19 ns`, `1.22 µs`, `41 µs`. */
export function nanoseconds(value) {
  if (value < 100) return `${value.toFixed(1)} ns`
  if (value < 1_000) return `${value.toFixed(0)} ns`
  return `${(value / 1_000).toFixed(value < 10_000 ? 2 : 0)} µs`
}

export function median(values) {
  const sorted = [...values].sort((a, b) => a - b)
  return sorted[Math.floor(sorted.length / 2)] ?? Number.NaN
}

async function withChildren(chosen, execArgv, say, work) {
  const children = []
  try {
    for (const { name, module, options } of chosen) {
      say(`checks: verifying ${name}`)
      const child = new Child('./subject.js', { execArgv })
      children.push({ name, child, has: [] })
      children[children.length - 1].has = await child.ask('open', { path: module, options })
    }
    return await work(children)
  } finally {
    await Promise.all(children.map(({ child }) => child.end()))
  }
}

function mapFigures(figures, summarise) {
  return new Map(
    [...figures].map(([subject, byCase]) => [
      subject,
      new Map([...byCase].map(([which, values]) => [which, summarise(values)])),
    ]),
  )
}
