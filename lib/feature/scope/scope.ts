// The flags of one test: stubs over the snapshot, seen by all that the test calls and by nothing besides. A scope is opened, gets stubs,
// and is closed; `scopes.ts` says which one is in force where. Nothing here is reset: with the test its scope goes.
import type { FeatureError } from '../../errors.js'
import { Flag } from '../../replica/flag.js'
import type { FlagSnapshot } from '../../replica/flag-content.js'
import type { StoredFeature } from '../../state/state.js'

/** The answer of a flag of which nothing is stored and that no stub names: `on`, as in GitLab's tests, or what its definition says. */
export type ScopeDefaults = 'on' | 'definitions'

/** Gets what a scope reads, for a report. */
export interface FlagReads {
  read(flag: string, answer: boolean): void
  stubbed(flag: string): void
  /** The test is over. */
  end(): void
}

/** Which test a scope belongs to. */
export interface ScopedTest {
  readonly name: string
  /** Null where the runner does not tell it. */
  readonly file: string | null
}

export interface ScopeOptions {
  readonly parent: Scope | null
  /** Null for a scope that no runner has opened, which takes that of its parent. */
  readonly test: ScopedTest | null
  readonly defaults: ScopeDefaults
  /** Null where no report is written. */
  readonly reads: FlagReads | null
}

export class Scope {
  readonly parent: Scope | null
  readonly test: ScopedTest | null
  readonly defaults: ScopeDefaults
  readonly reads: FlagReads | null
  /** Invalid uses that the runner has to report; null where no runner asks, and then they are thrown past every `catch`. */
  readonly faults: Set<FeatureError> | null
  isOpen = true
  /** Scopes inside of this one that are open. */
  openInside = 0
  readonly #stubs: Map<string, StoredFeature>
  /** The flags as this scope sees them, for each snapshot that lies below. */
  #views = new WeakMap<FlagSnapshot, Map<string, Flag>>()
  #base: FlagSnapshot | null = null
  #view = new Map<string, Flag>()

  constructor({ parent, test, defaults, reads }: ScopeOptions) {
    this.parent = parent
    this.test = test ?? parent?.test ?? null
    this.defaults = defaults
    this.reads = reads ?? parent?.reads ?? null
    this.faults = test === null ? (parent?.faults ?? null) : new Set()
    this.#stubs = new Map(parent?.stubs)
  }

  /** What stands for the stored rows of flags. */
  get stubs(): ReadonlyMap<string, StoredFeature> {
    return this.#stubs
  }

  /** Lets these rows stand for all that is stored of their flags. */
  stub(features: readonly StoredFeature[]): void {
    for (const feature of features) {
      this.#stubs.set(feature.key, feature)
      this.reads?.stubbed(feature.key)
    }
    this.#views = new WeakMap()
    this.#base = null
  }

  /** The flag as this scope sees it. Every check in a test comes here. */
  flag(name: string, base: FlagSnapshot): Flag | undefined {
    const view = base === this.#base ? this.#view : this.#viewOf(base)
    return view.get(name) ?? this.#look(view, name, base)
  }

  /** The snapshot with the stubs in place of what is stored. Flags that are on by default are not stored by that. */
  over(base: FlagSnapshot): FlagSnapshot {
    if (this.#stubs.size === 0) return base
    const stubbed = new Map<string, Flag>()
    for (const [name, feature] of this.#stubs) stubbed.set(name, stubOf(name, base.entries.get(name), feature))
    return { ...base, entries: base.entries.with(stubbed) }
  }

  #viewOf(base: FlagSnapshot): Map<string, Flag> {
    const view = this.#views.get(base) ?? new Map<string, Flag>()
    this.#views.set(base, view)
    this.#base = base
    this.#view = view
    return view
  }

  #look(view: Map<string, Flag>, name: string, base: FlagSnapshot): Flag | undefined {
    const known = base.entries.get(name)
    const feature = this.#stubs.get(name)
    const flag = feature === undefined ? this.#byDefault(known) : stubOf(name, known, feature)
    // The flag's own name is interned, as in the checker.
    if (flag !== undefined) view.set(flag.name, flag)
    return flag
  }

  #byDefault(known: Flag | undefined): Flag | undefined {
    return known?.stored === null && this.defaults === 'on' ? onByDefault(known) : known
  }
}

function stubOf(name: string, known: Flag | undefined, feature: StoredFeature): Flag {
  return new Flag(known?.name ?? name, known?.definition ?? null, feature)
}

const onFlags = new WeakMap<Flag, Flag>()

/** The flag as if its definition turned it on. A change to it in the store still counts, as with any default. */
function onByDefault(flag: Flag): Flag {
  const known = onFlags.get(flag)
  if (known !== undefined) return known
  const { definition } = flag
  const on = definition === null ? flag : flag.redefined({ ...definition, defaultEnabled: true })
  onFlags.set(flag, on)
  return on
}

/**
 * What a part of this library keeps for each scope beside the flags, such as pinned variants or what was pushed to a page. The part makes
 * one slot, once; a scope knows nothing of it.
 */
export class ScopeSlot<Value extends object> {
  readonly #values = new WeakMap<Scope, Value>()

  /** The value of the scope, otherwise that of the nearest scope around it that has one. */
  get(scope: Scope): Value | undefined {
    for (let at: Scope | null = scope; at !== null; at = at.parent) {
      const value = this.#values.get(at)
      if (value !== undefined) return value
    }
    return undefined
  }

  /** Sets the value of this scope alone; the scopes around it keep theirs. */
  set(scope: Scope, value: Value): void {
    this.#values.set(scope, value)
  }
}
