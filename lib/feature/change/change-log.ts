// One line of log a change, whatever it is for: a change of ten thousand actors must not be ten thousand lines. The history has a row
// for each of them.
import { type ChangeRecord, logChange, type Logger } from '../../log.js'
import { errorText } from '../../errors.js'
import { quoted } from '../../text/printable.js'
import type { PlannedStep } from './plan.js'

/** Further ones are counted only. */
const mostNamed = 20

/** Of a change, what a line of the log says of its origin. */
export interface ChangeOrigin {
  readonly id: string
  readonly author: string
  readonly source: string
  readonly reason: string | null
}

/** Logs a change that is committed. Never throws. */
export function logPlanned(logger: Logger, planned: readonly PlannedStep[], origin: ChangeOrigin): void {
  const [first] = planned
  if (first === undefined) return
  try {
    logChange(logger, recordOf(first, planned, origin))
  } catch (error) {
    // A logger that throws must not make the change look refused.
    const { feature } = first.step
    process.emitWarning(`the logger threw while a change of ${quoted(feature)} was logged: ${errorText(error)}`)
  }
}

function recordOf(
  { action, percentage }: PlannedStep,
  planned: readonly PlannedStep[],
  { author, source, reason, id }: ChangeOrigin,
): ChangeRecord {
  const things = planned.flatMap((one) => one.things)
  return {
    ...keysOf([...new Set(planned.map(({ step }) => step.feature))]),
    action,
    ...(percentage === null ? {} : { 'extra.percentage': percentage }),
    author,
    ...(reason === null ? {} : { reason }),
    source,
    changeId: id,
    ...thingsOf(things),
  }
}

function keysOf(keys: readonly string[]): Pick<ChangeRecord, 'key' | 'keys' | 'flags'> {
  const [first, second] = keys
  if (first !== undefined && second === undefined) return { key: first }
  return { keys: keys.slice(0, mostNamed), flags: keys.length }
}

function thingsOf(things: readonly string[]): Pick<ChangeRecord, 'extra.thing' | 'extra.things' | 'extra.count'> {
  const [first, second] = things
  if (first === undefined) return {}
  if (second === undefined) return { 'extra.thing': first }
  return { 'extra.things': things.slice(0, mostNamed), 'extra.count': things.length }
}
