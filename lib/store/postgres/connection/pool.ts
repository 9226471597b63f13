// The pool of connections, with other settings where pg's defaults would hang or crash. Nothing here depends on a session: the
// connection may lead through PgBouncer in transaction mode, or to PGlite, where all clients share one session. So: no startup
// parameters, no named statements, no session settings.
import pg, { type ClientConfig, type Pool } from 'pg'
import type { ConnectionSource } from '../../../config/connection-source.js'
import { databasePlace } from '../../../config/database-url.js'
import { ConfigurationError, errorText } from '../../../errors.js'
import type { Logger } from '../../../log.js'
import { PostgresClient } from './client.js'
import { placeOfConfig } from './client-config.js'

/** The place of a database: fixed, or a source that is asked for the URL before each new connection. */
export type Reach = ClientConfig | ConnectionSource

export interface PoolOptions {
  readonly reach: Reach
  readonly logger: Logger
  /** An unused connection is closed after this time. */
  readonly closeIdleAfterMs: number
  readonly connectTimeoutMs: number
}

/** A pool that connects at its first query and never keeps the process alive while idle. */
export function openPool(options: PoolOptions): Pool {
  const { reach, connectTimeoutMs } = options
  const settings = { keepAlive: true, connectionTimeoutMillis: connectTimeoutMs }
  const pool = new pg.Pool({
    Client: class extends PostgresClient {
      constructor() {
        const connection = { ...knownConnection(reach), ...settings }
        super(isSource(reach) ? { connection, renew: () => connectionOf(reach) } : { connection })
      }
    },
    // One for the reader, one for the writer: a process never needs more, and 40 processes must not exhaust a server.
    max: 2,
    // The application's function has its own time limit, and the connection has its own after that.
    connectionTimeoutMillis: connectTimeoutMs + (isSource(reach) ? reach.limitMs : 0),
    idleTimeoutMillis: options.closeIdleAfterMs,
    maxLifetimeSeconds: 1_800,
    allowExitOnIdle: true,
  })
  // Without a handler, an idle connection that the server closes would end the process; the next query reconnects.
  pool.on('error', (error) => options.logger.debug({ error: errorText(error) }, 'an idle Postgres connection was lost'))
  return pool
}

/** How long an unused connection is kept from now on. */
export function keepIdle(pool: Pool, ms: number): void {
  pool.options.idleTimeoutMillis = ms
}

/** The connection to make now. Throws the errors of the source. */
export async function connectionOf(reach: Reach): Promise<ClientConfig> {
  return isSource(reach) ? { connectionString: await reach.resolve() } : reach
}

/** Names the database for messages: host, port and name, never user or password. */
export function databaseLabel(reach: Reach): string {
  if (!isSource(reach)) return placeOfConfig(reach)
  return reach.fixed === null ? 'the configured URL' : databasePlace(reach.fixed)
}

function knownConnection(reach: Reach): ClientConfig {
  if (!isSource(reach)) return reach
  if (reach.known !== null) return { connectionString: reach.known }
  throw new ConfigurationError({
    problem: 'databaseUrl: the function has not answered yet',
    remedy: 'call open() first',
  })
}

export function isSource(reach: Reach): reach is ConnectionSource {
  return 'resolve' in reach
}
