// The events of the stream for pages, as bytes. Those that many get are made once.
import type { Position } from '../../../state/state.js'
import { eventBytes } from '../../streams/open-streams.js'
import type { FlagList } from '../flag-list.js'
import { flagColumns } from '../flag-rows.js'
import { type News, mostFlags } from './follower.js'
import { positionText } from '../position-text.js'
import { changesToJson, type ToldChange } from './told-change.js'

/** What a client may listen to. Events of a session, and hello, come in any case. */
export const topics = ['flags', 'processes', 'health'] as const
export type Topic = (typeof topics)[number]

export interface Health {
  readonly degraded: boolean
  readonly age_ms: number | null
}

export interface Processes {
  /** How many processes are alive, this one included. */
  readonly live: number
  /** How many of them have the position. */
  readonly current: number
}

export interface Hello {
  readonly position: Position | null
  readonly environment: string
  readonly processes: Processes | null
  readonly health: Health
}

/** An event with its name. */
export interface NamedEvent {
  readonly event: 'hello' | 'flags' | 'resync' | 'definitions' | 'processes' | 'health' | 'session'
  readonly bytes: Buffer
}

/** `isUpToDate`: the client has nothing to catch up with, and goes on from here. */
export function helloEvent({ position, ...hello }: Hello, isUpToDate: boolean): NamedEvent {
  const id = isUpToDate ? positionText(position) : null
  return named('hello', id, JSON.stringify({ position: positionText(position), ...hello }))
}

/** As in the list: a page may be of another version than the server. */
const columns = JSON.stringify(flagColumns)

/** What changed: the flags, and the definitions where they differ. */
export function newsEvents(news: News, list: Pick<FlagList, 'rowsOf'>): NamedEvent[] {
  const flags = news.hasGap ? resyncEvent(news.position) : flagsEvent(news, list)
  return news.definitions.length === 0 ? [flags] : [flags, definitionsEvent(news.definitions)]
}

/** The flags with the changes that led to them, or, where they are too many, that the list has to be read. */
export function flagsEvent(
  { position, names, changes, snapshot }: Pick<News, 'position' | 'names' | 'changes' | 'snapshot'>,
  list: Pick<FlagList, 'rowsOf'>,
): NamedEvent {
  if (names.size > mostFlags || changes.some(({ flags }) => flags === null)) return resyncEvent(position)
  const rows = list.rowsOf(names, snapshot)
  const shown = [...rows.values()].filter((row) => row !== null)
  const gone = [...rows.keys()].filter((name) => rows.get(name) === null)
  const id = positionText(position)
  const data =
    `{"position":${JSON.stringify(id)},"columns":${columns},"rows":[${shown.join(',')}],"gone":${JSON.stringify(gone)},` +
    `"changes":${JSON.stringify(changesToJson(changes))}}`
  return named('flags', id, data)
}

/** The names of all flags that changes touched. */
export function namesIn(changes: readonly ToldChange[]): Set<string> {
  return new Set(changes.flatMap(({ flags }) => (flags ?? []).map(({ name }) => name)))
}

/** The list has to be read, because not all that changed can be told. */
export function resyncEvent(position: Position | null): NamedEvent {
  const id = positionText(position)
  return named('resync', id, JSON.stringify({ position: id }))
}

export function healthEvent(health: Health): NamedEvent {
  return named('health', null, JSON.stringify(health))
}

export function processesEvent(processes: Processes): NamedEvent {
  return named('processes', null, JSON.stringify(processes))
}

export function sessionEvent(endsAt: Date): NamedEvent {
  return named('session', null, JSON.stringify({ ends_at: endsAt.toISOString() }))
}

/** Of many, the list was to be read anyway. */
function definitionsEvent(names: readonly string[]): NamedEvent {
  return named('definitions', null, JSON.stringify({ names: names.slice(0, mostFlags) }))
}

function named(event: NamedEvent['event'], id: string | null, data: string): NamedEvent {
  return { event, bytes: eventBytes(event, id, data) }
}
