// The parser of redisUrl. ioredis would also read options from the URL's query, and prefer them to the time limits that keep a
// sick Redis harmless: so the URL is taken apart here.
import { ConnectionSource, type ConnectionUrl } from '../../config/connection-source.js'
import { connectionUrlFault, hostOf, parseConnectionUrl, urlProblem } from '../../config/connection-url.js'
import type { UrlFault } from '../../config/url/url-fault.js'
import { ConfigurationError } from '../../errors.js'
import { quoted } from '../../text/printable.js'

export interface RedisAddress {
  readonly host: string
  readonly port: number
  /** The Unix socket, in place of host and port; null for a server on the network. */
  readonly path: string | null
  readonly username: string | null
  readonly password: string | null
  readonly db: number
  readonly tls: boolean
}

const kind = {
  schemes: ['redis', 'rediss', 'unix'],
  oneAddress:
    'give the one address of the primary; Redis Cluster is not supported, and in place of Sentinels name a proxy or a DNS name that leads to the primary',
}

/** Other tools' schemes for a Unix socket. */
const socketSchemes = /^(?:redis\+(?:unix|socket)|redis-socket|unix):(?:\/\/)?(?=[^/]*\/)/i

/** Takes a `redis://`, `rediss://` or `unix://` URL apart. Throws ConfigurationError, which never shows user or password. */
export function parseRedisUrl(given: string): RedisAddress {
  const text = given.startsWith('/') ? `unix://${given}` : given.replace(socketSchemes, 'unix://')
  const fault = connectionUrlFault(text, kind)
  const url = fault === null ? parseConnectionUrl(text) : null
  if (url === null) throw refused(given, fault ?? { reason: 'it cannot be read' })
  const parameters = readParameters(url)
  if ('reason' in parameters) throw refused(given, parameters)
  const place = placeOf(url, parameters.db)
  if ('reason' in place) throw refused(given, place)
  const login = { username: decoded(url.username), password: decoded(url.password) }
  return { ...place, ...login, tls: url.protocol === 'rediss:' }
}

/** The source of a Redis URL. Throws ConfigurationError for a text that is not a Redis URL. */
export function redisSource(url: ConnectionUrl, limitMs?: number): ConnectionSource {
  const fixedParts = (text: string) => {
    const { host, port, path, db, tls } = parseRedisUrl(text)
    return new Map([
      ['host', path ?? host],
      ['port', String(port)],
      ['database', String(db)],
      ['scheme', tls ? 'rediss' : 'redis'],
    ])
  }
  return new ConnectionSource({ name: 'redisUrl', url, fixedParts, ...(limitMs === undefined ? {} : { limitMs }) })
}

type Place = Pick<RedisAddress, 'host' | 'port' | 'path' | 'db'>

function placeOf(url: URL, db: string | null): Place | UrlFault {
  const host = hostOf(url)
  const way = decodeURIComponent(url.pathname)
  // A percent-encoded path in the host's place, or a path and no host: a Unix socket.
  const socket = host.startsWith('/') ? host : host === '' && isSocketPath(way, url.protocol) ? way : null
  const number = socket === way ? '' : /^\/?(\d{0,5})$/.exec(way)?.[1]
  if (number === undefined) return { reason: 'after the host only the number of a database may follow' }
  if (db !== null && !/^\d{1,5}$/.test(db)) return { reason: 'its parameter "db" is not the number of a database' }
  if (socket === null && host === '') return { reason: 'it has no host' }
  if (socket !== null && url.protocol === 'rediss:') {
    return { reason: 'it names a Unix socket, which is not encrypted', remedy: 'write unix:///path/of/the/socket' }
  }
  const port = url.port === '' ? 6379 : Number(url.port)
  return { host: socket === null ? host : '', port, path: socket, db: Number(db ?? number) }
}

function isSocketPath(path: string, protocol: string): boolean {
  return protocol === 'unix:' ? path.length > 1 : /^\/.*(?:\/|\.sock)/.test(path)
}

const insteadOf: Readonly<Record<string, string>> = {
  ssl_cert_reqs: 'set the option redisTls ({ rejectUnauthorized: false } accepts any certificate)',
  tls: 'write rediss:// for TLS',
  ssl: 'write rediss:// for TLS',
  password: 'write redis://:password@host:6379/0',
  sentinels: kind.oneAddress,
}

/** Only the number of the database; the kind of address (`family`) is found by itself. */
function readParameters({ searchParams }: URL): { readonly db: string | null } | UrlFault {
  for (const name of searchParams.keys()) {
    if (name === 'db' || name === 'family') continue
    const reason = /^[A-Za-z][A-Za-z_]{0,40}$/.test(name)
      ? `its parameter ${quoted(name)} is not taken`
      : 'options after "?" are not taken'
    const remedy = Object.hasOwn(insteadOf, name) ? insteadOf[name] : undefined
    return { reason, ...(remedy === undefined ? {} : { remedy }) }
  }
  return { db: searchParams.get('db') }
}

function refused(text: string, fault: UrlFault): ConfigurationError {
  return new ConfigurationError({
    problem: urlProblem('redisUrl (REDIS_URL)', text, 'Redis', fault),
    remedy: fault.remedy ?? 'write redis://host:6379/0, rediss:// for TLS, or unix:///path/of/the/socket',
  })
}

function decoded(part: string): string | null {
  return part === '' ? null : decodeURIComponent(part)
}
