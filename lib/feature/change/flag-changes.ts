// What applications change. The public methods of a change, with what each does and throws; feature.ts has them.
//
// Every change is one transaction. Its promise resolves after COMMIT, when this process answers accordingly, and rejects with
// InvalidFeatureFlagError (`unknown_flag`, `invalid_name`, `invalid_actor`, `actor_kind_mismatch`), InvalidOperation (`limit_exceeded` and those named
// below), FeatureError (`invalid_arguments`, `invalid_value` for a NUL character, `not_started`, `store_rejected`),
// StoreUnavailable if nothing was written, and OutcomeUnknown if the connection was lost during COMMIT. With `wait` it also
// rejects with FeatureError (`processes_lag`, `cache_unavailable`), and then the change is stored.
import type { FlagName, KindOf } from '../flag-name.js'
import type { PointText } from '../history/point.js'
import type { OptOutsOf, TargetsOf } from './arguments.js'
import type { WriteContext } from './write-context.js'
import type { StateExport } from './export-import.js'
import type { FlagOperation } from './operations.js'
import type { Preview } from './preview/preview.js'

export interface PreviewOptions {
  /** As of a change: previews a flag without a definition, too, and leaves the warning of the default-on trap out. Default: false. */
  readonly force?: boolean
}

export interface RestoreContext extends WriteContext {
  /** Whether to restore also where it is not known of some rows whether they were stored then. Default: false. */
  readonly acceptUntracked?: boolean
}

export interface FlagChanges {
  /**
   * Turns the flag on for everybody: all other gates are cleared.
   *
   * @example
   * await Feature.enable('dark_mode')
   */
  enable(name: FlagName): Promise<void>
  /**
   * Turns the flag on for actors or groups, or with `true` for everybody. Rejects also with InvalidOperation: `default_on_trap` where a row for some would turn
   * a default-on flag off for all others, `opted_out` for an actor that has opted out.
   *
   * @example
   * await Feature.enable('dark_mode', project)
   * await Feature.enable('dark_mode', [Feature.group('staff'), user], { reason: 'beta' })
   * await Feature.enable('dark_mode', true, { reason: 'release 1.4' })
   */
  enable<Name extends FlagName>(
    name: Name,
    target: true | TargetsOf<KindOf<Name>>,
    context?: WriteContext,
  ): Promise<void>

  /**
   * Turns the flag off for everybody: all gates are cleared, opt-outs too. The flag stays stored, so its default does not count.
   *
   * @example
   * await Feature.disable('dark_mode')
   */
  disable(name: FlagName): Promise<void>
  /**
   * Takes actors or groups off the flag's lists, or with `false` turns it off for everybody. A percentage may still open it for them: `optOut` denies. Rejects also
   * with InvalidOperation (`default_on_trap`).
   *
   * @example
   * await Feature.disable('dark_mode', project, { reason: 'support case' })
   */
  disable<Name extends FlagName>(
    name: Name,
    target: false | TargetsOf<KindOf<Name>>,
    context?: WriteContext,
  ): Promise<void>

  /**
   * Opens the flag to a share of actors, 0 to 100 percent, always the same ones. Rejects also with `invalid_percentage`, and with
   * InvalidOperation (`already_enabled`) where the flag is on for everybody.
   *
   * @example
   * await Feature.enablePercentageOfActors('dark_mode', 25)
   */
  enablePercentageOfActors(name: FlagName, percentage: number, context?: WriteContext): Promise<void>

  /**
   * Sets the percentage of actors to 0. Rejects also with InvalidOperation (`default_on_trap`).
   *
   * @example
   * await Feature.disablePercentageOfActors('dark_mode')
   */
  disablePercentageOfActors(name: FlagName, context?: WriteContext): Promise<void>

  /**
   * Opens the flag to a share of checks, 0 to 100 percent, at random: two checks of one actor may differ. Rejects as
   * `enablePercentageOfActors`.
   *
   * @example
   * await Feature.enablePercentageOfTime('sampled_tracing', 1)
   */
  enablePercentageOfTime(name: FlagName, percentage: number, context?: WriteContext): Promise<void>

