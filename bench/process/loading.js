// Loading flags, and applying a change: Sluice beside fflip, each in a process of its own.
import { Child } from '../support/child.js'
import { table } from '../support/table.js'

/** @typedef {Child<typeof import('./loading-one-library.js').commands>} LoadingChild */
/** @typedef {{ sluice: number[], fflip: number[], blob: number[], changed: number[] }} Times */

const flagCount = 10_000
const module = new URL('loading-one-library.js', import.meta.url)

/**
 * How long 10,000 flags with five ids each take from JSON text until they can be asked, and what they keep.
 * @type {import('../benchmarks.js').Benchmark['run']}
 */
export async function load({ quick, say }) {
  const rounds = quick ? 5 : 25
  /** @type {LoadingChild} */
  const sluice = new Child(module, { execArgv: ['--expose-gc'] })
  /** @type {LoadingChild} */
  const fflip = new Child(module, { execArgv: ['--expose-gc'] })
  try {
    await sluice.ask('open', { library: 'sluice', flagCount })
    await fflip.ask('open', { library: 'fflip', flagCount })
    const kept = { sluice: await sluice.ask('keep'), fflip: await fflip.ask('keep') }
    /** @type {Times} */
    const times = { sluice: [], fflip: [], blob: [], changed: [] }
    for (let round = 0; round < rounds; round++) {
      say(`load: round ${round + 1} of ${rounds}`)
      times.fflip.push(await fflip.ask('load'))
      times.sluice.push(await sluice.ask('load'))
      times.blob.push(await sluice.ask('unpack'))
      times.changed.push(await sluice.ask('change'))
    }
    return report(kept, times)
  } finally {
    await Promise.all([sluice.end(), fflip.end()])
  }
}

/**
 * @param {{ sluice: number, fflip: number }} kept
 * @param {Times} times
 */
function report(kept, times) {
  const [sluice, fflip, blob, changed] = [times.sluice, times.fflip, times.blob, times.changed].map(summary)
  const flags = `${flagCount.toLocaleString('en')} flags`
  const goals = [
    {
      row: `load ${flags}`,
      goal: "≤ fflip's time",
      measured: `${ms(sluice.median)} : ${ms(fflip.median)}`,
      met: sluice.median <= fflip.median,
    },
    {
      row: `memory kept by ${flags}`,
      goal: "≤ 2 × fflip's",
      measured: `${(kept.sluice / kept.fflip).toFixed(2)} × (${mb(kept.sluice)} : ${mb(kept.fflip)})`,
      met: kept.sluice <= 2 * kept.fflip,
    },
    {
      row: `apply one changed flag among ${flags}`,
      goal: '≤ 1 ms',
      measured: ms(changed.median),
      met: changed.median <= 1,
    },
  ]
  /** @type {[string, { least: number, median: number }, number | null][]} */
  const measured = [
    ['fflip, from JSON text', fflip, kept.fflip],
    ['sluice, from JSON text', sluice, kept.sluice],
    ['sluice, from the bytes in Redis (unpacked, hashed)', blob, null],
    ['sluice, one changed flag', changed, null],
  ]
  const rows = measured.map(([name, time, memory]) => [
    name,
    ms(time.least),
    ms(time.median),
    memory === null ? '' : mb(memory),
  ])
  const text = table(['', 'least', 'median', 'kept'], rows)
  return { goals, tables: [{ title: `Loading ${flags}`, text }], figures: { kept, milliseconds: times } }
}

/** @param {readonly number[]} values */
function summary(values) {
  const sorted = [...values].sort((a, b) => a - b)
  return { least: sorted[0], median: sorted[sorted.length >> 1] }
}

/** @param {number} value */
function ms(value) {
  return `${value.toFixed(value < 10 ? 2 : 1)} ms`
}

/** @param {number} bytes */
function mb(bytes) {
  return `${(bytes / 1e6).toFixed(2)} MB`
}
