// Clients that were seen since the last flush. Processes are told apart by a keyed hash of what an SDK says of its own: the
// key is new with each start, so that no hash can be traced back to an instance ID or a connection ID, and none leaves the process.
import { hash, randomBytes } from 'node:crypto'
import type { ClientRow, Seen } from './report.js'
import { pairOf } from './report.js'

/** Hashes that are kept in all; beyond, the number of processes is at least the one that is told. */
const mostHashes = 100_000
/** 96 bits. */
const hashDigits = 24

interface Waiting {
  row: ClientRow
  readonly processes: Set<string>
}

export class PendingClients {
  readonly #key = randomBytes(32).toString('hex')
  readonly #most: number
  #waiting = new Map<string, Waiting>()
  #hashes = 0

  /** `most` is the largest number of rows. */
  constructor(most: number) {
    this.#most = most
  }

  get size(): number {
    return this.#waiting.size
  }

  /** The projects of which rows wait. */
  projects(): Iterable<number> {
    return new Set([...this.#waiting.values()].map(({ row }) => row.project))
  }

  /** Notes a client. False if there is no room for its row. */
  add({ project, environment, client }: Seen, nowMs: number, isPoll: boolean): boolean {
    const { app, sdk, spec, intervalMs } = client
    const key = `${project} ${environment}\u0000${pairOf(client)}`
    const found = this.#waiting.get(key)
    if (found === undefined && this.#waiting.size >= this.#most) return false
    const polled = isPoll ? { lastPolledMs: nowMs } : {}
    const first = { project, environment, app, sdk, spec, intervalMs, instances: 1, lastPolledMs: null }
    const before: ClientRow = found?.row ?? { ...first, firstSeenMs: nowMs, lastSeenMs: nowMs }
    const processes = found?.processes ?? new Set()
    if (client.process !== null) this.#note(processes, client.process)
    const row = {
      ...before,
      ...polled,
      lastSeenMs: nowMs,
      spec: spec ?? before.spec,
      // The interval of a report may be that of reports.
      intervalMs: isPoll ? (intervalMs ?? before.intervalMs) : (before.intervalMs ?? intervalMs),
      instances: Math.max(1, processes.size),
    }
    if (found === undefined) this.#waiting.set(key, { row, processes })
    else found.row = row
    return true
  }

  /** All rows; none wait afterwards. */
  take(): readonly ClientRow[] {
    const rows = [...this.#waiting.values()].map(({ row }) => row)
    this.#waiting = new Map()
    this.#hashes = 0
    return rows
  }

  #note(processes: Set<string>, id: string): void {
    if (this.#hashes >= mostHashes) return
    // No HMAC, which takes ten times as long for each poll: what that keeps out needs a hash that others see.
    const known = hash('sha256', `${this.#key}${id}`, 'hex').slice(0, hashDigits)
    if (processes.has(known)) return
    processes.add(known)
    this.#hashes += 1
  }
}

/**
 * Rows of one key made one. `instances` joins their processes: those of several applications that became `other` add up, while two
 * flushes saw the same ones.
 */
export function mergedClients(
  rows: readonly ClientRow[],
  instances: (one: number, two: number) => number,
): readonly ClientRow[] {
  const merged = new Map<string, ClientRow>()
  for (const row of rows) {
    const key = `${row.project} ${row.environment}\u0000${pairOf(row)}`
    const before = merged.get(key)
    merged.set(key, before === undefined ? row : bothOf(before, row, instances(before.instances, row.instances)))
  }
  return [...merged.values()]
}

function bothOf(before: ClientRow, row: ClientRow, instances: number): ClientRow {
  const polled = Math.max(before.lastPolledMs ?? 0, row.lastPolledMs ?? 0)
  return {
    ...row,
    spec: row.spec ?? before.spec,
    intervalMs: row.intervalMs ?? before.intervalMs,
    instances,
    firstSeenMs: Math.min(before.firstSeenMs, row.firstSeenMs),
    lastSeenMs: Math.max(before.lastSeenMs, row.lastSeenMs),
    lastPolledMs: polled === 0 ? null : polled,
  }
}
