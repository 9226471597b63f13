// The actors that the application gives for previews (`actors.X.sample` of the configuration), kept for a while.
//
// A class is: never asked → asked (`running`) → kept, or failed. What is kept is used until there is something newer, and is asked for anew
// beside the preview that finds it old. Only a class of which nothing is kept makes a preview wait, and not for longer than the deadline.
import { ActorClasses } from '../../../actors/classes.js'
import type { Config } from '../../../config/config.js'
import type { ActorClass } from '../../../config/options.js'
import { errorText } from '../../../errors.js'
import type { Logger } from '../../../log.js'
import type { Clock } from '../../../time/clock.js'
import { runWithin } from '../../../time/run-within.js'
import { mostSampled, readSample, type Sample } from './read-sample.js'

export interface ActorSamplesOptions {
  readonly actors: Config['actors']
  readonly clock: Clock
  readonly logger: Logger
  /** Runs it, and leaves the stack of checks as it was, also where the application's code was ended in the middle of one. */
  readonly keepingStack: <T>(run: () => T) => T
  /** How long a sample may take. Default: 2 seconds. */
  readonly waitMs?: number
}

/** What is known of a class. */
export interface Sampled {
  /** Null where the class has no sample, or nothing came of it yet. */
  readonly sample: Sample | null
  /** What is wrong with it; null where nothing is. */
  readonly fault: string | null
}

interface Kept {
  sample: Sample | null
  fault: string | null
  /** From then on it is asked again. */
  againAtMs: number
  running: Promise<void> | null
}

const usualWaitMs = 2_000
const keptMs = 10 * 60_000
/** After a failure. One that is still under way then has been forgotten. */
const afterFaultMs = 60_000

export class ActorSamples {
  readonly classes: ActorClasses
  readonly #options: ActorSamplesOptions
  readonly #waitMs: number
  readonly #kept = new Map<string, Kept>()
  /** The faults that were logged, until the sample is sound again. */
  readonly #logged = new Map<string, string>()

  constructor(options: ActorSamplesOptions) {
    this.#options = options
    this.#waitMs = options.waitMs ?? usualWaitMs
    this.classes = new ActorClasses(options.actors)
  }

  /** The classes with a sample, in the order of the configuration. */
  get sampled(): readonly string[] {
    return [...(this.#options.actors ?? [])].flatMap(([name, { sample }]) => (sample === undefined ? [] : [name]))
  }

  /** What the application gives of a class. Never rejects, and takes 2 seconds at most. */
  async of(className: string): Promise<Sampled> {
    const give = this.#options.actors?.get(className)?.sample
    if (give === undefined) return { sample: null, fault: null }
    const kept = this.#keptOf(className)
    if (kept.running === null && this.#options.clock.now() >= kept.againAtMs) {
      kept.running = this.#renew(className, give, kept).finally(() => {
        kept.running = null
      })
    }
    if (kept.sample === null && kept.running !== null) await kept.running
    return { sample: kept.sample, fault: kept.fault }
  }

  #keptOf(className: string): Kept {
    const kept = this.#kept.get(className) ?? { sample: null, fault: null, againAtMs: 0, running: null }
    this.#kept.set(className, kept)
    return kept
  }

  /** Never rejects. */
  async #renew(className: string, give: NonNullable<ActorClass['sample']>, kept: Kept): Promise<void> {
    const { clock } = this.#options
    try {
      const given = await this.#answer(give)
      const { sample, fault } = this.#inTime(() => readSample(given, className, this.classes))
      kept.sample = sample
      kept.fault = fault
    } catch (error) {
      kept.fault = errorText(error)
    }
    kept.againAtMs = clock.now() + (kept.fault === null ? keptMs : afterFaultMs)
    this.#log(className, kept.fault)
  }

  /** What comes too late is not used: the caller was told to stop. */
  #answer(give: NonNullable<ActorClass['sample']>): Promise<unknown> {
    const stop = new AbortController()
    return new Promise((resolve, reject) => {
      const timer = this.#options.clock.after(this.#waitMs, () => {
        reject(this.#tooSlow())
        stop.abort()
      })
      // In an async function: one that throws is like one that rejects.
      const begin = () => (async () => give({ limit: mostSampled, signal: stop.signal }))()
      // What it does before it first waits for something has this thread for itself, and what it gives may be code, too.
      const giving = (async () => this.#inTime(begin))()
      giving.then(resolve, reject).finally(() => timer.cancel())
    })
  }

  /** Runs code of the application, which may never return. Throws what it throws, and an Error where it was ended. */
  #inTime<T>(run: () => T): T {
    const done = this.#options.keepingStack(() => runWithin(this.#waitMs, run))
    if (done === null) throw this.#tooSlow()
    return done.value
  }

  #tooSlow(): Error {
    return new Error(`it took longer than ${this.#waitMs / 1_000} seconds`)
  }

  /** Once for each fault, until the sample is sound again. */
  #log(className: string, fault: string | null): void {
    if (fault === null) {
      this.#logged.delete(className)
      return
    }
    if (this.#logged.get(className) === fault) return
    this.#logged.set(className, fault)
    const message = `feature flags: actors.${className}.sample of the configuration failed, and previews count without it: ${fault}`
    this.#options.logger.warn({ actors: className }, message)
  }
}
