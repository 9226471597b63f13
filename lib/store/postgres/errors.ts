// Turns pg's errors into errors of this package: Postgres could not be reached, other writers got in the way, or it refused.
import { DatabaseError } from 'pg'
import { ConfigurationError, errorText, FeatureError, StoreUnavailable } from '../../errors.js'
import { LayoutChanged } from './existing-tables.js'
import { programName } from '../../text/program-name.js'
import { loginRemedy, reachRemedy } from './connection/remedies.js'
import { isTlsFault } from './connection/tls-fault.js'

/** The transaction lost against other writers: another try may succeed. */
export function isConflict(error: unknown): boolean {
  return error instanceof DatabaseError && (error.code === '40001' || error.code === '40P01')
}

/** The table that was found before is gone, or our rights on it are gone, or another database answers. */
export function isStaleLayout(error: unknown): boolean {
  if (error instanceof LayoutChanged) return true
  return error instanceof DatabaseError && (error.code === '42P01' || error.code === '42501' || error.code === '3F000')
}

/** Conditions under which the server works, but not for this process now: shutting down, full, too slow, no login. */
const unavailable = /^(08|28|53|57P|58)|^(57014|25P03|25P04|3D000)$/

/** The error to throw for an error of pg; `place` names the database in messages, without its password. */
export function storeError(error: unknown, place: string): Error {
  if (error instanceof FeatureError) return error
  if (error instanceof LayoutChanged) {
    const problem = `Postgres at "${place}" is not one database: ${error.message} between two questions`
    return new StoreUnavailable('store_unavailable', { problem, remedy: 'try again', cause: error })
  }
  if (error instanceof DatabaseError) return rejection(error, place)
  if (isConnectionFault(error)) {
    const problem = `Postgres at "${place}" could not be reached: ${errorText(error)}`
    return new StoreUnavailable('store_unavailable', { problem, remedy: reachRemedy(error, place), cause: error })
  }
  if (error instanceof TypeError && 'code' in error && error.code === 'ERR_INVALID_URL') {
    return new ConfigurationError({
      problem: 'DATABASE_URL is not a valid Postgres URL',
      remedy: 'write postgres://user@host:5432/database',
    })
  }
  if (error instanceof Error) return error
  return new FeatureError('internal', { problem: String(error), remedy: 'look into the log, and report this' })
}

function rejection(error: DatabaseError, place: string): FeatureError {
  const code = error.code ?? ''
  const cause = { cause: error }
  const said = `${errorText(error)} (${code})`
  if (code === '25006') {
    const problem = `Postgres at "${place}" is read-only: it is a standby or in maintenance`
    return new StoreUnavailable('store_unavailable', { problem, remedy: 'point DATABASE_URL at the primary', ...cause })
  }
  if (isConflict(error) || code === '55P03') {
    const problem = `other writers kept getting in the way: ${said}`
    return new StoreUnavailable('store_conflict', { problem, remedy: 'try again', ...cause })
  }
  if (unavailable.test(code)) {
    const problem = `Postgres at "${place}" is not usable now: ${said}`
    return new StoreUnavailable('store_unavailable', { problem, remedy: loginRemedy(error), ...cause })
  }
  if (code === '42501') {
    const remedy = `run ${programName()} migrate --grant ROLE as the owner of the tables`
    return new FeatureError('store_rejected', { problem: `Postgres refused: ${said}`, remedy, ...cause })
  }
  const remedy = 'check the rights, constraints and triggers of the tables'
  return new FeatureError('store_rejected', { problem: `Postgres refused a statement: ${said}`, remedy, ...cause })
}

/** pg reports a lost or silent connection as a plain Error, the network as an Error with a code. */
export function isConnectionFault(error: unknown): error is Error {
  if (!(error instanceof Error) || error instanceof TypeError || error instanceof RangeError) return false
  if (error instanceof AggregateError) return error.errors.some(isConnectionFault)
  if ('syscall' in error || isTlsFault(error)) return true
  return /connection|timeout|socket|SASL|SSL|not queryable|password/i.test(error.message)
}
