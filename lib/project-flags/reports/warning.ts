// A warning: what is probably not meant, in the flags of a project (content-warnings.ts) or in what its SDKs say (client-warnings.ts).

export type WarningKind =
  | 'sdk_too_old'
  | 'unknown_environment'
  | 'polling_stopped'
  | 'active_without_strategies'
  | 'ids_differ'
  | 'shared_group_id'

export interface Warning {
  readonly kind: WarningKind
  /** What was found, with the names that it is about. */
  readonly problem: string
  /** What to do. */
  readonly remedy: string
  /** The flags that it is about. */
  readonly flags?: readonly string[]
  readonly environment?: string
  readonly app?: string
  readonly sdk?: string
}
