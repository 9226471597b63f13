// Opens the experiments of an instance at their first use: an application without experiments never loads them.
import type { Config } from '../config/config.js'
import type { Experiments, ExperimentsOptions } from '../feature/experiment/experiments.js'
import type { KeptVariants } from '../experiments/kept-variants.js'
import type { AssignmentStore } from '../store/store.js'
import { systemClock } from '../time/clock.js'

export interface ExperimentParts extends Omit<ExperimentsOptions, 'kept' | 'now' | 'config'> {
  readonly config: Config
  /** Null before start(): then variants are computed. */
  readonly store: AssignmentStore | null
}

export class InstanceExperiments {
  readonly #parts: ExperimentParts
  #opening: Promise<Experiments> | null = null
  #kept: KeptVariants | null = null
  #closed = false

  constructor(parts: ExperimentParts) {
    this.#parts = parts
  }

  /** Resolves with the same at each call. */
  open(): Promise<Experiments> {
    this.#opening ??= this.#open()
    return this.#opening
  }

  /** From now on variants are computed. */
  close(): void {
    this.#closed = true
    this.#kept?.close()
  }

  async #open(): Promise<Experiments> {
    const [{ Experiments }, { KeptVariants }] = await Promise.all([
      import('../feature/experiment/experiments.js'),
      import('../experiments/kept-variants.js'),
    ])
    const { store, config } = this.#parts
    this.#kept = store === null ? null : new KeptVariants({ store, clock: systemClock, logger: config.logger })
    if (this.#closed) this.#kept?.close()
    return new Experiments({ ...this.#parts, kept: this.#kept, now: Date.now })
  }
}
