// What the stream of the server tells, checked as every answer is.
import { type FlagRow, rowReader } from '../api/flags.js'
import { flag, list, number, object, orNull, otherwise, type Parser, text } from '../api/parse.js'

export interface Hello {
  readonly position: string | null
  readonly environment: string
  readonly processes: Processes | null
  readonly health: Health | null
}

/** How many servers and applications run, and how many of them have the newest position. */
export interface Processes {
  readonly live: number
  readonly current: number
}

export interface TellsOfChange {
  readonly change_id: string | null
  readonly name: string
  readonly author: string
  readonly source: string
  readonly reason: string | null
  readonly sentence: string
  readonly at: string
}

export interface FlagsChanged {
  readonly position: string | null
  readonly rows: readonly FlagRow[]
  /** Flags of which nothing is left. */
  readonly gone: readonly string[]
  readonly changes: readonly TellsOfChange[]
}

export interface Health {
  readonly degraded: boolean
  readonly age_ms: number | null
}

/** One event by its name; other names are not listened for. */
export type LiveEvent =
  | { readonly type: 'hello'; readonly data: Hello }
  | { readonly type: 'flags'; readonly data: FlagsChanged }
  | { readonly type: 'resync'; readonly data: { readonly position: string | null } }
  | { readonly type: 'definitions'; readonly data: { readonly names: readonly string[] } }
  | { readonly type: 'processes'; readonly data: Processes }
  | { readonly type: 'health'; readonly data: Health }
  | { readonly type: 'session'; readonly data: { readonly ends_at: string | null } }

const health = object<Health>({ degraded: flag, age_ms: orNull(number) })
const processes = object<Processes>({ live: number, current: number })
const told = object<TellsOfChange>({
  change_id: orNull(text),
  name: text,
  author: text,
  source: otherwise(text, ''),
  reason: orNull(text),
  sentence: otherwise(text, ''),
  at: text,
})
const changed = object<{
  position: string | null
  columns: readonly string[]
  rows: readonly unknown[]
  changes: readonly TellsOfChange[]
  gone: readonly string[]
}>({
  position: orNull(text),
  columns: list(text),
  rows: otherwise(
    list<unknown>((value) => value),
    [],
  ),
  changes: otherwise(list(told), []),
  gone: otherwise(list(text), []),
})

const parsers: { readonly [K in LiveEvent['type']]: Parser<unknown> } = {
  hello: object<Hello>({
    position: orNull(text),
    environment: otherwise(text, ''),
    processes: orNull(processes),
    health: orNull(health),
  }),
  flags: changed,
  resync: object({ position: orNull(text) }),
  definitions: object({ names: otherwise(list(text), []) }),
  processes,
  health,
  session: object({ ends_at: orNull(text) }),
}

export const eventTypes = Object.keys(parsers) as readonly LiveEvent['type'][]

/** The event in a text; null where it is not understood: then what it tells is asked for anew. */
export function parseEvent(type: LiveEvent['type'], text: string): LiveEvent | null {
  try {
    const data: unknown = JSON.parse(text)
    if (type !== 'flags') return { type, data: parsers[type](data) } as LiveEvent
    const { columns, ...body } = changed(data)
    return { type, data: { ...body, rows: body.rows.map(rowReader(columns)) } }
  } catch {
    return null
  }
}
