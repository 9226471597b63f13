// The pool of connections, with the settings whose defaults would hang or crash.
// Nothing here depends on a session: the connection may lead through PgBouncer in transaction mode, or to PGlite, where
// all clients share one session. So: no startup parameters, no named statements, no session settings.
import pg, { type ClientConfig, type Pool } from 'pg'
import { errorText } from '../errors.js'
import type { Logger } from '../log.js'

export interface PoolOptions {
  readonly connection: ClientConfig
  readonly logger: Logger
  /** An unused connection is closed after this time. */
  readonly closeIdleAfterMs: number
  readonly connectTimeoutMs: number
}

/** A pool that connects at its first query and never keeps the process alive while idle. */
export function openPool(options: PoolOptions): Pool {
  const pool = new pg.Pool({
    ...options.connection,
    // One for the reader, one for the writer: a process never needs more, and 40 processes must not exhaust a server.
    max: 2,
    connectionTimeoutMillis: options.connectTimeoutMs,
    idleTimeoutMillis: options.closeIdleAfterMs,
    maxLifetimeSeconds: 1_800,
    keepAlive: true,
    allowExitOnIdle: true,
  })
  // Without a handler an idle connection that the server closes would end the process; the next query reconnects.
  pool.on('error', (error) => options.logger.debug({ error: errorText(error) }, 'an idle Postgres connection was lost'))
  return pool
}

/** How long an unused connection is kept from now on. */
export function keepIdle(pool: Pool, ms: number): void {
  pool.options.idleTimeoutMillis = ms
}

/** Which database a connection leads to, for messages: host, port and name, never user or password. */
export function placeOf(connection: ClientConfig): string {
  const { connectionString } = connection
  if (connectionString === undefined) {
    return `${connection.host ?? 'localhost'}:${connection.port ?? 5432}/${connection.database ?? ''}`
  }
  if (!URL.canParse(connectionString)) return 'the configured URL'
  const url = new URL(connectionString)
  return `${url.hostname || url.searchParams.get('host') || 'localhost'}:${url.port || 5432}${url.pathname}`
}
