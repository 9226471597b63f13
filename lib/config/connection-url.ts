// Names the fault in the URL of a database or cache, so that the user can find it. URLs hold passwords, and a wrong URL may
// hold one anywhere: so a message shows nothing that could be part of a password.
import { printable } from '../text/printable.js'
import type { UrlFault } from './url/url-fault.js'
import { unwrapped, wrappingFault } from './url/url-wrapping.js'

export interface UrlKind {
  readonly schemes: readonly string[]
  /** One address in place of several. */
  readonly oneAddress: string
}

const encode = 'special characters in a user or password must be percent-encoded ("#" as %23, "/" as %2F, "?" as %3F)'

/** Stands for a host that is not there: `new URL` refuses a user, a password or a port without a host. */
const noHost = 'no-host-is-given'

/** The reason why a text is not a URL of this kind; null if it is one. Never shows user or password. */
export function connectionUrlFault(text: string, { schemes, oneAddress }: UrlKind): UrlFault | null {
  const wrapping = wrappingFault(text)
  if (wrapping !== null) return wrapping
  const scheme = schemeOf(text)
  if (scheme === null || !schemes.includes(scheme)) return schemeFault(text, scheme, { schemes, oneAddress })
  if (hostsOf(text).includes(',')) {
    return { reason: 'it names several hosts, which is not supported', remedy: oneAddress, wellMade: true }
  }
  const url = parseConnectionUrl(text)
  if (url !== null) return parsedFault(url)
  const rest = text.slice(scheme.length + 3)
  const at = rest.lastIndexOf('@')
  if (/[#/?]/.test(rest.slice(0, Math.max(at, 0)))) return { reason: encode }
  const port = /^(?:\[[^\]]*\]|[^:/?#]*):([^/?#]*)/.exec(rest.slice(at + 1))?.[1]
  if (port !== undefined && /^\d+$/.test(port)) return { reason: `the port ${port} is out of range (1 to 65535)` }
  if (port !== undefined) return { reason: 'the port is not a number' }
  return { reason: at === -1 ? 'its host cannot be read' : `its host cannot be read, or ${encode}` }
}

/** The URL, taken apart; its host is empty where none is given, also behind a user or before a port. Null if it is none. */
export function parseConnectionUrl(text: string): URL | null {
  const hosted = text.replace(/^([a-z][a-z0-9+.-]*:\/\/(?:[^/?#]*@)?)(?=(?::\d*)?(?:[/?#]|$))/i, `$1${noHost}`)
  return URL.canParse(hosted) ? new URL(hosted) : null
}

/** The host without the brackets of an IPv6 address, decoded; empty where none is given. */
export function hostOf({ hostname }: URL): string {
  return hostname === noHost ? '' : decodeURIComponent(hostname).replace(/^\[(.*)\]$/, '$1')
}

/** The sentence about a URL with a fault. */
export function urlProblem(option: string, text: string, what: string, { reason, wellMade }: UrlFault): string {
  return `${option}: ${shownUrl(text)} ${wellMade === true ? 'cannot be used' : `is no ${what} URL`}: ${reason}`
}

/** The URL without its password, for a command that another terminal can run; null if it cannot be shown safely. */
export function withoutPassword(text: string, kind: UrlKind): string | null {
  if (connectionUrlFault(text, kind) !== null) return null
  const url = parseConnectionUrl(text)
  if (url === null) return null
  const secrets = ['password', 'sslpassword'].filter((name) => url.searchParams.has(name))
  if (url.password === '' && secrets.length === 0) return text
  url.password = ''
  for (const name of secrets) url.searchParams.delete(name)
  return url.href.replace(noHost, '')
}

/** The URL as messages may show it, in quotes; `it` if no part of it may be shown. */
export function shownUrl(text: string): string {
  return shownPlace(unwrapped(text))
}

function shownPlace(text: string): string {
  const scheme = schemeOf(text)
  const at = text.lastIndexOf('@')
  // After "?" a password may follow too, and the password may hold an "@".
  if (at !== -1 && text.lastIndexOf('?', at) !== -1) return scheme === null ? 'it' : `"${scheme}://[hidden]"`
  const place = /^[^?#]*/.exec(text.slice(at === -1 && scheme !== null ? scheme.length + 3 : at + 1))?.[0] ?? ''
  // Without an "@", a text after a colon that is not a port may be the password of a URL whose host was forgotten.
  const isPlace = at === -1 ? /^(?:[\w.-]+|\[[\da-f:.]*\]):\d+(?:\/\w*)?$/i.test(place) : /^[\w.,:[\]/-]*$/.test(place)
  if (scheme === null && !isPlace) return 'it'
  const before = `${scheme === null ? '' : `${scheme}://`}${at === -1 ? '' : '[hidden]@'}`
  return `"${before}${isPlace ? printable(place) : '…'}"`
}

function schemeFault(text: string, scheme: string | null, { schemes, oneAddress }: UrlKind): UrlFault {
  const wanted = schemes.map((name) => `${name}://`).join(' or ')
  if (/^jdbc:/i.test(text)) {
    const remedy = `leave "jdbc:" out, and write user and password before the host: ${schemes[0]}://user:password@host/…`
    return { reason: 'it is a URL of JDBC', remedy }
  }
  const [, base = ''] = /^([a-z0-9]+)\+[a-z0-9]+$/.exec(scheme ?? '') ?? []
  if (schemes.includes(base)) {
    return { reason: `its scheme "${scheme}" names a driver of another language`, remedy: `write ${base}://` }
  }
  if (/sentinel|cluster/.test(scheme ?? '')) return { reason: `its scheme is "${scheme}"`, remedy: oneAddress }
  if (scheme !== null) return { reason: `its scheme is "${scheme}", not ${wanted}` }
  if (/(?:^|\s)(?:host|dbname|user)\s*=/.test(text)) {
    return {
      reason: 'it is a list of settings, not a URL',
      remedy: `write it as ${schemes[0]}://user:password@host:port/…`,
    }
  }
  const [, slip] = /^([a-z]+)(?!:\d):?\/{0,2}/i.exec(text) ?? []
  if (slip !== undefined && schemes.includes(slip.toLowerCase())) {
    return { reason: `after "${slip}" must come "://"` }
  }
  return { reason: `it does not begin with a scheme (${wanted})` }
}

/** What stands in the place of the host and its port. A comma in a password is none between hosts. */
function hostsOf(text: string): string {
  const authority = /^[^:]*:\/\/([^/?#]*)/.exec(text)?.[1] ?? ''
  return authority.slice(authority.lastIndexOf('@') + 1)
}

/** A special character ends the host early and leaves a URL that still parses, such as `postgres://user:12#34@host`. */
function parsedFault(url: URL): UrlFault | null {
  const { username, password, port, pathname, searchParams, search, hash } = url
  const cut = username === '' && port !== '' && (pathname.includes('@') || (pathname === '' && search.includes('@')))
  if (cut || hash.includes('@') || [...searchParams.keys()].some((name) => name.includes('@')))
    return { reason: encode }
  if (hash !== '') return { reason: 'it holds a "#", which ends a URL early', remedy: 'write it as %23' }
  try {
    decodeURIComponent(username)
    decodeURIComponent(password)
  } catch {
    return { reason: 'its user or password holds a "%" that starts no character: write it as "%25"' }
  }
  try {
    hostOf(url)
    decodeURIComponent(pathname)
    return null
  } catch {
    return { reason: 'its host or what follows holds a "%" that starts no character: write it as "%25"' }
  }
}

function schemeOf(text: string): string | null {
  return /^([a-z][a-z0-9+.-]{0,20}):\/\//i.exec(text)?.[1]?.toLowerCase() ?? null
}
