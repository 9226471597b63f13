// What the URL of a database says about encryption, and the ways to try in turn. The modes are libpq's, with pg's two differences:
// `no-verify` accepts any certificate, and `require` and `verify-ca` check it as `verify-full` does, unless uselibpqcompat=true.
import { readFile } from 'node:fs/promises'
import { ConfigurationError, errorText } from '../errors.js'
import { quoted } from '../text/printable.js'
import type { UrlFault } from './url/url-fault.js'

const modes = ['disable', 'allow', 'prefer', 'require', 'verify-ca', 'verify-full', 'no-verify'] as const

export type TlsMode = (typeof modes)[number]

export interface DatabaseTls {
  readonly mode: TlsMode
  /** Whether `require` and `verify-ca` check no more than libpq does. */
  readonly likeLibpq: boolean
  /** Paths of PEM files; null where none is given. */
  readonly rootCert: string | null
  readonly cert: string | null
  readonly key: string | null
  readonly passphrase: string | null
  readonly minVersion: string | null
  readonly maxVersion: string | null
  /** Whether encryption begins with the first byte. */
  readonly direct: boolean
}

/** One way to connect: without encryption, or with these options of Node's TLS. */
export type TlsAttempt = false | Readonly<Record<string, unknown>>

const versions = ['TLSv1', 'TLSv1.1', 'TLSv1.2', 'TLSv1.3']

/** What the parameters say; `environment` is PGSSLMODE, which counts where they are silent. */
export function readTls(values: ReadonlyMap<string, string>, environment?: string): DatabaseTls | UrlFault {
  const path = (name: string) => values.get(name) ?? null
  const rootCert = path('sslrootcert')
  const files = rootCert !== null || values.has('sslcert') || values.has('sslkey')
  const fallback = files ? 'verify-full' : (environment ?? 'disable')
  const mode = values.get('sslmode') ?? modeOfSwitch(values.get('ssl')) ?? fallback
  if (!isMode(mode)) {
    const named = values.has('sslmode') ? 'sslmode' : values.has('ssl') ? 'ssl' : 'PGSSLMODE'
    const near = modes.find((one) => one === mode.trim().toLowerCase().replaceAll('_', '-'))
    const list = modes.join(', ')
    return {
      reason: `${named} cannot be ${/^[\w-]{1,20}$/.test(mode) ? quoted(mode) : 'this text'}`,
      remedy: near === undefined ? `write one of ${list}` : `did you mean "${near}"? It is one of ${list}`,
    }
  }
  for (const name of ['ssl_min_protocol_version', 'ssl_max_protocol_version']) {
    const version = values.get(name)
    if (version === undefined || versions.includes(version)) continue
    return { reason: `${name} cannot be this version`, remedy: `write one of ${versions.join(', ')}` }
  }
  const likeLibpq = values.get('uselibpqcompat') === 'true'
  if (likeLibpq && mode === 'verify-ca' && rootCert === null) {
    return { reason: 'sslmode=verify-ca needs an authority', remedy: 'add sslrootcert=/path/of/its/file' }
  }
  return {
    mode,
    likeLibpq,
    rootCert: rootCert === 'system' ? null : rootCert,
    cert: path('sslcert'),
    key: path('sslkey'),
    passphrase: path('sslpassword'),
    minVersion: path('ssl_min_protocol_version'),
    maxVersion: path('ssl_max_protocol_version'),
    direct: values.get('sslnegotiation') === 'direct',
  }
}

/** The ways to connect, the first one first. Throws ConfigurationError for a file that cannot be read. */
export async function tlsAttempts(tls: DatabaseTls): Promise<readonly TlsAttempt[]> {
  if (tls.mode === 'disable') return [false]
  const encrypted = { ...(await filesOf(tls)), ...checksOf(tls) }
  if (tls.mode === 'prefer') return [encrypted, false]
  if (tls.mode === 'allow') return [false, encrypted]
  return [encrypted]
}

/** `prefer` and `allow` take a connection without encryption too, so that a certificate would prove nothing. */
function checksOf({ mode, likeLibpq, rootCert }: DatabaseTls): Readonly<Record<string, unknown>> {
  if (mode === 'no-verify') return { rejectUnauthorized: false }
  const weak = mode === 'prefer' || mode === 'allow' || (likeLibpq && mode !== 'verify-full')
  if (!weak) return {}
  return rootCert === null ? { rejectUnauthorized: false } : { checkServerIdentity: () => undefined }
}

async function filesOf(tls: DatabaseTls): Promise<Readonly<Record<string, unknown>>> {
  const { passphrase, minVersion, maxVersion } = tls
  const [ca, cert, key] = await Promise.all([
    textOf('sslrootcert', tls.rootCert),
    textOf('sslcert', tls.cert),
    textOf('sslkey', tls.key),
  ])
  const all = { ca, cert, key, passphrase, minVersion, maxVersion }
  return Object.fromEntries(Object.entries(all).filter(([, value]) => value !== null))
}

async function textOf(parameter: string, path: string | null): Promise<string | null> {
  if (path === null) return null
  try {
    return await readFile(path, 'utf8')
  } catch (error) {
    throw new ConfigurationError({
      problem: `databaseUrl (DATABASE_URL): the file of ${parameter} cannot be read: ${errorText(error)}`,
      remedy: 'give the path of a PEM file that this process may read',
      cause: error,
    })
  }
}

function modeOfSwitch(value: string | undefined): string | undefined {
  if (value === undefined) return undefined
  if (['true', '1', 'on', 'yes'].includes(value)) return 'verify-full'
  return ['false', '0', 'off', 'no'].includes(value) ? 'disable' : value
}

function isMode(text: string): text is TlsMode {
  return modes.some((mode) => mode === text)
}
