// Which runtime an instance has: none → (first call) → prepared → (start) → started → (stop) → prepared, with the last answers.
import { loadConfigFile } from '../config/file.js'
import { resolveConfig, resolveForChecks, resolveWithDatabase } from '../config/config.js'
import type { FeatureOptions } from '../config/options.js'
import { FeatureError } from '../errors.js'
import type { Lifecycle, Runtime, StartedRuntime } from '../feature/runtime.js'
import { holding } from '../time/hold.js'
import { type InstanceOptions, Lasting, prepareRuntime, startRuntime } from './runtime.js'
import { closeStores, openStores } from './stores.js'

export class InstanceLifecycle implements Lifecycle {
  readonly #instance: InstanceOptions
  readonly #options: FeatureOptions
  readonly #lasting = new Lasting()
  readonly #listeners: ((runtime: Runtime) => void)[] = []
  #runtime: Runtime | null = null
  #started: StartedRuntime | null = null
  #starting: Promise<void> | null = null

  constructor(instance: InstanceOptions, options: FeatureOptions) {
    this.#instance = instance
    this.#options = options
  }

  get runtime(): Runtime {
    return this.#runtime ?? this.#take(prepareRuntime(resolveForChecks(this.#options), this.#lasting))
  }

  get started(): StartedRuntime {
    if (this.#started === null)
      throw new FeatureError('not_started', {
        problem: 'feature flags are not started',
        remedy: 'await Feature.start() first',
      })
    return this.#started
  }

  subscribe(listener: (runtime: Runtime) => void): void {
    this.#listeners.push(listener)
  }

  async start(options: FeatureOptions): Promise<void> {
    if (this.#starting !== null && Object.keys(options).length > 0) {
      throw new FeatureError('invalid_arguments', {
        problem: 'feature flags are started already',
        remedy: 'call stop() before start() with other options',
      })
    }
    this.#starting ??= holding(this.#open({ ...this.#options, ...options }))
    return this.#starting
  }

  async stop(): Promise<void> {
    const starting = this.#starting
    await starting?.catch(() => {
      // start() told its caller; there is nothing left to close then.
    })
    const started = this.#started
    this.#started = null
    if (this.#starting === starting) this.#starting = null
    if (started !== null) await holding(started.close())
  }

  async #open(options: FeatureOptions): Promise<void> {
    try {
      this.#started = await this.#build(options)
      this.#take(this.#started)
    } catch (error) {
      this.#starting = null
      throw error
    }
  }

  async #build(options: FeatureOptions): Promise<StartedRuntime> {
    const file = await loadConfigFile(resolveConfig(options).root)
    const config = await resolveWithDatabase(options, file)
    const stores = await (this.#instance.openStores ?? openStores)(config, this.#instance.progress ?? config.logger)
    try {
      return await startRuntime(config, stores, this.#lasting, this.#instance)
    } catch (error) {
      await closeStores(stores)
      throw error
    }
  }

  #take(runtime: Runtime): Runtime {
    this.#runtime = runtime
    for (const listener of this.#listeners) listener(runtime)
    return runtime
  }
}
