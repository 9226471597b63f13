// What a write load came to, out of what processes and servers told.
import { percentile } from './fleet.js'
import { joinBehind } from './sightings.js'

export function summarise({ took, planned, content, written, measured, behind, disks, redis, servers, busyCores }) {
  const { before, after, mostConnections } = servers
  const rate = (of) => (of(after) - of(before)) / took
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
      postgres: after.postgres.processorMs === null ? null : rate(({ postgres: counts }) => counts.processorMs) / 1_000,
      redis: rate(({ redis: counts }) => counts.processorMs) / 1_000,
    },
    standstillMs: { readers: standstill(measured.readers), writers: standstill(measured.writers) },
  }
}

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

/** Of the writes that are stored. */
function tookMs({ begun, ended }) {
  return ended.flatMap((at, number) => (at === null ? [] : [at - begun[number]]))
}

/** Position checks a second and replica. */
function checks(replicas) {
  const rates = replicas.map(({ perSecond }) => perSecond)
  return {
    average: total(rates) / rates.length,
    most: Math.max(...rates),
    busiestSecond: Math.max(...replicas.map(({ busiest }) => busiest)),
    refreshes: totals(replicas.map(({ refreshes }) => refreshes)),
  }
}

/** A writer checks once after each COMMIT of its own, or after several that end together; what is beyond that has other causes. */
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

function hints(replicas) {
  return totals(replicas.map(({ hints: counts }) => counts))
}

/** How many processors they kept busy. */
function cores(members, took) {
  return total(members.map(({ processorSeconds }) => processorSeconds)) / took
}

function standstill(members) {
  return Math.max(...members.map(({ standstillMs }) => standstillMs))
}

function total(values) {
  return values.reduce((sum, value) => sum + value, 0)
}

/** Counts by kind, added up. */
function totals(counts) {
  const sums = {}
  for (const [kind, count] of counts.flatMap(Object.entries)) sums[kind] = (sums[kind] ?? 0) + count
  return sums
}
