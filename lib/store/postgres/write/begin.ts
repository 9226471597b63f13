// How the transaction of a change begins: its settings, which the triggers write into the history, and its limits.
import { escapeLiteral } from 'pg'
import type { ChangeOrigin } from '../../change-origin.js'

/** The server gives up a little earlier than the client: its error leaves the connection usable, the client's does not. */
export function serverLimit(timeoutMs: number): string {
  return String(Math.ceil(timeoutMs * 0.9))
}

/** The number of statements in it. */
export const beginStatements = 2

/** Begins a transaction under the settings of a change: its author for the history, and its limits. */
export function beginSql({ author, source, reason, id }: ChangeOrigin, timeoutMs: number, lockMs: number): string {
  // Settings of the transaction only: a session's settings would stay with the next user of the pooled connection. UTC,
  // because a Rails application's timestamp columns have no zone and hold UTC.
  const settings = {
    timezone: 'UTC',
    statement_timeout: serverLimit(timeoutMs),
    lock_timeout: String(lockMs),
    idle_in_transaction_session_timeout: String(Math.ceil(timeoutMs)),
    'sluice.author': author,
    'sluice.source': source,
    'sluice.reason': reason ?? '',
    'sluice.change_id': id,
  }
  // Quoted, and not as parameters: several statements fit in one message only without parameters, and each message costs a
  // quarter of a millisecond on both sides.
  const set = Object.entries(settings).map(([name, value]) => `set_config('${name}', ${escapeLiteral(value)}, true)`)
  return `begin isolation level read committed; select ${set.join(', ')}`
}
