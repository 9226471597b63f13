// Takes a Postgres URL apart, as libpq and pg read it, and names what is wrong with it. The one reader of such a URL: messages,
// connections and the address of the database all come from here.
import { ConfigurationError } from '../errors.js'
import { ConnectionSource, type ConnectionUrl, type Fixed } from './connection-source.js'
import { connectionUrlFault, hostOf, parseConnectionUrl, urlProblem, withoutPassword } from './connection-url.js'
import { readUrlParameters, schemaFault, shown } from './database-parameters.js'
import { type DatabaseTls, readTls } from './database-tls.js'
import type { FeatureOptions } from './options.js'
import type { UrlFault } from './url/url-fault.js'
import { unwrapped } from './url/url-wrapping.js'

/** The parts of a URL; null for what it leaves to the environment (PGHOST …) and to defaults. */
export interface DatabaseAddress {
  /** A name, an address, or the folder of a Unix socket. */
  readonly host: string | null
  readonly port: number | null
  readonly database: string | null
  readonly user: string | null
  readonly password: string | null
  readonly tls: DatabaseTls
  /** The other parameters, by name. */
  readonly values: ReadonlyMap<string, string>
  /** Names of parameters that have no effect. */
  readonly unknown: readonly string[]
}

const kind = {
  schemes: ['postgres', 'postgresql'],
  oneAddress: 'give one address that always leads to the primary: of a pooler, a virtual IP address, or a name in DNS',
}

export interface SourceOptions {
  readonly limitMs?: number
  /** The configured tables: if both name their schema, it does not matter which one the URL names for another tool. */
  readonly tables?: FeatureOptions['tables']
}

/** The source of a Postgres URL. Throws ConfigurationError for a text that is not a Postgres URL. */
export function databaseSource(url: ConnectionUrl, { limitMs, tables }: SourceOptions = {}): ConnectionSource {
  const limit = limitMs === undefined ? {} : { limitMs }
  const haveSchema = [tables?.features, tables?.gates].every((name) => name?.includes('.') === true)
  const fixedParts = (text: string) => {
    const address = parseDatabaseUrl(text)
    const fault = haveSchema ? null : schemaFault(address)
    if (fault !== null) throw unusable(text, fault)
    return partsOf(address)
  }
  return new ConnectionSource({ name: 'databaseUrl', url, fixedParts, ...limit })
}

/** Takes a Postgres URL apart. Throws ConfigurationError, which shows neither user nor password. */
export function parseDatabaseUrl(given: string): DatabaseAddress {
  const text = withoutSocketScheme(given)
  const fault = connectionUrlFault(text, kind)
  const url = fault === null ? parseConnectionUrl(text) : null
  if (url === null) throw refused(given, mistakenWord(given) ?? fault ?? { reason: 'it cannot be read' })
  const parameters = readUrlParameters(url.searchParams)
  if ('reason' in parameters) throw unusable(given, parameters)
  const { values } = parameters
  const place = placeOf(url, values)
  if ('reason' in place) throw unusable(given, place)
  const tls = readTls(values, process.env['PGSSLMODE'] || undefined)
  if ('reason' in tls) throw unusable(given, tls)
  const encoding = values.get('client_encoding') ?? values.get('encoding')
  if (encoding !== undefined && !/^(?:utf-?8|unicode|auto)$/i.test(encoding)) {
    throw unusable(given, { reason: 'client_encoding cannot be another one than UTF8', remedy: 'remove it' })
  }
  const user = (values.get('user') ?? decodeURIComponent(url.username)) || null
  const password = (values.get('password') ?? decodeURIComponent(url.password)) || null
  return { ...place, user, password, tls, values, unknown: parameters.unknown }
}

/**
 * Host, port, database and every other part of a Postgres URL except user and password. Throws ConfigurationError, which shows
 * neither.
 */
export function databaseParts(text: string): Fixed {
  return partsOf(parseDatabaseUrl(text))
}

function partsOf({ host, port, database, user, values }: DatabaseAddress): Fixed {
  // As pg reads it: the environment fills in, and a database without a name is the user's.
  const parts = new Map([
    ['host', host ?? (process.env['PGHOST'] || 'localhost')],
    ['port', port === null ? process.env['PGPORT'] || '5432' : String(port)],
    ['database', database ?? (process.env['PGDATABASE'] || (user ?? process.env['PGUSER'] ?? ''))],
  ])
  const apart = new Set(['host', 'port', 'user', 'password', 'dbname'])
  const options = process.env['PGOPTIONS']
  if (options) parts.set('option options', options)
  for (const [name, value] of values) if (!apart.has(name)) parts.set(`option ${name}`, value)
  return parts
}

