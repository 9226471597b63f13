// Which runtime an instance has: none → (first call) → prepared → (start) → started → (stop) → prepared, with the last answers.
import { loadConfigFile } from '../config/file.js'
import { resolveConfig, resolveForChecks, resolveWithDatabase } from '../config/config.js'
import type { FeatureOptions } from '../config/options.js'
import { checkOptions } from '../config/shape.js'
import { FeatureError } from '../errors.js'
import type { Lifecycle, Runtime, StartedRuntime } from '../feature/runtime.js'
import { holding } from '../time/hold.js'
import { type Idle, IdleReports } from './lifecycle-log.js'
import { type InstanceOptions, Lasting, prepareRuntime, startRuntime } from './runtime.js'
import { closeStores, openStores } from './stores.js'

export class InstanceLifecycle implements Lifecycle {
  readonly #instance: InstanceOptions
  readonly #options: FeatureOptions
  readonly #lasting = new Lasting()
  readonly #listeners: ((started: StartedRuntime | null) => void)[] = []
  readonly #reports = new IdleReports()
  #idle: Idle = 'never started'
  #runtime: Runtime | null = null
  #started: StartedRuntime | null = null
  #starting: Promise<void> | null = null

  constructor(instance: InstanceOptions, options: FeatureOptions) {
    this.#instance = instance
    this.#options = options
  }

  /** Whether a runtime was built. */
  get isUsed(): boolean {
    return this.#runtime !== null
  }

  get runtime(): Runtime {
    return this.#runtime ?? this.#take(prepareRuntime(resolveForChecks(this.#options), this.#lasting))
  }

  get started(): StartedRuntime {
    if (this.#started !== null) return this.#started
    const stopped = this.#idle === 'stopped'
    throw new FeatureError('not_started', {
      problem: stopped ? 'feature flags were stopped' : 'feature flags are not started',
      remedy: stopped ? 'call stop() after the last change, or await start() again' : 'await Feature.start() first',
    })
  }

  subscribe(listener: (started: StartedRuntime | null) => void): void {
    this.#listeners.push(listener)
  }

  idle(flag: string | null): Runtime {
    const { runtime } = this
    this.#reports.say(this.#idle, flag, runtime.config, runtime.replica !== null)
    return runtime
  }

  async start(options: FeatureOptions): Promise<void> {
    checkOptions(options, 'options')
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
    if (started !== null) {
      this.#idle = 'stopped'
      this.#tell(null)
    }
    if (started !== null) await holding(started.close())
  }

  async #open(options: FeatureOptions): Promise<void> {
    this.#idle = 'starting'
    try {
      const started = await this.#build(options)
      this.#started = started
      this.#take(started)
      this.#tell(started)
    } catch (error) {
      this.#idle = 'start failed'
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
    return runtime
  }

  #tell(started: StartedRuntime | null): void {
    for (const listener of this.#listeners) listener(started)
  }
}
