// What a write load came to, out of what processes and servers told.
import { percentile } from '../../support/figures.js'
import { joinBehind } from './observed-changes.js'

/** @typedef {import('./check-meter.js').Checks} Checks */
/** @typedef {import('./paced-writes.js').Written} Written */
/** @typedef {ReturnType<typeof import('./write-load-member.js').commands.measured>} Measured */

/**
 * What the servers' own counters say at a moment.
 * @typedef {object} ServerCounts
 * @property {{ readonly transactions: number, readonly sessions: number, readonly processorMs: number | null }} postgres
 * @property {{ readonly commands: number, readonly sentBytes: number, readonly processorMs: number }} redis
 */

/**
 * @template T
 * @typedef {{ readonly readers: readonly T[], readonly writers: readonly T[] }} Both
 */

/**
 * @typedef {object} Run
 * @property {number} took
 * @property {number} planned
 * @property {{ flags: number, ids: number, bytes: number }} content
 * @property {readonly Written[]} written
 * @property {Both<Measured>} measured
 * @property {Both<import('./observed-changes.js').Behind>} behind
 * @property {Awaited<ReturnType<import('./disk-ages.js').DiskAges['ages']>> & { equal: number }} disks
 * @property {{ mostBytes: number, peakBeforeBytes: number, blobs: { count: number, bytes: number, keptMs: number } }} redis
 * @property {{ before: ServerCounts, after: ServerCounts, mostConnections: number }} servers
 * @property {number} busyCores
 */

/** @typedef {ReturnType<typeof summarise>} WriteLoadFigures */

/** @param {Run} run */
export function summarise({ took, planned, content, written, measured, behind, disks, redis, servers, busyCores }) {
  const { before, after, mostConnections } = servers
  /** @param {(counts: ServerCounts) => number} of */
  const rate = (of) => (of(after) - of(before)) / took
  /** @param {'readers' | 'writers'} kind */
  const all = (kind) => measured[kind].flatMap(({ replicas }) => replicas)
  return {
    seconds: took,
    content,
    writes: writes(written, planned, took),
    behind: { readers: joinBehind(behind.readers), writers: joinBehind(behind.writers) },
    checks: { readers: checks(all('readers')), writers: checksOfWriters(all('writers'), written) },
    hints: { readers: hints(all('readers')), writers: hints(all('writers')) },
    disks,
    redis: {
      ...redis,
      commandsPerSecond: rate(({ redis: counts }) => counts.commands),
      sentBytesPerSecond: rate(({ redis: counts }) => counts.sentBytes),
    },
    postgres: {
      mostConnections,
      transactionsPerSecond: rate(({ postgres: counts }) => counts.transactions),
      sessionsPerSecond: rate(({ postgres: counts }) => counts.sessions),
    },
    cores: {
      busy: busyCores,
      readers: cores(measured.readers, took),
      writers: cores(measured.writers, took),
      postgres:
        after.postgres.processorMs === null ? null : rate(({ postgres: counts }) => counts.processorMs ?? 0) / 1_000,
      redis: rate(({ redis: counts }) => counts.processorMs) / 1_000,
    },
    standstillMs: { readers: standstill(measured.readers), writers: standstill(measured.writers) },
  }
}

/**
 * @param {readonly Written[]} written
 * @param {number} planned
 * @param {number} took
 */
function writes(written, planned, took) {
  const times = written.flatMap(tookMs)
  return {
    planned,
    stored: times.length,
    perSecond: times.length / took,
    late: total(written.map(({ late }) => late)),
    skipped: total(written.map(({ skipped }) => skipped)),
    refused: totals(written.map(({ refused }) => refused)),
    p50Ms: percentile(times, 0.5),
    p99Ms: percentile(times, 0.99),
    mostMs: times.reduce((most, ms) => Math.max(most, ms), 0),
  }
}

/**
 * Of the writes that are stored.
 * @param {Written} written
 */
function tookMs({ begun, ended }) {
  return ended.flatMap((at, number) => (at === null ? [] : [at - Number(begun[number])]))
}

/**
 * Position checks a second and replica.
 * @param {readonly Checks[]} replicas
 */
function checks(replicas) {
  const rates = replicas.map(({ perSecond }) => perSecond)
  return {
    average: total(rates) / rates.length,
    most: Math.max(...rates),
    busiestSecond: Math.max(...replicas.map(({ busiest }) => busiest)),
    refreshes: totals(replicas.map(({ refreshes }) => refreshes)),
  }
}

/**
 * A writer checks once after each COMMIT of its own, or after several that end together; what is beyond that has other causes.
 * @param {readonly Checks[]} replicas
 * @param {readonly Written[]} written
 */
function checksOfWriters(replicas, written) {
  const own = written.map((one) => tookMs(one).length)
  const others = replicas.map(({ checks: number, seconds }, index) => Math.max(0, number - own[index]) / seconds)
  return {
    ...checks(replicas),
    ownPerSecond: total(replicas.map(({ seconds }, index) => own[index] / seconds)) / replicas.length,
    othersAverage: total(others) / others.length,
    othersMost: Math.max(...others),
  }
}

/** @param {readonly Checks[]} replicas */
function hints(replicas) {
  return totals(replicas.map(({ hints: counts }) => counts))
}

/**
 * How many processors they kept busy.
 * @param {readonly Measured[]} members
 * @param {number} took
 */
function cores(members, took) {
  return total(members.map(({ processorSeconds }) => processorSeconds)) / took
}

/** @param {readonly Measured[]} members */
function standstill(members) {
  return Math.max(...members.map(({ standstillMs }) => standstillMs))
}

/** @param {readonly number[]} values */
function total(values) {
  return values.reduce((sum, value) => sum + value, 0)
}

/**
 * Counts by kind, added up.
 * @param {readonly Readonly<Record<string, number>>[]} counts
 */
function totals(counts) {
  /** @type {Record<string, number>} */
  const sums = {}
  for (const [kind, count] of counts.flatMap((one) => Object.entries(one))) sums[kind] = (sums[kind] ?? 0) + count
  return sums
}
