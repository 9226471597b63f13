// How often a flag was asked, where the server counts checks.
import type { Answer } from './operations.generated.js'
import { list, number, object, orNull, text } from './parse.js'
import type { Door } from './request.js'

/** Answers by step of time, the oldest first: `on` and `off` have one number for each. */
export type Checks = Exclude<Answer<'listWebFlagChecks'>, null | undefined>

const checks = object<Checks>({ step_s: number, from: text, on: list(number), off: list(number), processes: number })

/** Of the last seven days; null where checks are not counted. Throws ApiFault. */
export function fetchChecks(door: Door, name: string, signal: AbortSignal): Promise<Checks | null> {
  return door.ask(`/api/web/flags/${encodeURIComponent(name)}/checks`, orNull(checks), { signal })
}
