// The parser of redisUrl. ioredis would read options from the URL's query too, and let them win over the time limits
// that keep a sick Redis harmless: so the URL is taken apart here.
import { ConfigurationError } from '../errors.js'

export interface RedisAddress {
  readonly host: string
  readonly port: number
  readonly username: string | null
  readonly password: string | null
  readonly db: number
  readonly tls: boolean
}

/** Takes a `redis://` or `rediss://` URL apart. Throws ConfigurationError, which never shows the URL: it may hold a password. */
export function parseRedisUrl(text: string): RedisAddress {
  const url = URL.canParse(text) ? new URL(text) : null
  if (url === null || !/^rediss?:$/.test(url.protocol) || url.hostname === '') {
    throw refused('it is no Redis URL')
  }
  const db = /^\/?(\d{0,5})$/.exec(url.pathname)?.[1]
  if (db === undefined) throw refused('after the host only the number of a database may follow')
  if (url.search !== '') throw refused('options after "?" are not taken')
  return {
    // A literal IPv6 address stands in brackets in a URL, and without them elsewhere.
    host: url.hostname.replace(/^\[(.*)\]$/, '$1'),
    port: url.port === '' ? 6379 : Number(url.port),
    username: decoded(url.username),
    password: decoded(url.password),
    db: Number(db),
    tls: url.protocol === 'rediss:',
  }
}

function decoded(part: string): string | null {
  try {
    return part === '' ? null : decodeURIComponent(part)
  } catch {
    throw refused('user or password holds a "%" that starts no character: write it as "%25"')
  }
}

function refused(reason: string): ConfigurationError {
  return new ConfigurationError(
    `redisUrl (REDIS_URL): ${reason}; write redis://user:password@host:6379/0, or rediss:// for TLS`,
  )
}
