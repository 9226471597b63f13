// The variants that the store keeps, as experiments read and write them. Nothing here fails: without the store a variant is computed
// and not kept, and one warning says why.
//
//   usable → (a statement fails) → paused, for a second, or for half a minute where the table or a right is missing → usable
//   closed: for good, once the instance has stopped
import { errorText, FeatureError } from '../errors.js'
import type { Logger } from '../log.js'
import type { Assignment, AssignmentStore } from '../store/store.js'
import type { Clock } from '../time/clock.js'
import { Batches } from './batches.js'

export interface KeptVariantsOptions {
  readonly store: AssignmentStore
  readonly clock: Clock
  readonly logger: Logger
}

type Part = 'reading' | 'writing'

/** Experiment → variant, of one actor. */
export type ActorVariants = Map<string, string>

const pauseMs = 1_000
/** A table does not come, and a right is not granted, from one second to the next. */
const longPauseMs = 30_000
/** Between two warnings of answers that come late. */
const quietMs = 600_000

export class KeptVariants {
  readonly #options: KeptVariantsOptions
  readonly #reads: Batches<string, ActorVariants>
  readonly #writes: Batches<Assignment, string>
  /** What was read in a request: once for each actor. */
  readonly #ofRequests = new WeakMap<object, Map<string, Promise<ActorVariants | null>>>()
  #pausedUntilMs = Number.NEGATIVE_INFINITY
  /** The code that each part failed with last. */
  readonly #faults = new Map<Part, string>()
  #lateAtMs = Number.NEGATIVE_INFINITY
  #closed = false

  constructor(options: KeptVariantsOptions) {
    this.#options = options
    const { store, clock } = options
    const common = (part: Part) => ({
      clock,
      isUsable: () => !this.#closed && clock.now() >= this.#pausedUntilMs,
      failed: (error: unknown) => this.#failed(part, error),
      succeeded: () => void this.#faults.delete(part),
      late: () => this.#late(),
    })
    this.#reads = new Batches({ ...common('reading'), send: (actors) => read(store, actors) })
    this.#writes = new Batches({ ...common('writing'), send: (assignments) => write(store, assignments) })
  }

  /** All that is kept of the actor; null where that is not known in time. One read an actor and request. */
  find(actor: string, request: object | null): Promise<ActorVariants | null> {
    if (request === null) return this.#reads.ask(actor)
    const ofRequest = this.#ofRequests.get(request) ?? new Map<string, Promise<ActorVariants | null>>()
    this.#ofRequests.set(request, ofRequest)
    const found = ofRequest.get(actor) ?? this.#reads.ask(actor)
    ofRequest.set(actor, found)
    return found
  }

  /** The variant that is kept now, which another process may have been the first to keep; null where none is. */
  keep(assignment: Assignment): Promise<string | null> {
    return this.#writes.ask(assignment)
  }

  /** What is asked from now on has no answer. */
  close(): void {
    this.#closed = true
  }

  /** A login may read and not write: what reads then must not end the fault of what writes, which would be told again. */
  #failed(part: Part, error: unknown): void {
    const { clock, logger } = this.#options
    const code = error instanceof FeatureError ? error.code : 'internal'
    const lasts = code === 'not_migrated' || code === 'store_rejected'
    this.#pausedUntilMs = clock.now() + (lasts ? longPauseMs : pauseMs)
    const isKnown = [...this.#faults.values()].includes(code)
    this.#faults.set(part, code)
    if (this.#closed || isKnown) return
    logger.warn({ code, error: errorText(error) }, 'feature flags: variants of experiments are computed, but not kept')
  }

  #late(): void {
    const { clock, logger } = this.#options
    if (this.#closed || clock.now() - this.#lateAtMs < quietMs) return
    this.#lateAtMs = clock.now()
    logger.warn({}, 'feature flags: the database answers late, so variants of experiments are computed, but not kept')
  }
}

async function read(store: AssignmentStore, actors: readonly string[]): Promise<readonly ActorVariants[]> {
  const variants = new Map<string, ActorVariants>()
  for (const { actor, experiment, variant } of await store.find([...new Set(actors)])) {
    variants.set(actor, (variants.get(actor) ?? new Map()).set(experiment, variant))
  }
  return actors.map((actor) => variants.get(actor) ?? new Map())
}

async function write(store: AssignmentStore, given: readonly Assignment[]): Promise<readonly (string | null)[]> {
  const first = new Map<string, Assignment>()
  for (const one of given) if (!first.has(keyOf(one))) first.set(keyOf(one), one)
  const kept = new Map((await store.keep([...first.values()])).map((one) => [keyOf(one), one.variant]))
  return given.map((one) => kept.get(keyOf(one)) ?? null)
}

function keyOf({ actor, experiment }: Pick<Assignment, 'actor' | 'experiment'>): string {
  return `${actor} ${experiment}`
}
