// What applications look at, and how an instance begins and ends: the public methods beside checks and changes; feature.ts has them.
import type { FeatureOptions } from '../config/options.js'
import type { ReplicaCounts, ReplicaStatus } from '../replica/replica.js'
import type { HistoryEntry } from '../store/store.js'
import type { ChangesQuery, HistoryQuery } from './history/changes-query.js'
import type { ChangesPage } from './history/flag-history.js'
import type { FlagDescription } from './describe.js'
import type { ChangeListener } from './events.js'
import type { FlagName } from './flag-name.js'

export interface FlagOverview {
  /**
   * Opens the store, loads the definitions and has a first snapshot; ready within 2 s even when nothing can be reached. A second
   * call waits for the first. Rejects with ConfigurationError, with InvalidFeatureFlagError for an invalid definition in strict
   * mode, and with FeatureError (`invalid_arguments`) for options while it is started already.
   *
   * @example
   * await Feature.start({ databaseUrl: 'postgres://db.example.com/app' })
   */
  start(options?: FeatureOptions): Promise<void>

  /**
   * Ends connections, timers and watchers; checks go on answering from the last snapshot, and the first of them is a warning in the
   * log. Safe to call twice.
   *
   * @example
   * process.once('SIGTERM', () => Feature.stop())
   */
  stop(): Promise<void>

  /**
   * Name, state, gates and definition of one flag, from memory. A flag that is not stored has the state `off`.
   *
   * @example
   * const { state, gates } = Feature.get('dark_mode')
   */
  get(name: FlagName): FlagDescription

  /**
   * All stored flags by name, from memory (GitLab: `Feature.all`).
   *
   * @example
   * const open = Feature.all().filter(({ state }) => state === 'on')
   */
  all(): FlagDescription[]

  /**
   * The names of all stored flags, sorted, from memory.
   *
   * @example
   * console.log(Feature.persistedNames().join('\n'))
   */
  persistedNames(): string[]

  /**
   * Whether anything is stored of the flag, from memory; a stored flag's default no longer counts.
   *
   * @example
   * if (!Feature.persisted('dark_mode')) console.log('its default counts')
   */
  persisted(name: FlagName): boolean

  /**
   * How current this process is, and what is wrong: `warnings` is empty while all is well.
   *
   * @example
   * const { position, ageMs, degraded, warnings } = Feature.status()
   */
  status(): ReplicaStatus

  /**
   * How often the process read the store, by kind, and how many hints it heard, since its start. Throws FeatureError
   * (`not_started`).
   *
   * @example
   * const { refreshes } = Feature.counts()
   */
  counts(): ReplicaCounts

  /**
   * Calls the listener for each flag that changed, when checks answer accordingly; returns a function that ends it. An error of the
   * listener is logged. Throws FeatureError (`invalid_arguments`) for another event.
   *
   * @example
   * const end = Feature.on('change', ({ name, after }) => console.log(name, after?.state))
   */
  on(event: 'change', listener: ChangeListener): () => void

  /**
   * Reads the store now, and resolves when this process answers accordingly. Rejects with StoreUnavailable, and with FeatureError
   * (`not_started`).
   *
   * @example
   * await Feature.refresh()
   */
  refresh(): Promise<void>

  /**
   * The newest rows of the history, newest first. Rejects with StoreUnavailable, and with FeatureError
   * (`not_started`; `invalid_arguments` for a limit that is not a whole number from 0 on).
   *
   * @example
   * const entries = await Feature.history({ feature: 'dark_mode', limit: 20 })
   */
  history(query: HistoryQuery): Promise<readonly HistoryEntry[]>

  /**
   * The history as changes, newest first: one entry for each change, however many flags and rows it wrote. Rejects as `history`, and with FeatureError
   * (`invalid_point` for `from` and `to`).
   *
   * @example
   * const { changes, next } = await Feature.changes({ feature: 'dark_mode', from: '7d' })
   * const older = next === null ? null : await Feature.changes({ feature: 'dark_mode', before: next })
   */
  changes(query?: ChangesQuery): Promise<ChangesPage>
}
