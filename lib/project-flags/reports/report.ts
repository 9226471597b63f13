// What SDKs tell of themselves and of flags, as it is counted and kept. No instance ID and no connection ID is in any of it but
// `process`, which never leaves the memory of this process and is hashed there.

/** An SDK as one request of it says. */
export interface SeenClient {
  /** Its application; empty if it names none. */
  readonly app: string
  /** `name:version`; empty if it does not say. */
  readonly sdk: string
  /** The version of Unleash's client specification that it keeps. */
  readonly spec: string | null
  /** Milliseconds between two polls. */
  readonly intervalMs: number | null
  /** Tells one process from others of the same application: for counting alone, never kept as it is. */
  readonly process: string | null
}

/** One request of an SDK. */
export interface Seen {
  readonly project: number
  readonly environment: string
  /** The id of the instance ID, not its text. */
  readonly instanceId: number
  readonly client: SeenClient
}

/** How often a flag was on and off within the hour that begins at `hourMs`. */
export interface Counted {
  readonly flag: string
  readonly hourMs: number
  readonly yes: number
  readonly no: number
}

/**
 * Why a row of a report does not count. `malformed`: not a name with two numbers. `time`: its bucket is of the future, of long ago, or
 * ends before it begins. `too_many` rows in one report. `no_room` in memory. `no_such_flag` in the project.
 */
export const dropReasons = ['malformed', 'time', 'too_many', 'no_room', 'no_such_flag'] as const
export type DropReason = (typeof dropReasons)[number]

/** The counts that a report holds, and how many of its rows were dropped for what reason. */
export interface ReportedCounts {
  readonly counts: readonly Counted[]
  readonly dropped: Readonly<Partial<Record<DropReason, number>>>
}

/** Counts of one flag in one environment within one hour, as they are added to what is stored. */
export interface CountRow extends Counted {
  readonly project: number
  readonly environment: string
}

/** What a server saw of an application's SDK since its last flush. */
export interface ClientRow {
  readonly project: number
  readonly environment: string
  readonly app: string
  readonly sdk: string
  readonly spec: string | null
  readonly intervalMs: number | null
  readonly instances: number
  readonly firstSeenMs: number
  readonly lastSeenMs: number
  readonly lastPolledMs: number | null
}

/** A client of a project: an application's SDK in an environment. */
export interface Client {
  readonly environment: string
  readonly app: string
  readonly sdk: string
  readonly spec: string | null
  readonly intervalMs: number | null
  /** The most processes that one server saw within five minutes. */
  readonly instances: number
  readonly firstSeen: Date
  readonly lastSeen: Date
  /** Null: it has sent reports alone. */
  readonly lastPolled: Date | null
}

export type Step = 'hour' | 'day'

export interface FlagCount {
  readonly flag: string
  readonly environment: string
  /** The beginning of the hour or day, in UTC. */
  readonly at: Date
  readonly yes: number
  readonly no: number
}

/** What one project may have; what comes beyond is counted under the name `other`. */
export const reportLimits = {
  environments: 50,
  /** Pairs of an application and an SDK. */
  pairs: 200,
  hoursKept: 48,
  daysKept: 30,
} as const

export const other = 'other'

export const hourMs = 3_600_000
export const dayMs = 86_400_000

/** Under which a client's application and SDK are counted as one. */
export function pairOf({ app, sdk }: Pick<SeenClient, 'app' | 'sdk'>): string {
  return `${app}\u0000${sdk}`
}

/**
 * The beginnings of the hours and days that are told: by hour those of the last two days, by day those of the last thirty. Hours that
 * are not yet added up are told as part of their day, so all hours of these days are there; a day begins as its first hour does.
 */
export function timesOf({ step, nowMs }: { readonly step: Step; readonly nowMs: number }): readonly number[] {
  const last = Math.floor(nowMs / hourMs) * hourMs
  const first =
    step === 'hour'
      ? last - (reportLimits.hoursKept - 1) * hourMs
      : Math.floor(nowMs / dayMs) * dayMs - (reportLimits.daysKept - 1) * dayMs
  return Array.from({ length: (last - first) / hourMs + 1 }, (_, index) => first + index * hourMs)
}

/** Older hours become days, and older days end. */
export function oldestKept(nowMs: number): { readonly hourMs: number; readonly dayMs: number } {
  return {
    hourMs: Math.floor(nowMs / hourMs) * hourMs - reportLimits.hoursKept * hourMs,
    dayMs: Math.floor(nowMs / dayMs) * dayMs - reportLimits.daysKept * dayMs,
  }
}
