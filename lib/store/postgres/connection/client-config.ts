// What pg gets to connect: the parts of the URL, one by one. pg's own reader of URLs prints warnings, throws at users without a
// host, and ignores what it does not know.
import type { ClientConfig } from 'pg'
import { databasePlace, databaseParts, parseDatabaseUrl } from '../../../config/database-url.js'
import { type TlsAttempt, tlsAttempts } from '../../../config/database-tls.js'

export interface ConnectionPlan {
  /** Without encryption: that is decided with each attempt. */
  readonly config: ClientConfig
  readonly direct: boolean
  /** The ways to connect, the first one first. Throws ConfigurationError for a file that cannot be read. */
  readonly attempts: () => Promise<readonly TlsAttempt[]>
}

/** Never encrypted by PGSSLMODE: that holds for URLs, and not for the socket of the embedded database. */
const plain = { ssl: false, sslnegotiation: 'postgres' } as const

/** How to connect with this configuration. Throws ConfigurationError for a URL that is none. */
export function planConnection({ connectionString, ...settings }: ClientConfig): ConnectionPlan {
  if (connectionString === undefined) {
    return { config: { ...settings, ...plain }, direct: false, attempts: () => Promise.resolve([false]) }
  }
  const { host, port, database, user, password, tls, values } = parseDatabaseUrl(connectionString)
  const texts = { host, port, database, user, password }
  const config: ClientConfig = {
    ...settings,
    ...Object.fromEntries(Object.entries(texts).filter(([, value]) => value !== null)),
    ...sessionOf(values),
    ...plain,
  }
  // A Unix socket is not encrypted, whatever the URL says: libpq does the same.
  const isSocket = (host ?? process.env['PGHOST'] ?? '').startsWith('/')
  return {
    config,
    direct: tls.direct,
    attempts: () => (isSocket ? Promise.resolve([false]) : tlsAttempts(tls)),
  }
}

/** Names the database of this configuration for messages. Never throws, and never shows user or password. */
export function placeOfConfig({ connectionString, host, port, database }: ClientConfig): string {
  if (connectionString === undefined) return `${host ?? 'localhost'}:${port ?? 5432}/${database ?? ''}`
  try {
    return databasePlace(databaseParts(connectionString))
  } catch {
    return 'the configured URL' // Connecting throws the reason.
  }
}

function sessionOf(values: ReadonlyMap<string, string>): ClientConfig {
  const text = (name: string) => (values.has(name) ? { [name]: values.get(name) } : {})
  const time = (name: string) => (values.has(name) ? { [name]: Number(values.get(name)) } : {})
  return {
    ...text('options'),
    ...text('application_name'),
    ...text('fallback_application_name'),
    ...time('statement_timeout'),
    ...time('lock_timeout'),
    ...time('idle_in_transaction_session_timeout'),
    ...(/^(?:prefer|require)$/.test(values.get('channel_binding') ?? '') ? { enableChannelBinding: true } : {}),
  }
}
