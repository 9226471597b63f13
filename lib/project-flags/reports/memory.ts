// Reports in this process's memory, for tests and for trying things out: the same contract, content that ends with the process.
import type { ProjectFlags } from '../project-flags.js'
import { mergedClients } from './pending-clients.js'
import {
  type Client,
  type ClientRow,
  type CountRow,
  dayMs,
  type FlagCount,
  oldestKept,
  pairOf,
  type Step,
  timesOf,
} from './report.js'
import type { CountBatch, CountsQuery, KnownNames, ReportStore } from './store.js'

/** Within this time two flushes are those of two servers, which see the same processes. */
const sameFlushMs = 240_000

interface HeldClient {
  readonly row: ClientRow
  readonly instancesAtMs: number
}

/** A flag by its id, so that a renamed one keeps its counts. */
type HeldCount = Omit<CountRow, 'flag'> & { readonly step: Step; readonly flagId: number }

/** Knows of projects what their holder in memory knows. */
export class MemoryReports implements ReportStore {
  readonly #projects: ProjectFlags
  readonly #clients = new Map<string, HeldClient>()
  readonly #counts = new Map<string, HeldCount>()
  readonly #batches = new Set<string>()

  constructor(projects: ProjectFlags) {
    this.#projects = projects
  }

  async known(projects: readonly number[]): Promise<ReadonlyMap<number, KnownNames>> {
    const names = projects.map((project): [number, KnownNames] => {
      const rows = this.#clientsOf(project)
      const environments = [...new Set(rows.map(({ environment }) => environment))]
      return [project, { environments, pairs: [...new Set(rows.map(pairOf))] }]
    })
    return new Map(names.filter(([, { environments }]) => environments.length > 0))
  }

  async saveClients(rows: readonly ClientRow[]): Promise<void> {
    for (const row of rows) {
      if ((await this.#projects.find(String(row.project))) === null) continue
      const key = `${row.project} ${row.environment}\u0000${pairOf(row)}`
      const before = this.#clients.get(key)
      this.#clients.set(key, before === undefined ? { row, instancesAtMs: row.lastSeenMs } : joined(before, row))
    }
  }

  async addCounts({ id, rows }: CountBatch): Promise<number | null> {
    if (this.#batches.has(id)) return null
    this.#batches.add(id)
    let stored = 0
    for (const { flag, ...row } of rows) {
      const found = (await this.#flagsOf(row.project)).find(({ name }) => name === flag)
      if (found === undefined) continue
      stored += 1
      this.#add({ ...row, flagId: found.id, step: 'hour' })
    }
    return stored
  }

  async noteUses(uses: ReadonlyMap<number, number>): Promise<void> {
    for (const id of uses.keys()) await this.#projects.noteUse(id)
  }

  async clients(project: number): Promise<readonly Client[]> {
    return [...this.#clientsOf(project)].sort(byName).map((row) => ({
      environment: row.environment,
      app: row.app,
      sdk: row.sdk,
      spec: row.spec,
      intervalMs: row.intervalMs,
      instances: row.instances,
      firstSeen: new Date(row.firstSeenMs),
      lastSeen: new Date(row.lastSeenMs),
      lastPolled: row.lastPolledMs === null ? null : new Date(row.lastPolledMs),
    }))
  }

  async counts(project: number, query: CountsQuery): Promise<readonly FlagCount[]> {
    const { step, flag, environment, limit } = query
    const times = new Set(timesOf(query))
    const names = new Map((await this.#flagsOf(project)).map(({ id, name }) => [id, name]))
    const found = [...this.#counts.values()].flatMap((row) => {
      const name = names.get(row.flagId)
      if (name === undefined || row.project !== project || !times.has(row.hourMs)) return []
      if (step === 'hour' && row.step === 'day') return []
      if (name !== (flag ?? name) || row.environment !== (environment ?? row.environment)) return []
      const at = step === 'hour' ? row.hourMs : dayOf(row)
      return [{ flag: name, environment: row.environment, at: new Date(at), yes: row.yes, no: row.no }]
    })
    return summed(found)
      .sort((a, b) => b.at.getTime() - a.at.getTime() || order(a.flag, b.flag) || order(a.environment, b.environment))
      .slice(0, limit)
  }

  async compact(nowMs: number): Promise<void> {
    const oldest = oldestKept(nowMs)
    for (const [key, row] of this.#counts) {
      if (row.hourMs >= (row.step === 'hour' ? oldest.hourMs : oldest.dayMs)) continue
      this.#counts.delete(key)
      const isAlive = (await this.#flagsOf(row.project)).some(({ id }) => id === row.flagId)
      const day = dayOf(row)
      if (row.step === 'hour' && isAlive && day >= oldest.dayMs) this.#add({ ...row, step: 'day', hourMs: day })
    }
    for (const [key, { row }] of this.#clients) {
      const isAlive = (await this.#projects.find(String(row.project))) !== null
      if (!isAlive || row.lastSeenMs < oldest.dayMs) this.#clients.delete(key)
    }
  }

  #clientsOf(project: number): readonly ClientRow[] {
    return [...this.#clients.values()].map(({ row }) => row).filter((row) => row.project === project)
  }

  async #flagsOf(project: number) {
    if ((await this.#projects.find(String(project))) === null) return []
    return (await this.#projects.content(project)).flags
  }

  #add(row: HeldCount): void {
    const key = JSON.stringify([row.step, row.project, row.hourMs, row.environment, row.flagId])
    const before = this.#counts.get(key)
    const { yes, no } = before ?? { yes: 0, no: 0 }
    this.#counts.set(key, { ...row, yes: yes + row.yes, no: no + row.no })
  }
}

function joined({ row: before, instancesAtMs }: HeldClient, row: ClientRow): HeldClient {
  const isSameFlush = instancesAtMs > row.lastSeenMs - sameFlushMs
  const [merged = row] = mergedClients([before, row], (one, two) => (isSameFlush ? Math.max(one, two) : two))
  const isOlderCount = isSameFlush && before.instances > row.instances
  return { row: merged, instancesAtMs: isOlderCount ? instancesAtMs : row.lastSeenMs }
}

function summed(counts: readonly FlagCount[]): FlagCount[] {
  const sums = new Map<string, FlagCount>()
  for (const count of counts) {
    const key = JSON.stringify([count.at, count.environment, count.flag])
    const { yes, no } = sums.get(key) ?? { yes: 0, no: 0 }
    sums.set(key, { ...count, yes: yes + count.yes, no: no + count.no })
  }
  return [...sums.values()]
}

function dayOf({ hourMs }: Pick<HeldCount, 'hourMs'>): number {
  return Math.floor(hourMs / dayMs) * dayMs
}

function byName(a: ClientRow, b: ClientRow): number {
  return order(a.environment, b.environment) || order(a.app, b.app) || order(a.sdk, b.sdk)
}

function order(a: string, b: string): number {
  return a === b ? 0 : a < b ? -1 : 1
}
