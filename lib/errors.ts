// Every error code, in one table: code, the HTTP status it becomes, and what it means (docs/errors.md lists the same).
import { oneLine, printableLines } from './text/printable.js'

interface ErrorEntry {
  readonly status: number
  readonly meaning: string
}

export const errorTable = {
  unknown_flag: { status: 400, meaning: 'a flag was used or written that has no definition' },
  flag_type_mismatch: { status: 400, meaning: 'a check named another type than the definition' },
  invalid_actor: { status: 400, meaning: 'a thing was given as an actor that is none' },
  invalid_arguments: { status: 400, meaning: 'a call was given arguments that do not fit together' },
  invalid_definition: { status: 400, meaning: 'a definition file breaks a rule' },
  duplicate_definition: { status: 400, meaning: 'a flag is defined in two files' },
  invalid_name: { status: 400, meaning: 'a name is not a valid flag, gate or group name' },
  invalid_percentage: { status: 400, meaning: 'a percentage is not a number from 0 to 100' },
  invalid_value: { status: 400, meaning: 'a value to set is none that the flag takes' },
  percentage_with_target: { status: 400, meaning: 'a percentage was given together with a target' },
  percentage_without_key: { status: 400, meaning: 'a percentage was given without saying of what' },
  unknown_target: { status: 400, meaning: 'a target (project, group, user …) was not found' },
  unknown_group: { status: 400, meaning: 'a group was named that is not registered' },
  already_enabled: { status: 400, meaning: 'a percentage was set on a flag that is already fully on' },
  opted_out: { status: 400, meaning: 'an opted-out actor was to be enabled, or no opt-out was there to remove' },
  default_on_trap: {
    status: 400,
    meaning: 'a write for one actor would turn a default-on flag off for everybody else',
  },
  limit_exceeded: { status: 400, meaning: 'a write would go over a configured limit' },
  recursion: { status: 500, meaning: 'a flag was asked again while it was being decided' },
  invalid_configuration: { status: 500, meaning: 'the configuration is wrong' },
  invalid_import: { status: 400, meaning: 'an import file is not a valid export' },
  not_started: { status: 503, meaning: 'a write or a read of the store came before start() or after stop()' },
  not_migrated: { status: 503, meaning: 'the database lacks the tables; run bin/feature-flag migrate' },
  store_unavailable: { status: 503, meaning: 'the store could not be reached; nothing was written' },
  outcome_unknown: { status: 503, meaning: 'the connection was lost while committing; the write may have happened' },
  store_conflict: { status: 503, meaning: 'other writers kept getting in the way; nothing was written' },
  processes_lag: { status: 504, meaning: 'the change is stored, but not all processes confirmed it in time' },
  cache_unavailable: { status: 503, meaning: 'the other processes could not be asked; what was written is stored' },
  store_rejected: { status: 500, meaning: 'the store refused a statement; nothing was written' },
  invalid_request: { status: 400, meaning: 'a request has a missing or malformed part' },
  unauthorized: { status: 401, meaning: 'the token is missing, wrong, expired or revoked' },
  forbidden: { status: 403, meaning: 'the token lacks the scope' },
  not_found: { status: 404, meaning: 'there is nothing at this address' },
  payload_too_large: { status: 413, meaning: 'the body is larger than the limit' },
  misdirected_request: { status: 421, meaning: 'the request names a host that this server does not answer for' },
  unsupported_media_type: { status: 415, meaning: 'the body is neither JSON nor a form' },
  rate_limited: { status: 429, meaning: 'too many requests; wait as Retry-After says' },
  internal: { status: 500, meaning: 'an unforeseen error; the log has the details' },
} as const satisfies Record<string, ErrorEntry>

export type ErrorCode = keyof typeof errorTable

export interface ErrorOptions {
  readonly cause?: unknown
}

/** The base of every error this package throws; `code` is stable and listed in docs/errors.md. */
export class FeatureError extends Error {
  readonly code: ErrorCode

  constructor(code: ErrorCode, message: string, options: ErrorOptions = {}) {
    // Here and not where each message is made: names, values and answers of servers in it come from outside.
    super(printableLines(message), 'cause' in options ? { cause: options.cause } : {})
    this.code = code
    this.name = new.target.name
  }

  /** The HTTP status that this error becomes. */
  get status(): number {
    return errorTable[this.code].status
  }
}

/** A flag, definition or actor is used wrongly (GitLab: `Feature::InvalidFeatureFlagError`). */
export class InvalidFeatureFlagError extends FeatureError {}

/** A change that contradicts what is stored (GitLab: `Feature::InvalidOperation`). */
export class InvalidOperation extends FeatureError {}

/** A flag was asked again while it was being decided (GitLab: `Feature::RecursionError`). */
export class RecursionError extends FeatureError {
  constructor(message: string) {
    super('recursion', message)
  }
}

/** The configuration (options, environment or file) is wrong. */
export class ConfigurationError extends FeatureError {
  constructor(message: string, options: ErrorOptions = {}) {
    super('invalid_configuration', message, options)
  }
}

/** The store could not be reached or used; nothing was written. */
export class StoreUnavailable extends FeatureError {}

/** The connection was lost during COMMIT and the outcome could not be found out. */
export class OutcomeUnknown extends FeatureError {
  constructor(message: string, options: ErrorOptions = {}) {
    super('outcome_unknown', message, options)
  }
}

/** The text of whatever was thrown, safe to log: on one line, printable, passwords in connection URLs cut out. */
export function errorText(error: unknown): string {
  const text = error instanceof Error ? error.message || error.name : String(error)
  return oneLine(text.replace(/\b([a-z][a-z0-9+.-]*:\/\/)[^\s/@]*@/gi, '$1[hidden]@'))
}