/** Names the database for messages: host, port and name, decoded. Never user or password. */
export function databasePlace(fixed: Fixed): string {
  const [host = '', port = '', database = ''] = ['host', 'port', 'database'].map((part) => fixed.get(part) ?? '')
  return `${host.includes(':') && !host.startsWith('/') ? `[${host}]` : host}:${port}/${database}`
}

/** The value of DATABASE_URL as another terminal may get it, without its password; null if it cannot be shown safely. */
export function shareableDatabaseUrl(value: string): string | null {
  if (value === 'memory' || value === 'embedded') return value
  return withoutPassword(withoutSocketScheme(value), kind)
}

/** What a URL holds that has no effect, for a warning; null if there is nothing. */
export function databaseUrlDoubt(text: string): string | null {
  const { unknown } = parseDatabaseUrl(text)
  if (unknown.length === 0) return null
  const names = [...new Set(unknown)].map(shown).join(', ')
  return `databaseUrl (DATABASE_URL): after "?" there are parameters that have no effect here: ${names}`
}

type Place = Pick<DatabaseAddress, 'host' | 'port' | 'database'>

function placeOf(url: URL, values: ReadonlyMap<string, string>): Place | UrlFault {
  const several = { remedy: kind.oneAddress }
  const named = (values.get('host') ?? hostOf(url)) || null
  const host = named ?? (process.env['PGHOST'] || '')
  if (host.includes(',')) return { reason: `${named === null ? 'PGHOST' : 'it'} names several hosts`, ...several }
  const ports = values.get('port') ?? url.port
  if (ports.includes(',')) return { reason: 'it names several ports', ...several }
  const port = Number(ports)
  if (ports !== '' && !(/^\d{1,5}$/.test(ports) && port >= 1 && port <= 65_535)) {
    return { reason: 'its port is not a number from 1 to 65535' }
  }
  if (host.includes('/') && !host.startsWith('/')) {
    return { reason: 'its host holds a "/"', remedy: 'begin the path of a socket\'s folder with "/"' }
  }
  // The path of the socket itself is easily taken for that of its folder.
  const [, folder, ofSocket] = /^(\/.*)\/\.s\.PGSQL\.(\d+)$/.exec(named ?? '') ?? []
  const database = (values.get('dbname') ?? decodeURIComponent(url.pathname.slice(1))) || null
  if (folder !== undefined) return { host: folder, port: Number(ofSocket), database }
  return { host: named, port: ports === '' ? null : port, database }
}

/** `socket:/folder?db=name` and `/folder name`, which pg takes, as a URL with an ordinary scheme; other texts as they are. */
function withoutSocketScheme(text: string): string {
  const [, shortFolder, shortName] = /^(\/[^ ]*)(?: (.*))?$/.exec(text) ?? []
  if (shortFolder !== undefined) return socketUrl('', shortFolder, shortName ?? '', '')
  const [, login = '', folder, query = ''] = /^socket:(?:\/\/([^/?#]*@)?)?(\/[^?#]*)(?:\?(.*))?$/i.exec(text) ?? []
  if (folder === undefined) return text
  const parameters = new URLSearchParams(query)
  const name = parameters.get('db') ?? ''
  parameters.delete('db')
  return socketUrl(login, decodedOr(folder), name, `&${parameters}`)
}

function socketUrl(login: string, folder: string, name: string, more: string): string {
  return `postgres://${login}/${encodeURIComponent(name)}?host=${encodeURIComponent(folder)}${more}`
}

function decodedOr(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return text // A folder may have a "%" in its name.
  }
}

/** `Memory`, `"embedded"` and their like, which are meant as words and read as URLs. */
function mistakenWord(text: string): UrlFault | null {
  const word = unwrapped(text).toLowerCase()
  if (word !== 'memory' && word !== 'embedded') return null
  return { reason: `it is nearly "${word}"`, remedy: `write ${word}, in small letters, without blanks and quotes` }
}

function refused(text: string, fault: UrlFault): ConfigurationError {
  return new ConfigurationError({
    problem: urlProblem('databaseUrl (DATABASE_URL)', text, 'Postgres', fault),
    remedy: fault.remedy ?? 'write postgres://host:5432/database, "embedded" or "memory"',
  })
}

function unusable(text: string, fault: UrlFault): ConfigurationError {
  return refused(text, { ...fault, wellMade: true })
}
