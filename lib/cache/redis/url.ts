// The parser of redisUrl. ioredis would also read options from the URL's query, and prefer them to the time limits that keep a
// sick Redis harmless: so the URL is taken apart here.
import { ConnectionSource, type ConnectionUrl } from '../../config/connection-source.js'
import { connectionUrlFault, shownUrl } from '../../config/connection-url.js'
import { ConfigurationError } from '../../errors.js'

export interface RedisAddress {
  readonly host: string
  readonly port: number
  readonly username: string | null
  readonly password: string | null
  readonly db: number
  readonly tls: boolean
}

/** Takes a `redis://` or `rediss://` URL apart. Throws ConfigurationError, which never shows user or password. */
export function parseRedisUrl(text: string): RedisAddress {
  const refused = (reason: string) =>
    new ConfigurationError({
      problem: `redisUrl (REDIS_URL): ${shownUrl(text)} is no Redis URL: ${reason}`,
      remedy: 'write redis://host:6379/0, or rediss:// for TLS',
    })
  const fault = connectionUrlFault(text, ['redis', 'rediss'])
  if (fault !== null) throw refused(fault)
  const url = new URL(text)
  if (url.hostname === '') throw refused('it has no host')
  const db = /^\/?(\d{0,5})$/.exec(url.pathname)?.[1]
  if (db === undefined) throw refused('after the host only the number of a database may follow')
  if (url.search !== '') throw refused('options after "?" are not taken')
  return {
    // A literal IPv6 address has brackets in a URL, and none elsewhere.
    host: url.hostname.replace(/^\[(.*)\]$/, '$1'),
    port: url.port === '' ? 6379 : Number(url.port),
    username: decoded(url.username),
    password: decoded(url.password),
    db: Number(db),
    tls: url.protocol === 'rediss:',
  }
}

/** The source of a Redis URL. Throws ConfigurationError for a text that is not a Redis URL. */
export function redisSource(url: ConnectionUrl, limitMs?: number): ConnectionSource {
  const fixedParts = (text: string) => {
    const { host, port, db, tls } = parseRedisUrl(text)
    return new Map([
      ['host', host],
      ['port', String(port)],
      ['database', String(db)],
      ['scheme', tls ? 'rediss' : 'redis'],
    ])
  }
  return new ConnectionSource({ name: 'redisUrl', url, fixedParts, ...(limitMs === undefined ? {} : { limitMs }) })
}

function decoded(part: string): string | null {
  return part === '' ? null : decodeURIComponent(part)
}
