// Takes what SDKs report, and writes it down now and then. A report never waits for the database, and never fails.
//
// Everything waits in memory: counts and clients for the flush, which comes each five minutes and, the first time, at a random
// moment of these, so that servers that start together do not write together. Uses of instance IDs are written with it, but the first
// use in this process within a second: an instance ID that is in use must not be retired by mistake. What cannot be written
// stays for the next flush, up to the bounds of `most`; what comes beyond is dropped and counted. `close` flushes.
//
// A batch of counts is frozen with an id before it is sent, and sent until the store has answered: it counts once.
import { randomUUID } from 'node:crypto'
import { errorText } from '../../errors.js'
import type { Logger } from '../../log.js'
import type { Clock, Timer } from '../../time/clock.js'
import { ReportNames } from './names.js'
import { mergedClients, PendingClients } from './pending-clients.js'
import { PendingCounts } from './pending-counts.js'
import { type ClientRow, type CountRow, dropReasons, type ReportedCounts, type Seen } from './report.js'
import type { CountBatch, KnownNames, ReportStore } from './store.js'
import { Tallies } from './tallies.js'

export interface SdkReportsOptions {
  /** Opens the store at the first flush. */
  readonly store: () => Promise<ReportStore>
  readonly logger: Logger
  readonly clock: Clock
  /** Milliseconds since 1970. */
  readonly now: () => number
  /** Between two flushes; default: five minutes. */
  readonly everyMs?: number
  /** The largest number of counts that wait in memory; default: 100,000. */
  readonly mostCounts?: number
}

const most = { counts: 100_000, clients: 20_000, rowsOfBatch: 5_000, rowsOfClients: 2_000 } as const
const usualEveryMs = 300_000
const firstUseMs = 1_000
const compactEveryMs = 3_600_000

export class SdkReports {
  readonly tallies = new Tallies()
  readonly #options: SdkReportsOptions
  readonly #counts: PendingCounts
  readonly #clients = new PendingClients(most.clients)
  /** Each project's names as the last flush knew them. */
  #names = new Map<number, ReportNames>()
  /** The projects that were seen since all of theirs was written. */
  readonly #seen = new Set<number>()
  /** Clients of flushes that failed. */
  #unsaved: readonly ClientRow[] = []
  #batches: readonly CountBatch[] = []
  /** The last use of each instance ID that has still to be written. */
  #uses = new Map<number, number>()
  /** Instance IDs that were used in this process. */
  readonly #used = new Set<number>()
  #compactedAtMs = Number.NEGATIVE_INFINITY
  #timer: Timer | null = null
  #useTimer: Timer | null = null
  #flushing: Promise<void> | null = null
  #isFailing = false
  #isClosed = false

  constructor(options: SdkReportsOptions) {
    this.#options = options
    this.#counts = new PendingCounts(options.mostCounts ?? most.counts)
  }

  /** The number of counts that wait. */
  get waiting(): number {
    return this.#counts.size + this.#sent
  }

  /** Notes a poll. Never throws, as all of these. */
  polled(seen: Seen): void {
    this.#see(seen, true)
  }

  /** Notes an SDK that registers. */
  registered(seen: Seen): void {
    this.#see(seen, false)
  }

  /** Adds the counts of a report; `dropped` is what could not be read of it. */
  counted(seen: Seen, { counts, dropped }: ReportedCounts): void {
    this.#see(seen, false)
    for (const reason of dropReasons) this.tallies.drop(reason, dropped[reason] ?? 0)
    const environment = this.#namesOf(seen.project).environment(seen.environment)
    const sent = this.#sent
    const left = counts.filter((count) => !this.#counts.add(seen.project, environment, count, sent))
    this.tallies.drop('no_room', left.length)
  }

  /** Writes at once which instance IDs were used, for one who asks whether they are. Never rejects. */
  async tellUses(): Promise<void> {
    if (this.#uses.size > 0) await this.#attempt(async (store) => this.#saveUses(store))
  }

  /** Writes everything that waits. Never rejects: what cannot be written waits on. */
  flush(): Promise<void> {
    this.#flushing ??= this.#flush().finally(() => {
      this.#flushing = null
    })
    return this.#flushing
  }

  /** Writes what waits, once, and ends the timers. Safe to call twice. */
  async close(): Promise<void> {
    if (this.#isClosed) return
    this.#isClosed = true
    this.#timer?.cancel()
    this.#useTimer?.cancel()
    await this.#flushing
    await this.flush()
  }

  get #sent(): number {
    return this.#batches.reduce((sum, { rows }) => sum + rows.length, 0)
  }

  #see(seen: Seen, isPoll: boolean): void {
    const nowMs = this.#options.now()
    this.#seen.add(seen.project)
    const names = this.#namesOf(seen.project)
    const client = names.client(seen.client)
    this.#clients.add({ ...seen, environment: names.environment(seen.environment), client }, nowMs, isPoll)
    this.#use(seen.instanceId, nowMs)
    if (this.#timer === null && !this.#isClosed) this.#flushAfter(this.#everyMs * this.#options.clock.random())
  }