  /**
   * Sets the percentage of time to 0. Rejects also with InvalidOperation (`default_on_trap`).
   *
   * @example
   * await Feature.disablePercentageOfTime('sampled_tracing')
   */
  disablePercentageOfTime(name: FlagName, context?: WriteContext): Promise<void>

  /**
   * Denies the flag to actors, whatever its gates say, until the flag is enabled or disabled for everybody. Rejects also with
   * InvalidOperation (`default_on_trap`).
   *
   * @example
   * await Feature.optOut('dark_mode', project)
   */
  optOut<Name extends FlagName>(name: Name, actor: OptOutsOf<KindOf<Name>>, context?: WriteContext): Promise<void>

  /**
   * Takes opt-outs back; nothing happens where there is none.
   *
   * @example
   * await Feature.removeOptOut('dark_mode', project)
   */
  removeOptOut<Name extends FlagName>(name: Name, actor: OptOutsOf<KindOf<Name>>, context?: WriteContext): Promise<void>

  /**
   * Deletes what is stored of the flag, so that its default counts again; nothing happens where nothing is stored. The flag needs
   * no definition.
   *
   * @example
   * await Feature.remove('dark_mode')
   */
  remove(name: FlagName, context?: WriteContext): Promise<void>

  /**
   * What operations would do, from what is stored now; nothing is written. Rejects with what the change would be refused with; the
   * default-on trap is a warning instead, with operations that do what was probably meant.
   *
   * @example
   * const { after, effect } = await Feature.preview('dark_mode', [{ op: 'percentage_of_actors', value: 50 }])
   * console.log(after.summary, `${effect.gain} of ${effect.known} known actors gain it`)
   */
  preview(name: FlagName, operations: readonly FlagOperation[], options?: PreviewOptions): Promise<Preview>

  /**
   * Undoes one change, on all its flags, in one transaction; later changes to other gates stay. Resolves with the names of the flags.
   * Rejects also with InvalidOperation (`not_restorable`) where what the change did was changed again, with FeatureError (`not_found`)
   * for an id that the history does not have, and with StoreUnavailable (`store_conflict`).
   *
   * @example
   * const [newest] = await Feature.history({ feature: 'dark_mode', limit: 1 })
   * if (newest?.changeId) await Feature.undo(newest.changeId, { reason: 'too many errors' })
   */
  undo(changeId: string, context?: WriteContext): Promise<string[]>

  /**
   * Brings back exactly the rows that a flag had at a point in the past: after a change (its id), at a revision, at a position, at a time, or so
   * long ago. What was changed since goes, also what other people changed. Rejects also with FeatureError (`invalid_point` for what is not a point or is in the
   * future, `not_in_history` for one that the history does not reach), with InvalidOperation (`not_restorable`) where a program wrote past the
   * triggers so that some rows are not known, and with StoreUnavailable (`store_conflict`).
   *
   * @example
   * await Feature.restore('dark_mode', '2h', { reason: 'the rollout went wrong' })
   * await Feature.restore('dark_mode', '2026-11-20T10:00Z')
   */
  restore(name: FlagName, to: PointText, context?: RestoreContext): Promise<void>

  /**
   * Everything stored, as data for `import`. Rejects with StoreUnavailable, and with FeatureError (`not_started`).
   *
   * @example
   * await writeFile('flags.json', JSON.stringify(await Feature.export()))
   */
  export(): Promise<StateExport>

  /**
   * Stores the flags of an export, or of Flipper's JSON export, exactly as they are there, all of them or none; flags that it does
   * not name stay. Resolves with the names. Rejects also with FeatureError (`invalid_import`) for data that is not an export.
   *
   * @example
   * await Feature.import(JSON.parse(await readFile('flags.json', 'utf8')), { reason: 'copied from staging' })
   */
  import(data: unknown, context?: WriteContext): Promise<string[]>
}
