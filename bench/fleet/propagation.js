// How long a change takes until other processes answer accordingly.
import pg from 'pg'
import { percentile } from '../support/figures.js'
import { startCache, startDatabase } from '../support/services.js'
import { createProject, pause, ReplicaFleet, waitUntil } from './fleet.js'

/** @typedef {import('../benchmarks.js').Benchmark} Benchmark */
/** @typedef {import('../support/table.js').Goal} Goal */

const spacingMs = 100

/**
 * A change through the library, seen in 50 other processes through Redis.
 * @type {Benchmark['run']}
 */
export async function throughRedis({ quick, say }) {
  const size = 50
  const names = flagNames(quick ? 20 : 100)
  const project = createProject(names)
  say(`redis: starting PostgreSQL, Redis and ${size} processes`)
  const [database, cache] = await Promise.all([startDatabase(), startCache()])
  const fleet = new ReplicaFleet(size)
  const writer = new ReplicaFleet(1)
  try {
    const options = { root: project.root, databaseUrl: database.url(), redisUrl: cache.url }
    await fleet.up()
    await writer.start(options)
    await fleet.start(options)
    // The flurry of boots is not what is measured: it ends when Postgres has confirmed to each what it took from Redis.
    await waitUntil(
      async () => (await fleet.ask('look')).flat().every(({ status }) => status.source === 'postgres'),
      15_000,
    )
    await pause(1_000)
    /** @type {Map<string, number>} */
    const begun = new Map()
    /** @type {number[]} */
    const writes = []
    for (const [index, name] of names.entries()) {
      say(`redis: change ${index + 1} of ${names.length}`)
      const [written] = await writer.ask('enable', { name })
      begun.set(name, written.begun)
      writes.push(written.done - written.begun)
      await pause(spacingMs)
    }
    const { delays, missing } = await delaysOf(fleet, begun, size)
    const looks = (await fleet.ask('look')).flat()
    const applied = looks.reduce((sum, { counts }) => sum + counts.shared.applied, 0)
    const goals = [
      atMost(`own write → ${size} other processes, p50`, 20, percentile(delays, 0.5)),
      atMost(
        `own write → ${size} other processes, p99`,
        150,
        missing > 0 ? Number.POSITIVE_INFINITY : percentile(delays, 0.99),
      ),
    ]
    const figures = { delays: summary(delays), missing, writes: summary(writes), applied }
    const text = `${delays.length} sightings of ${names.length} changes, ${missing} missing, ${applied} applied from hints; the write itself took p50 ${percentile(writes, 0.5).toFixed(1)} ms; slowest sighting ${Math.max(...delays).toFixed(1)} ms`
    return { goals, tables: [{ title: 'Changes through Redis', text }], figures }
  } finally {
    await Promise.all([fleet.end(), writer.end()])
    await Promise.all([database.stop(), cache.stop()])
    project.close()
  }
}

/**
 * A change by SQL that is not the library's, seen by LISTEN.
 * @type {Benchmark['run']}
 */
export async function throughListen({ quick, say }) {
  const size = 10
  const names = flagNames(quick ? 20 : 100)
  const project = createProject(names)
  say(`listen: starting PostgreSQL and ${size} processes`)
  const database = await startDatabase()
  const client = new pg.Client({ connectionString: database.url() })
  const fleet = new ReplicaFleet(size)
  try {
    await client.connect()
    await fleet.up()
    await fleet.start({ root: project.root, databaseUrl: database.url(), listen: true })
    await pause(1_000)
    /** @type {Map<string, number>} */
    const begun = new Map()
    for (const [index, name] of names.entries()) {
      say(`listen: change ${index + 1} of ${names.length}`)
      begun.set(name, Number(process.hrtime.bigint()) / 1e6)
      await client.query(insertSql, [name])
      await pause(spacingMs)
    }
    const { delays, missing } = await delaysOf(fleet, begun, size)
    const p99 = missing > 0 ? Number.POSITIVE_INFINITY : percentile(delays, 0.99)
    return {
      goals: [atMost(`write by SQL → ${size} processes by LISTEN, p99`, 150, p99)],
      tables: [],
      figures: { delays: summary(delays), missing },
    }
  } finally {
    await fleet.end()
    await client.end()
    await database.stop()
    project.close()
  }
}

const insertSql = `
with feature as (
  insert into features (key, created_at, updated_at)
  values ($1, now(), now())
)
insert into feature_gates (feature_key, key, value, created_at, updated_at)
values ($1, 'boolean', 'true', now(), now())`

/**
 * How long after its beginning each replica saw each change; a change counts once a replica.
 * @param {ReplicaFleet} fleet
 * @param {ReadonlyMap<string, number>} begun
 * @param {number} replicas
 */
export async function delaysOf(fleet, begun, replicas) {
  /** @param {ReadonlyMap<string, readonly number[]>} seen */
  const complete = (seen) => [...begun.keys()].every((name) => (seen.get(name)?.length ?? 0) >= replicas)
  await waitUntil(async () => complete(await fleet.seen()), 15_000)
  const seen = await fleet.seen()
  /** @type {number[]} */
  const delays = []
  let missing = 0
  for (const [name, at] of begun) {
    const times = seen.get(name) ?? []
    missing += Math.max(0, replicas - times.length)
    for (const time of times) delays.push(time - at)
  }
  return { delays, missing }
}

/** @param {number} count */
function flagNames(count) {
  return Array.from({ length: count }, (_, index) => `change_${index}`)
}

/**
 * @param {string} row
 * @param {number} most
 * @param {number} value
 * @returns {Goal}
 */
function atMost(row, most, value) {
  return { row, goal: `≤ ${most} ms`, measured: `${value.toFixed(1)} ms`, met: value <= most }
}

/** @param {readonly number[]} values */
function summary(values) {
  return {
    count: values.length,
    p50: percentile(values, 0.5),
    p99: percentile(values, 0.99),
    most: Math.max(...values),
  }
}
