// Whether a failed attempt to connect leaves another way to try, as libpq does it for `sslmode=prefer` (encrypted, otherwise plain)
// and `allow` (plain, otherwise encrypted).
import { DatabaseError, type Connection } from 'pg'
import { isTlsFault, isWithoutTls } from './tls-fault.js'

/** Whether the other way may succeed. A wrong password or a server that is away would fail there too. */
export function mayTryNext(error: unknown, encrypted: boolean): boolean {
  return isRuleRefusal(error) || (encrypted && isTlsFault(error))
}

/** The failure that tells most. That a rule or the lack of TLS closed one of the ways is no news where the other failed too. */
export function failureToTell(before: unknown, last: unknown): unknown {
  const failures = before === null ? [last] : [last, before]
  const other = failures.find((failure) => !isRuleRefusal(failure) && !isWithoutTls(failure))
  return other ?? failures.find(isRuleRefusal) ?? last
}

/** Nothing that this connection still says reaches its client any more. */
export function endFailed(connection: Connection): void {
  connection.removeAllListeners()
  connection.on('error', () => {}) // Of a connection that is given up.
  connection.stream.destroy()
}

/** No line of pg_hba.conf allows this user, from this address, in this way. */
function isRuleRefusal(error: unknown): boolean {
  return error instanceof DatabaseError && error.code === '28000'
}