  #use(instanceId: number, nowMs: number): void {
    this.#uses.set(instanceId, nowMs)
    if (this.#used.has(instanceId)) return
    this.#used.add(instanceId)
    if (this.#useTimer !== null || this.#isClosed) return
    this.#useTimer = this.#options.clock.after(firstUseMs, () => {
      this.#useTimer = null
      void this.#attempt(async (store) => this.#saveUses(store))
    })
  }

  #namesOf(project: number): ReportNames {
    const found = this.#names.get(project)
    if (found !== undefined) return found
    const made = new ReportNames(undefined)
    this.#names.set(project, made)
    return made
  }

  get #everyMs(): number {
    return this.#options.everyMs ?? usualEveryMs
  }

  #flushAfter(ms: number): void {
    this.#timer = this.#options.clock.after(ms, () => {
      this.#flushAfter(this.#everyMs)
      void this.flush()
    })
  }

  async #flush(): Promise<void> {
    const isDone = await this.#attempt(async (store) => {
      await this.#saveUses(store)
      const projects = [...this.#seen]
      const names = await this.#readNames(store, projects)
      await this.#saveClients(store, names)
      await this.#saveCounts(store, names)
      this.#forget(projects)
      await this.#compact(store)
    })
    this.tallies.flushes[isDone ? 'done' : 'failed'] += 1
  }

  /** Says once an outage that reports wait. */
  async #attempt(work: (store: ReportStore) => Promise<void>): Promise<boolean> {
    const { logger, store } = this.#options
    try {
      await work(await store())
      if (this.#isFailing) logger.info({}, 'reports of SDKs are written again')
      this.#isFailing = false
      return true
    } catch (error) {
      const line = { error: errorText(error), waiting: this.waiting }
      if (!this.#isFailing) logger.warn(line, 'reports of SDKs could not be written, and wait in memory')
      this.#isFailing = true
      return false
    }
  }

  async #saveUses(store: ReportStore): Promise<void> {
    const uses = this.#uses
    if (uses.size === 0) return
    this.#uses = new Map()
    try {
      await store.noteUses(uses)
    } catch (error) {
      this.#uses = new Map([...uses, ...this.#uses])
      throw error
    }
  }

  /** What is stored already for each of the projects: names that are new here may have been stored by another server. */
  async #readNames(store: ReportStore, projects: readonly number[]): Promise<ReadonlyMap<number, ReportNames>> {
    const known = projects.length === 0 ? new Map<number, KnownNames>() : await store.known(projects)
    this.#names = new Map(projects.map((project) => [project, new ReportNames(known.get(project))]))
    return this.#names
  }

  /** Those of which more waits since the flush began stay. */
  #forget(projects: readonly number[]): void {
    const waiting = new Set([...this.#counts.projects(), ...this.#clients.projects()])
    for (const project of projects) if (!waiting.has(project)) this.#seen.delete(project)
  }

  async #saveClients(store: ReportStore, names: ReadonlyMap<number, ReportNames>): Promise<void> {
    const seen = mergedClients([...this.#unsaved, ...this.#clients.take()], Math.max)
    this.#unsaved = seen.slice(0, most.clients)
    const rows = this.#unsaved.map((row) => {
      const named = names.get(row.project)
      return named === undefined ? row : { ...named.client(row), environment: named.environment(row.environment) }
    })
    const merged = mergedClients(rows, (one, two) => one + two)
    for (const part of partsOf(merged, most.rowsOfClients)) await store.saveClients(part)
    this.#unsaved = []
  }

  async #saveCounts(store: ReportStore, names: ReadonlyMap<number, ReportNames>): Promise<void> {
    const rows = this.#counts.take().map((row) => {
      const environment = names.get(row.project)?.environment(row.environment) ?? row.environment
      return environment === row.environment ? row : { ...row, environment }
    })
    const parts = partsOf(mergedCounts(rows), most.rowsOfBatch)
    this.#batches = [...this.#batches, ...parts.map((part) => ({ id: randomUUID(), rows: part }))]
    for (const batch of this.#batches) {
      const stored = await store.addCounts(batch)
      if (stored !== null) this.tallies.drop('no_such_flag', batch.rows.length - stored)
      this.#batches = this.#batches.slice(1)
    }
  }

  async #compact(store: ReportStore): Promise<void> {
    const { clock, now } = this.#options
    if (this.#isClosed || clock.now() - this.#compactedAtMs < compactEveryMs) return
    await store.compact(now())
    this.#compactedAtMs = clock.now()
  }
}

function mergedCounts(rows: readonly CountRow[]): readonly CountRow[] {
  const merged = new PendingCounts(rows.length)
  for (const row of rows) merged.add(row.project, row.environment, row)
  return merged.take()
}

function partsOf<T>(rows: readonly T[], size: number): readonly (readonly T[])[] {
  const count = Math.ceil(rows.length / size)
  return Array.from({ length: count }, (_, index) => rows.slice(index * size, (index + 1) * size))
}
