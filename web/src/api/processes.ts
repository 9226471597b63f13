// The processes that answer with these flags.
import { list, number, object, orNull, otherwise, text } from './parse.js'
import type { Door } from './request.js'

export interface OneProcess {
  readonly id: string
  readonly host: string
  readonly position: string | null
  readonly age_ms: number | null
}

export interface ProcessList {
  readonly position: string | null
  /** Null where they cannot know of each other. */
  readonly processes: readonly OneProcess[] | null
}

const processes = object<ProcessList>({
  position: orNull(text),
  processes: orNull(
    list(object<OneProcess>({ id: text, host: otherwise(text, ''), position: orNull(text), age_ms: orNull(number) })),
  ),
})

export function fetchProcesses(door: Door): Promise<ProcessList> {
  return door.ask('/api/web/processes', processes)
}
