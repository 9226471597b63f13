// The parameters after "?" in a Postgres URL. Each tool has its own, and pg ignores those that it does not know: harmless where one
// only tunes another tool's pool, and a fault where it chooses a schema, a certificate or a host. So each is taken, let pass,
// refused with what to write in its place, or reported as unknown.
import { distance } from 'fastest-levenshtein'
import { quoted } from '../text/printable.js'
import type { UrlFault } from './url/url-fault.js'

/** What this package or pg uses. */
const taken = [
  ['host', 'port', 'user', 'password', 'dbname', 'options', 'application_name', 'fallback_application_name'],
  ['ssl', 'sslmode', 'sslcert', 'sslkey', 'sslpassword', 'sslrootcert', 'sslnegotiation', 'uselibpqcompat'],
  ['ssl_min_protocol_version', 'ssl_max_protocol_version', 'channel_binding', 'client_encoding', 'encoding'],
  ['statement_timeout', 'lock_timeout', 'idle_in_transaction_session_timeout'],
].flat()

/** In lower case: they tune the pool, the time limits or the statements of another tool, or are true of one host anyway. */
const harmless = new Set(
  [
    // Prisma, and platforms that make its URLs.
    'pgbouncer connection_limit pool_timeout statement_cache_size socket_timeout supa workaround',
    // libpq.
    'connect_timeout keepalives keepalives_idle keepalives_interval keepalives_count tcp_user_timeout krbsrvname gsslib',
    'sslcompression sslsni target_session_attrs load_balance_hosts min_protocol_version max_protocol_version',
    // JDBC.
    'applicationname preparethreshold preparedstatementcachequeries preparedstatementcachesizemib prepared_statements',
    'sockettimeout connecttimeout logintimeout canceltimeout tcpkeepalive rewritebatchedinserts rewritebatchedstatements',
    'binarytransfer reconnect autosave stringtype targetservertype defaultrowfetchsize loggerlevel',
    // Pools of Rails, Go, Python and JavaScript.
    'adapter pool pool_size max_overflow pool_recycle pool_pre_ping checkout_timeout reaping_frequency idle_timeout',
    'min max maxuses maxlifetime poolsize pool_max_conns pool_min_conns pool_max_conn_lifetime pool_max_conn_idle_time',
    'pool_health_check_period pool_max_conn_lifetime_jitter statement_cache_capacity statement_cache_mode',
    'default_query_exec_mode description_cache_capacity prepared_statement_cache_size prepare query_timeout pooling',
    'serverversion charset conn_max_age timeout command_timeout max_lifetime acquire_timeout single_use_connections',
  ].flatMap((line) => line.split(' ')),
)

/** `public` there is harmless: it is the schema that is used anyway, and stands in every URL that Prisma makes. */
const schemaNames = ['schema', 'currentschema', 'search_path', 'searchpath', 'schema_search_path', 'search path']

const mode = (value: string) => `write sslmode=${value}`

/** In lower case, with the remedy: each would change which database answers, or what is proven about it. */
const refused: Readonly<Record<string, string>> = {
  sslaccept: 'write sslmode=verify-full (strict), or sslmode=no-verify (accept_invalid_certs)',
  sslidentity: 'write sslcert and sslkey, the paths of PEM files',
  sslfactory: 'write sslmode=verify-full, or sslmode=no-verify for any certificate',
  trustservercertificate: mode('no-verify'),
  'trust server certificate': mode('no-verify'),
  'ssl mode': mode('…'),
  usessl: mode('verify-full'),
  requiressl: mode('require'),
  tls: mode('verify-full'),
  sslcrl: 'remove it: a list of revoked certificates is not read',
  sslcrldir: 'remove it: a list of revoked certificates is not read',
  hostaddr: 'write the address in the place of the host',
  service: 'write the settings of that service into the URL',
  servicefile: 'write the settings of that service into the URL',
  requirepeer: 'remove it: the user of the server process is not checked',
  require_auth: 'remove it: the kind of login is not checked',
  role: 'write ?options=-c%20role%3D…',
  replication: 'remove it: flags are read by ordinary connections',
  database: 'write the name after the host: postgres://host:5432/name',
  username: 'write user=…',
}

export interface UrlParameters {
  readonly values: ReadonlyMap<string, string>
  /** Names without any effect. */
  readonly unknown: readonly string[]
}

/** Sorts the parameters; a fault for the first that must not be ignored. No value is shown. */
export function readUrlParameters(parameters: URLSearchParams): UrlParameters | UrlFault {
  const values = new Map<string, string>()
  const unknown: string[] = []
  for (const [name, value] of parameters) {
    if (value === '') continue
    const fault = parameterFault(name, value) ?? repeated(values, name, value)
    if (fault !== null) return fault
    values.set(name, value)
    if (!taken.includes(name) && !isHarmless(name, value)) unknown.push(name)
  }
  return { values, unknown }
}

function parameterFault(name: string, value: string): UrlFault | null {
  const lower = name.toLowerCase()
  if (/^(?:statement|lock|idle_in_transaction_session)_timeout$/.test(name) && !/^\d+$/.test(value)) {
    return { reason: `the parameter ${shown(name)} is not a whole number of milliseconds`, remedy: 'write one' }
  }
  if (taken.includes(name) || isHarmless(name, value)) return null
  const remedy = Object.hasOwn(refused, lower) ? refused[lower] : undefined
  if (remedy !== undefined) return { reason: `the parameter ${shown(name)} is not taken`, remedy }
  const near = taken.find((one) => one === lower || one.replaceAll('_', '') === lower.replaceAll(/[_ -]/g, ''))
  const meant = near ?? taken.find((one) => one.length > 3 && distance(one, lower) === 1)
  if (meant === undefined) return null
  return { reason: `there is no parameter ${shown(name)}`, remedy: `did you mean "${meant}"?` }
}

/**
 * The fault of a URL that names a schema in the way of another tool: ignored, it would let two applications share all flags. Null
 * where it names none.
 */
export function schemaFault({ values }: Pick<UrlParameters, 'values'>): UrlFault | null {
  const found = [...values].find(([name, value]) => namesSchema(name) && value !== 'public')
  if (found === undefined) return null
  const [name, value] = found
  const schema = /^[A-Za-z_]\w{0,62}$/.test(value) ? value : 'SCHEMA'
  return {
    reason: `the parameter ${shown(name)} is of another tool, and does not choose the schema of the flags`,
    remedy:
      `set the option tables to { features: '${schema}.features', gates: '${schema}.feature_gates' }, or write ` +
      `options=-c%20search_path%3D${schema} in its place`,
  }
}

function namesSchema(name: string): boolean {
  return schemaNames.includes(name.toLowerCase())
}

function isHarmless(name: string, value: string): boolean {
  const lower = name.toLowerCase()
  if (lower === 'gssencmode') return value !== 'require'
  return harmless.has(lower) || namesSchema(name)
}

function repeated(values: ReadonlyMap<string, string>, name: string, value: string): UrlFault | null {
  const before = values.get(name)
  if (before === undefined || before === value || !taken.includes(name)) return null
  return { reason: `the parameter ${shown(name)} is there twice`, remedy: 'leave one of them out' }
}

/** A long or strange name may be a piece of a password. */
export function shown(name: string): string {
  return /^[A-Za-z][A-Za-z_ -]{0,40}$/.test(name) ? quoted(name) : 'with a name that is not shown'
}
