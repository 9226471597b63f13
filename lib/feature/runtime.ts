// The parts behind the public methods: what works before start(), and what start() adds.
import type { Actor, SpecialActor } from '../actors/actor.js'
import type { Groups } from '../actors/groups.js'
import type { Config } from '../config/config.js'
import type { Catalog } from '../definition/catalog.js'
import { isOpenForActor } from '../gates/decide.js'
import type { Flag } from '../replica/flag.js'
import type { Entries } from '../replica/entries.js'
import type { ReplicaCounts, ReplicaStatus } from '../replica/replica.js'
import type { FlagSnapshot } from '../replica/flag-content.js'
import type { Store } from '../store/store.js'
import type { Checker } from './check/check.js'
import { idOf } from './check/arguments.js'
import type { ChangeEvents } from './events.js'
import type { Requests } from './request-scope.js'
import type { ChangeWriter } from './change/change-writer.js'

export interface PreparedParts {
  readonly config: Config
  readonly catalog: Catalog
  readonly groups: Groups
  readonly requests: Requests
  readonly events: ChangeEvents
  readonly checker: Checker
  readonly special: (kind: SpecialActor) => Actor
}

/** What checks need. A class, so that the hot path reads fields and nothing else. */
export class Prepared {
  readonly config: Config
  readonly catalog: Catalog
  readonly groups: Groups
  readonly requests: Requests
  readonly events: ChangeEvents
  readonly checker: Checker
  readonly special: (kind: SpecialActor) => Actor
  readonly status: () => ReplicaStatus
  /** The flags of the newest snapshot, for checks: every object on their way costs one of them some nanoseconds. */
  flags: Entries<Flag>
  readonly #strict: boolean
  /** Whether a request may have pinned a snapshot: until then no check touches AsyncLocalStorage. */
  pins: boolean
  #current: FlagSnapshot

  constructor(parts: PreparedParts, snapshot: FlagSnapshot, status: () => ReplicaStatus) {
    this.config = parts.config
    this.catalog = parts.catalog
    this.groups = parts.groups
    this.requests = parts.requests
    this.events = parts.events
    this.checker = parts.checker
    this.special = parts.special
    this.status = status
    this.#strict = parts.config.strict
    this.pins = parts.requests.used
    this.#current = snapshot
    this.flags = snapshot.entries
  }

  /** The newest snapshot. */
  get current(): FlagSnapshot {
    return this.#current
  }

  /** Replaces it whole. */
  take(snapshot: FlagSnapshot): void {
    this.#current = snapshot
    this.flags = snapshot.entries
  }

  /**
   * Most checks end here, by the shortest way: nothing to refuse or to report, no group whose predicate could ask for flags.
   * Whatever is added is paid by every check; quote the benchmark.
   */
  enabled(name: string, thing: unknown): boolean {
    const flag = this.flags.get(name)
    if (flag !== undefined) {
      if (thing === undefined) {
        const answer = this.#strict ? flag.quickStrict : flag.quick
        if (answer !== null) return answer
      } else if (!this.#strict) {
        if (flag.fixedAnswer !== null && flag.definition !== null) return flag.fixedAnswer
        if (flag.quickGates !== null) {
          const id = idOf(thing)
          if (id !== null) return isOpenForActor(flag.quickGates, id)
        }
      }
    }
    return this.#closely(flag, name, thing)
  }

  /** The snapshot a check reads: the pinned one inside `withRequest`, else the newest. */
  snapshot(): FlagSnapshot {
    return this.pins ? (this.requests.pinned() ?? this.#current) : this.#current
  }

  #closely(flag: Flag | undefined, name: string, thing: unknown): boolean {
    return this.checker.enabled(flag, name, thing, undefined)
  }
}

/** What start() adds. */
export interface Opened {
  readonly prepared: Prepared
  readonly store: Store
  readonly writer: ChangeWriter
  readonly counts: () => ReplicaCounts
  readonly refresh: () => Promise<void>
  readonly close: () => Promise<void>
}
