// The checks of databaseUrl, and the parts of it that name the database.
import { ConfigurationError } from '../errors.js'
import { ConnectionSource, type ConnectionUrl, type Fixed } from './connection-source.js'
import { connectionUrlFault, shownUrl } from './connection-url.js'

/** The source of a Postgres URL. Throws ConfigurationError for a text that is not a Postgres URL. */
export function databaseSource(url: ConnectionUrl, limitMs?: number): ConnectionSource {
  const limit = limitMs === undefined ? {} : { limitMs }
  return new ConnectionSource({ name: 'databaseUrl', url, fixedParts: databaseParts, ...limit })
}

/**
 * Host, port, database and every other part of a Postgres URL except user and password. Throws ConfigurationError, which shows
 * neither.
 */
export function databaseParts(text: string): Fixed {
  const fault = connectionUrlFault(text, ['postgres', 'postgresql'])
  if (fault !== null) {
    throw new ConfigurationError({
      problem: `databaseUrl (DATABASE_URL): ${shownUrl(text)} is no Postgres URL: ${fault}`,
      remedy: 'write postgres://host:5432/database, "embedded" or "memory"',
    })
  }
  const { hostname, port, pathname, searchParams, username } = new URL(text)
  const named = (name: string) => searchParams.get(name) || undefined
  // As pg reads it: the options after "?" win, the environment fills in, and a database without a name is the user's.
  const user = named('user') ?? (decodeURIComponent(username) || process.env['PGUSER'])
  const parts = new Map([
    ['host', named('host') ?? (hostname || process.env['PGHOST'] || 'localhost')],
    ['port', named('port') ?? (port || process.env['PGPORT'] || '5432')],
    ['database', pathname.slice(1) || process.env['PGDATABASE'] || user || ''],
  ])
  const apart = new Set(['host', 'port', 'user', 'password'])
  for (const [name, value] of searchParams) if (!apart.has(name)) parts.set(`option ${name}`, value)
  return parts
}
