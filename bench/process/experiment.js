// How long an application waits for the variant of an actor that has one: with its read of a real database, and without it, where another
// experiment of the same request has read the actor's rows already.
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { loadLibrary } from '../support/build.js'
import { median, nanoseconds } from '../support/figures.js'
import { silent } from '../support/fixtures.js'
import { startDatabase } from '../support/services.js'

/** A call waits no longer than this for the database. */
const patienceMs = 50

/** @type {import('../benchmarks.js').Benchmark['run']} */
export async function experiment({ quick, say }) {
  say('experiment: starting PostgreSQL')
  const database = await startDatabase()
  const root = mkdtempSync(join(tmpdir(), 'sluice-bench-'))
  const folder = join(root, 'config', 'feature_flags', 'experiment')
  mkdirSync(folder, { recursive: true })
  writeFileSync(
    join(folder, 'colours.yml'),
    "name: colours\nmilestone: '1.0'\ngroup: group::bench\ntype: experiment\ndefault_enabled: false\n",
  )
  const { createFeature } = await loadLibrary()
  const feature = createFeature({
    root,
    env: 'production',
    databaseUrl: database.url(),
    diskFile: false,
    logger: silent,
  })
  try {
    await feature.start()
    await feature.enable('colours')
    const users = Array.from({ length: quick ? 200 : 2_000 }, (_, index) => ({ flipperId: `User:${index}` }))
    for (const actor of users) await ask(feature, actor)
    say('experiment: asking')
    /** @type {{ read: number[], again: number[] }} */
    const took = { read: [], again: [] }
    for (const actor of users) {
      await feature.withRequest(async () => {
        took.read.push(await timed(feature, actor))
        await timed(feature, actor)
        took.again.push(await timed(feature, actor))
      })
    }
    const [read, again] = [median(took.read), median(took.again)]
    const goals = [
      { row: 'experiment, assigned', goal: '≤ 5 ms', measured: `${(read / 1e6).toFixed(2)} ms`, met: read <= 5e6 },
      {
        row: 'experiment, assigned, read before in the request',
        goal: '≤ 50 µs',
        measured: nanoseconds(again),
        met: again <= 50_000,
      },
    ]
    return { goals, tables: [], figures: { nanoseconds: { read, again } } }
  } finally {
    await feature.stop()
    await database.stop()
    rmSync(root, { recursive: true, force: true })
  }
}

/**
 * Nanoseconds of one call. Throws where it does not give the kept variant within its patience several times.
 * @param {import('../../lib/index.js').FeatureFlags} feature
 * @param {{ readonly flipperId: string }} actor
 */
async function timed(feature, actor) {
  const before = process.hrtime.bigint()
  const { variant } = await feature.experiment('colours', { actor })
  const took = Number(process.hrtime.bigint() - before)
  if (variant !== 'candidate' || took > 10 * patienceMs * 1e6)
    throw new Error(`${actor.flipperId}: ${variant} after ${took} ns`)
  return took
}

/**
 * Until the variant is kept: the first answers may be late.
 * @param {import('../../lib/index.js').FeatureFlags} feature
 * @param {{ readonly flipperId: string }} actor
 */
async function ask(feature, actor) {
  for (let time = 0; time < 100; time++) {
    if ((await feature.experiment('colours', { actor })).sticky) return
    await new Promise((resume) => setTimeout(resume, 20))
  }
  throw new Error(`the variant of ${actor.flipperId} was not kept`)
}
