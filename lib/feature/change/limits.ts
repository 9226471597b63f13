// The limits of what is stored: refused when writing, tolerated when reading. A change is judged as a whole, by what is stored
// before its first step and after its last, and one that does not add to a number is never refused for it: what is over a limit
// must still be possible to take away.
import { optOutSuffix } from '../../actors/stored-id.js'
import type { Limits } from '../../config/options.js'
import { quoted } from '../../text/printable.js'
import { InvalidOperation } from '../../errors.js'
import type { Logger } from '../../log.js'
import type { FlagReplica } from '../../replica/flag-content.js'
import type { Operation } from '../../state/operations.js'
import type { Current, Step } from '../../store/store.js'
import { growthOf, StoredSize } from './stored-size.js'

export interface LimitOptions {
  readonly limits: Limits
  readonly logger: Logger
  readonly replica: Pick<FlagReplica, 'snapshot'>
}

/** How many actors and opt-outs one flag has. */
interface Counts {
  readonly actors: number
  readonly optOuts: number
}

type CountCheck = (current: Current) => InvalidOperation | null

export class LimitGuard {
  readonly #options: LimitOptions
  readonly #size = new StoredSize()

  constructor(options: LimitOptions) {
    this.#options = options
  }

  /** Throws InvalidOperation (`limit_exceeded`) where the steps would make everything stored larger than it may be. */
  checkSize(steps: readonly Step[]): void {
    if (steps.every(({ operation }) => takesAway(operation))) return
    const { limits, replica } = this.#options
    const now = replica.snapshot
    const stored = this.#size.of(now)
    const growth = growthOf(steps, now, limits.snapshotBytes - stored)
    const bytes = stored + growth
    if (growth <= 0 || bytes <= limits.snapshotBytes) return
    throw new InvalidOperation('limit_exceeded', {
      problem: `all flags together would take ${bytes} bytes, over the limit of ${limits.snapshotBytes} (limits.snapshotBytes)`,
      remedy: 'remove flags or actors that are no longer needed',
    })
  }

  /** One check for each step, to be run inside the transaction: it refuses what makes a flag's lists longer than they may be. */
  countChecks(steps: readonly Step[]): readonly CountCheck[] {
    const first = new Map(steps.map(({ feature }, index) => [feature, index] as const).reverse())
    const last = new Map(steps.map(({ feature }, index) => [feature, index] as const))
    // Written anew by each first step: a transaction that lost a race is tried once more.
    const before = new Map<string, Counts>()
    return steps.map(({ feature, operation }, index) => (current) => {
      const now = { actors: current.actorCount - current.optOutCount, optOuts: current.optOutCount }
      if (first.get(feature) === index) before.set(feature, now)
      if (last.get(feature) !== index) return null
      return this.#refuse(feature, before.get(feature) ?? now, countsAfter(operation, current, now))
    })
  }

  #refuse(feature: string, before: Counts, after: Counts): InvalidOperation | null {
    const { actorsPerFlag, optOutsPerFlag } = this.#options.limits
    if (after.actors > before.actors) {
      const problem = `${quoted(feature)} would have ${after.actors} actors, over the limit of ${actorsPerFlag} (limits.actorsPerFlag)`
      const remedy = 'use a group or a percentage'
      if (after.actors > actorsPerFlag) return new InvalidOperation('limit_exceeded', { problem, remedy })
      this.#warn(feature, after.actors, actorsPerFlag, 'actors; use a group or a percentage')
    }
    if (after.optOuts > before.optOuts) {
      const problem = `${quoted(feature)} would have ${after.optOuts} opt-outs, over the limit of ${optOutsPerFlag} (limits.optOutsPerFlag)`
      const remedy = 'take back those that are no longer needed, or disable the flag and enable it for a group'
      if (after.optOuts > optOutsPerFlag) return new InvalidOperation('limit_exceeded', { problem, remedy })
      this.#warn(feature, after.optOuts, optOutsPerFlag, 'opt-outs; use a group')
    }
    return null
  }

  #warn(flag: string, count: number, limit: number, what: string): void {
    if (count <= limit / 10) return
    this.#options.logger.warn({ flag, count, limit }, `feature flags: a flag has many ${what}`)
  }
}

/** What can only make less of what is stored, but for the row of a flag of which nothing was: switching off is always possible. */
function takesAway(operation: Operation): boolean {
  switch (operation.kind) {
    case 'disable':
    case 'drop':
    case 'remove':
      return true
    case 'set':
      return operation.value === '0'
    case 'enable':
    case 'add':
    case 'replace':
      return false
  }
}

/** The texts that a step adds to or takes off the list of actors; the counts depend on which of them are stored. */
export function listedActors(operation: Operation): readonly string[] {
  const listed = operation.kind === 'add' || operation.kind === 'drop'
  return listed && operation.gate === 'actors' ? operation.values : []
}

function countsAfter(operation: Operation, current: Current, now: Counts): Counts {
  switch (operation.kind) {
    case 'enable':
    case 'disable':
    case 'remove':
      return countsOf([])
    case 'set':
      return now
    case 'replace':
      return countsOf(operation.gates.get('actors') ?? [])
    case 'add': {
      const added = countsOf(listedActors(operation).filter((value) => !current.actors.has(value)))
      return { actors: now.actors + added.actors, optOuts: now.optOuts + added.optOuts }
    }
    case 'drop': {
      const gone = countsOf(listedActors(operation).filter((value) => current.actors.has(value)))
      return { actors: now.actors - gone.actors, optOuts: now.optOuts - gone.optOuts }
    }
  }
}

function countsOf(values: readonly string[]): Counts {
  const distinct = new Set(values)
  let optOuts = 0
  for (const value of distinct) if (value.endsWith(optOutSuffix)) optOuts += 1
  return { actors: distinct.size - optOuts, optOuts }
}
