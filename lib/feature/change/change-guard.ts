// What a change is judged by before and inside its transaction: the name, the definition, the default-on trap, the limits, and then the
// check that was planned. A preview judges by the same.
import type { Catalog } from '../../definition/catalog.js'
import { undefinableName } from '../../definition/name.js'
import { type FeatureError, InvalidFeatureFlagError } from '../../errors.js'
import type { Current, Step } from '../../store/store.js'
import { quoted } from '../../text/printable.js'
import { LimitGuard, type LimitOptions, listedActors } from './limits.js'
import type { Misses } from './misses.js'
import type { PlannedStep } from './plan.js'
import { defaultOnTrap, NothingStored } from './refusals.js'

export interface GuardOptions extends LimitOptions {
  readonly catalog: Pick<Catalog, 'get' | 'brokenFault' | 'suggest'>
}

interface Guarding {
  /** Whether a flag without a definition may be written. */
  readonly force: boolean
  /** Whether the default-on trap refuses. */
  readonly trap: boolean
}

const longestKey = 255

export class ChangeGuard {
  readonly #options: GuardOptions
  readonly #limits: LimitGuard

  constructor(options: GuardOptions) {
    this.#options = options
    this.#limits = new LimitGuard(options)
  }

  /**
   * The steps with their checks, which note in `misses` what was not there. Throws InvalidFeatureFlagError for a name that may not be
   * written, and InvalidOperation (`limit_exceeded`).
   */
  guarded(planned: readonly PlannedStep[], { force, trap }: Guarding, misses: Misses): readonly Step[] {
    for (const one of planned) this.#checkName(one, force)
    const steps = planned.map(({ step }) => step)
    this.#limits.checkSize(steps)
    const overLimit = this.#limits.countChecks(steps)
    return planned.map((one, index) => this.#guard(one, trap, overLimit[index] ?? (() => null), misses))
  }

  /** Whether the step would turn a default-on flag off for all others, by storing the first row of it. */
  isTrap({ step, narrows }: PlannedStep, { persisted }: Pick<Current, 'persisted'>): boolean {
    return narrows && !persisted && this.#options.catalog.get(step.feature)?.defaultEnabled === true
  }

  #checkName({ step, action }: PlannedStep, force: boolean): void {
    const name = step.feature
    // Another program may have stored a flag without a name: it can be taken away, and come back with an import.
    const isNamed = name !== '' || action === 'remove' || action === 'import'
    if (!isNamed || name.length > longestKey || name.includes('\0') || !name.isWellFormed()) {
      throw new InvalidFeatureFlagError('invalid_name', {
        problem: `${quoted(name)} cannot be stored as the name of a flag`,
        remedy: `give 1 to ${longestKey} characters without NUL`,
      })
    }
    const { catalog } = this.#options
    if (force || action === 'remove' || catalog.get(name) !== undefined) return
    const broken = catalog.brokenFault(name)
    if (broken !== null) throw broken
    const close = catalog.suggest(name)
    const undefinable = undefinableName(name)
    const hint = close === null ? '' : `did you mean "${close}"? Otherwise `
    throw new InvalidFeatureFlagError('unknown_flag', {
      problem: `the feature flag ${quoted(name)} has no definition`,
      remedy: `${hint}${undefinable === null ? 'define it first, or give force: true' : `give force: true; ${undefinable}`}`,
    })
  }

  /** The step with its check: the default-on trap, the limits, and then what was planned. */
  #guard(planned: PlannedStep, trap: boolean, overLimit: NonNullable<Step['check']>, misses: Misses): Step {
    const { step, action, onlyStored } = planned
    const check = (current: Current): FeatureError | null => {
      misses.see(planned, current)
      if (onlyStored === true && !current.persisted) return new NothingStored()
      if (trap && this.isTrap(planned, current)) return defaultOnTrap(step.feature, action)
      return overLimit(current) ?? step.check?.(current) ?? null
    }
    return { ...step, lookup: [...(step.lookup ?? []), ...listedActors(step.operation)], check }
  }
}
