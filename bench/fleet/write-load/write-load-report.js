// What is promised of a write load, beside what was measured, and what explains it.
import { cpus } from 'node:os'
import { goalTable } from '../../support/table.js'

/** @typedef {import('../../support/table.js').Goal} Goal */
/** @typedef {import('./write-load-figures.js').WriteLoadFigures} WriteLoadFigures */

const mb = 1e6
/** The share of the processors' time from which on times tell more of the machine than of what runs on it. */
const saturated = 0.95

/**
 * The goals are those of 10 writers, 200 readers and a minute; a smaller run shows less.
 * @param {WriteLoadFigures} figures
 * @returns {Goal[]}
 */
export function goalsOf({ writes, behind, checks, redis }) {
  return [
    {
      row: 'writes stored',
      goal: '≥ 99 % of those on schedule',
      measured: `${writes.stored} of ${writes.planned}`,
      met: writes.stored >= 0.99 * writes.planned,
    },
    {
      row: 'Redis memory, at most',
      goal: '< 100 MB',
      measured: megabytes(redis.mostBytes),
      met: redis.mostBytes < 100 * mb,
    },
    upToDate('reader furthest behind', behind.readers),
    upToDate('writer furthest behind', behind.writers),
    fewChecks('position checks, reader with the most', checks.readers.most),
    fewChecks('position checks beyond its own writes, writer with the most', checks.writers.othersMost),
  ]
}

/**
 * @param {string} row
 * @param {WriteLoadFigures['behind']['readers']} behind
 * @returns {Goal}
 */
function upToDate(row, { mostMs, missing }) {
  const unseen = missing === 0 ? '' : `, ${missing} last writes never seen`
  return { row, goal: '≤ 1 s', measured: `${mostMs.toFixed(0)} ms${unseen}`, met: missing === 0 && mostMs <= 1_000 }
}

/**
 * @param {string} row
 * @param {number} perSecond
 * @returns {Goal}
 */
function fewChecks(row, perSecond) {
  return { row, goal: '≤ 2 a second', measured: perSecond.toFixed(2), met: perSecond <= 2 }
}

/**
 * @param {{ writers: number, processes: number, copies: number, seconds: number }} size
 * @param {WriteLoadFigures} figures
 */
export function reportOf({ writers, processes, copies, seconds }, figures) {
  const { content } = figures
  const readers = processes * copies
  const shared =
    copies === 1 ? '' : ` (${copies} in each of ${processes} processes: this machine has ${cpus().length} processors)`
  return [
    `${writers} writers, each a process with 10 writes a second, and ${readers} readers${shared}, for ${seconds} s`,
    `${content.flags} flags with ${content.ids} ids, ${megabytes(content.bytes)} as JSON`,
    '',
    ...linesOf(figures),
    '',
    'Goals',
    '',
    goalTable(goalsOf(figures)),
  ].join('\n')
}

/** @param {WriteLoadFigures} figures */
function linesOf({ seconds, writes, behind, checks, hints, disks, redis, postgres, cores, standstillMs }) {
  const { writers, readers } = checks
  const rest = cores.busy - cores.readers - cores.writers - (cores.postgres ?? 0) - cores.redis
  return [
    `writes: ${writes.stored} stored in ${seconds.toFixed(1)} s (${writes.perSecond.toFixed(1)} a second), ${writes.late} late, ${writes.skipped} left out, refused: ${counted(writes.refused)}; p50 ${ms(writes.p50Ms)}, p99 ${ms(writes.p99Ms)}, longest ${ms(writes.mostMs)}`,
    `readers behind: ${seen(behind.readers)}`,
    `writers behind: ${seen(behind.writers)}`,
    `copies on disk (${disks.copies}, one in each process of readers), until a change is in them: ${kept(disks)}`,
    `position checks of a reader: ${readers.average.toFixed(2)} a second on average, most ${readers.most.toFixed(2)}, ${readers.busiestSecond.toFixed(1)} in the busiest second of any; ${counted(readers.refreshes)}`,
    `position checks of a writer: ${writers.average.toFixed(2)} a second on average, with ${writers.ownPerSecond.toFixed(2)} writes of its own; beyond those most ${writers.othersMost.toFixed(2)}; ${counted(writers.refreshes)}`,
    `hints of the readers: ${counted(hints.readers)}`,
    `hints of the writers: ${counted(hints.writers)}`,
    `Postgres: ${postgres.transactionsPerSecond.toFixed(1)} transactions a second, ${postgres.mostConnections} connections at most, ${postgres.sessionsPerSecond.toFixed(1)} opened a second`,
    `Redis: ${megabytes(redis.mostBytes)} at most (before, while replicas booted: ${megabytes(redis.peakBeforeBytes)}), ${redis.commandsPerSecond.toFixed(0)} commands and ${megabytes(redis.sentBytesPerSecond)} sent a second`,
    `snapshots in Redis at the end: ${redis.blobs.count} with ${megabytes(redis.blobs.bytes)}, the newest of the older ones for another ${(redis.blobs.keptMs / 1_000).toFixed(0)} s`,
    `processors busy: ${cores.busy.toFixed(2)} of ${cpus().length}, of it readers ${cores.readers.toFixed(2)}, writers ${cores.writers.toFixed(2)}, Postgres ${cores.postgres?.toFixed(2) ?? '(unknown)'}, Redis ${cores.redis.toFixed(2)}; all else on this machine ${rest.toFixed(2)}`,
    `longest standstill of an event loop: readers ${ms(standstillMs.readers)}, writers ${ms(standstillMs.writers)}`,
    ...(cores.busy < saturated * cpus().length
      ? []
      : ['the processors had no time left: what took long may have waited for them']),
  ]
}

/** @param {WriteLoadFigures['behind']['readers']} behind */
function seen({ sightings, skipped, returned, missing, p50Ms, p99Ms, mostMs, mostAfterEndMs }) {
  const back = returned === 0 ? '' : `, ${returned} OLDER THAN ONE SEEN BEFORE`
  return `${sightings} sightings, ${skipped} writes skipped, ${missing} missing${back}; p50 ${ms(p50Ms)}, p99 ${ms(p99Ms)}, most ${ms(mostMs)}; after the write had ended, most ${ms(mostAfterEndMs)}`
}

/** @param {WriteLoadFigures['disks']} disks */
function kept({ writes, missing, p50Ms, p99Ms, mostMs, equal, copies }) {
  return `p50 ${ms(p50Ms)}, p99 ${ms(p99Ms)}, most ${ms(mostMs)}, ${missing} missing; written ${writes} times; at the end ${equal} of ${copies} hold what Postgres holds`
}

/**
 * `none 12, delta 3`; `0` for nothing.
 * @param {Readonly<Record<string, number>>} counts
 */
function counted(counts) {
  const told = Object.entries(counts).map(([kind, count]) => `${kind} ${count}`)
  return told.length === 0 ? '0' : told.join(', ')
}

/** @param {number} value */
function ms(value) {
  return `${value.toFixed(0)} ms`
}

/** @param {number} bytes */
function megabytes(bytes) {
  return `${(bytes / mb).toFixed(1)} MB`
}
