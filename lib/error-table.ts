// Every error code, in one table: its class, its HTTP status, and its meaning (docs/errors.md lists the same).

/** The name of a class of errors. */
export type ErrorClass =
  | 'FeatureError'
  | 'InvalidFeatureFlagError'
  | 'InvalidOperation'
  | 'ConfigurationError'
  | 'StoreUnavailable'
  | 'OutcomeUnknown'

interface ErrorEntry {
  readonly class: ErrorClass
  readonly status: number
  readonly meaning: string
}

export const errorTable = {
  unknown_flag: {
    class: 'InvalidFeatureFlagError',
    status: 400,
    meaning: 'a flag was used or written that has no definition',
  },
  flag_type_mismatch: {
    class: 'InvalidFeatureFlagError',
    status: 400,
    meaning: 'in strict mode, a check named another type than the definition',
  },
  actor_kind_mismatch: {
    class: 'InvalidFeatureFlagError',
    status: 400,
    meaning: 'in strict mode, an actor was of another kind than the definition names',
  },
  invalid_actor: {
    class: 'InvalidFeatureFlagError',
    status: 400,
    meaning: 'a value given as an actor has no flipperId',
  },
  invalid_arguments: {
    class: 'FeatureError',
    status: 400,
    meaning: 'a call was given arguments that do not fit together',
  },
  invalid_definition: { class: 'InvalidFeatureFlagError', status: 400, meaning: 'a definition file breaks a rule' },
  duplicate_definition: { class: 'InvalidFeatureFlagError', status: 400, meaning: 'a flag is defined in two files' },
  invalid_name: { class: 'FeatureError', status: 400, meaning: 'a name is not a valid flag, gate or group name' },
  invalid_percentage: {
    class: 'InvalidFeatureFlagError',
    status: 400,
    meaning: 'a percentage is not a number from 0 to 100',
  },
  invalid_value: { class: 'FeatureError', status: 400, meaning: 'the value to set is not one that the flag takes' },
  percentage_with_target: {
    class: 'FeatureError',
    status: 400,
    meaning: 'a percentage was given together with a target',
  },
  percentage_without_key: {
    class: 'FeatureError',
    status: 400,
    meaning: 'a percentage was given without saying of what',
  },
  unknown_target: { class: 'FeatureError', status: 400, meaning: 'a target (project, group, user …) was not found' },
  unknown_group: { class: 'FeatureError', status: 400, meaning: 'the predicate of a group failed; only in the log' },
  already_enabled: {
    class: 'InvalidOperation',
    status: 400,
    meaning: 'a percentage was set on a flag that is already fully on',
  },
  opted_out: {
    class: 'InvalidOperation',
    status: 400,
    meaning: 'an opted-out actor was to be enabled, or no opt-out was there to remove',
  },
  default_on_trap: {
    class: 'InvalidOperation',
    status: 400,
    meaning: 'a write for one actor would turn a default-on flag off for everybody else',
  },
  limit_exceeded: { class: 'InvalidOperation', status: 400, meaning: 'a write would go over a configured limit' },
  unknown_variant: {
    class: 'FeatureError',
    status: 500,
    meaning: 'an actor is kept in a variant that the experiment no longer has; only in the log',
  },
  callback_failed: {
    class: 'FeatureError',
    status: 500,
    meaning: 'a function that an experiment was given failed; only in the log',
  },
  invalid_push: {
    class: 'InvalidFeatureFlagError',
    status: 400,
    meaning: 'a flag was pushed where no page can get it, or a page could not tell it from another one',
  },
  recursion: { class: 'FeatureError', status: 500, meaning: 'a flag was asked again while it was being decided' },
  invalid_configuration: { class: 'ConfigurationError', status: 500, meaning: 'the configuration is wrong' },
  invalid_import: { class: 'FeatureError', status: 400, meaning: 'an import file is not a valid export' },
  not_started: {
    class: 'FeatureError',
    status: 503,
    meaning: 'a write or a read of the store came before start() or after stop()',
  },
  no_test_scope: {
    class: 'FeatureError',
    status: 500,
    meaning: 'a flag was stubbed outside of a test, or after its end',
  },
  tests_disagree: {
    class: 'FeatureError',
    status: 500,
    meaning: 'tests that ran at once stubbed a flag differently, and code outside of them asked for it',
  },
  not_migrated: {
    class: 'StoreUnavailable',
    status: 503,
    meaning: 'the database lacks the tables; the command migrate makes them',
  },
  server_rights_missing: {
    class: 'StoreUnavailable',
    status: 503,
    meaning:
      'the login of the server may not keep sign-ins; the command migrate --grant-server ROLE gives it the rights',
  },
  store_unavailable: {
    class: 'StoreUnavailable',
    status: 503,
    meaning: 'the store could not be reached; nothing was written',
  },
  outcome_unknown: {
    class: 'OutcomeUnknown',
    status: 503,
    meaning: 'the connection was lost while committing; the write may have happened',
  },
  store_conflict: {
    class: 'StoreUnavailable',
    status: 503,
    meaning: 'other writers kept getting in the way; nothing was written',
  },
  processes_lag: {
    class: 'FeatureError',
    status: 504,
    meaning: 'the change is stored, but not all processes confirmed it in time',
  },
  cache_unavailable: {
    class: 'FeatureError',
    status: 503,
    meaning: 'the other processes could not be asked; what was written is stored',
  },
  store_rejected: { class: 'FeatureError', status: 500, meaning: 'the store refused a statement; nothing was written' },
  invalid_request: { class: 'FeatureError', status: 400, meaning: 'a request has a missing or malformed part' },
  unauthorized: { class: 'FeatureError', status: 401, meaning: 'the token is missing, wrong, expired or revoked' },
  csrf: {
    class: 'FeatureError',
    status: 403,
    meaning: 'a change by a person who is signed in did not come from a page of this server',
  },
  tls_needed: {
    class: 'FeatureError',
    status: 403,
    meaning: 'a person was to sign in over plain HTTP from another machine',
  },
  no_server: {
    class: 'FeatureError',
    status: 503,
    meaning: 'the command open found no server for its link',
  },
  forbidden: { class: 'FeatureError', status: 403, meaning: 'the token lacks the scope' },
  confirmation_needed: {
    class: 'FeatureError',
    status: 428,
    meaning: 'a person who is signed in was not shown this change as it is to be made',
  },
  not_found: { class: 'FeatureError', status: 404, meaning: 'there is nothing at this address' },
  payload_too_large: { class: 'FeatureError', status: 413, meaning: 'the body is larger than the limit' },
  misdirected_request: {
    class: 'FeatureError',
    status: 421,
    meaning: 'the request names a host that this server does not answer for',
  },
  unsupported_media_type: { class: 'FeatureError', status: 415, meaning: 'the body is neither JSON nor a form' },
  rate_limited: { class: 'FeatureError', status: 429, meaning: 'too many requests; wait as Retry-After says' },
  invalid_project_flag: {
    class: 'FeatureError',
    status: 400,
    meaning: "a project's flag or list breaks a rule of GitLab's",
  },
  changed_meanwhile: {
    class: 'FeatureError',
    status: 412,
    meaning: 'what was to be changed is no longer as the caller read it; nothing was written',
  },
  flag_changed: {
    class: 'InvalidOperation',
    status: 412,
    meaning: 'the flag no longer has the revision that the caller gave; nothing was written',
  },
  not_restorable: {
    class: 'InvalidOperation',
    status: 400,
    meaning:
      'a change cannot be undone because what it did was changed again, or a flag cannot be restored because its rows are not known',
  },
  invalid_point: {
    class: 'FeatureError',
    status: 400,
    meaning: 'a point in the past cannot be read, or is in the future',
  },
  not_in_history: {
    class: 'FeatureError',
    status: 400,
    meaning: 'the history does not reach back to a point in the past',
  },
  in_use: { class: 'FeatureError', status: 409, meaning: 'what was to be deleted is in use' },
  internal: { class: 'FeatureError', status: 500, meaning: 'an unforeseen error; the log has the details' },
} as const satisfies Record<string, ErrorEntry>

export type ErrorCode = keyof typeof errorTable

/** The codes that the table gives to a class. */
export type ErrorCodeOf<Class extends ErrorClass> = {
  [Code in ErrorCode]: (typeof errorTable)[Code]['class'] extends Class ? Code : never
}[ErrorCode]
