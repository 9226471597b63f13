// Who changes a flag, and how, as the caller of a change says it. Callers without types may give anything, so it is checked.
import { FeatureError } from '../../errors.js'
import { quoted } from '../../text/printable.js'
import { checkKeys } from '../options-keys.js'

/** Who changes a flag, and how. */
export interface WriteContext {
  /** Default: `cli:<user>` on the command line, otherwise `code:<host>`. */
  readonly author?: string
  /** Why, in the history and the log; at most 1,000 characters. Default: none. */
  readonly reason?: string
  /** Lifts two refusals: of a name without definition, and of a write that would turn a default-on flag off for others. Default: false. */
  readonly force?: boolean
  /** Waits until every process that shares the Redis has the change, for 5 s at most. Default: false. */
  readonly wait?: boolean
  /** Called with the number of other processes that confirmed, when `wait` has ended well. */
  readonly onConfirmed?: (processes: number) => void
  /** Where the change comes from; default `code`. */
  readonly source?: string
}

/** How many characters a reason may have, from every door. Every process that shows a history reads it. */
export const longestReason = 1_000

/** What `typeof` says of each option, and what to give. */
const wanted = {
  author: ['string', 'a text'],
  reason: ['string', 'a text'],
  source: ['string', 'a text'],
  force: ['boolean', 'true or false'],
  wait: ['boolean', 'true or false'],
  onConfirmed: ['function', 'a function that takes the number of processes'],
} as const satisfies Record<keyof WriteContext, readonly [string, string]>

/** The keys of the options of a change. */
export const contextKeys: readonly string[] = Object.keys(wanted)

/**
 * Throws FeatureError (`invalid_arguments`) for options of another type, a key that there is not and a reason that is too long; null
 * counts as left out.
 */
export function checkContext(context: unknown): void {
  checkKeys(context, { of: 'a change', keys: contextKeys, example: '{ reason: "…" }' })
  for (const [name, [type, remedy]] of Object.entries(wanted)) {
    const value: unknown = Reflect.get(context, name)
    if (value === undefined || value === null || typeof value === type) continue
    const problem = `the option "${name}" of a change is ${quoted(value)}`
    throw new FeatureError('invalid_arguments', { problem, remedy: `give ${remedy}` })
  }
  const reason: unknown = Reflect.get(context, 'reason')
  // Characters and not UTF-16 units: the schema of the HTTP API counts in the same way.
  const length = typeof reason === 'string' ? [...reason].length : 0
  if (length <= longestReason) return
  throw new FeatureError('invalid_arguments', {
    problem: `the reason of a change has ${length} characters`,
    remedy: `give at most ${longestReason}`,
  })
}
