// Names the fault in the URL of a database or cache, so that the user can find it. URLs hold passwords, and a wrong URL may
// hold one anywhere: so a message shows nothing that could be part of a password.
import { printable } from '../text/printable.js'

const encode = 'special characters in a user or password must be percent-encoded ("#" as %23, "/" as %2F, "?" as %3F)'

/** The reason why a text is not a URL of one of these schemes; null if it is one. Never shows user or password. */
export function connectionUrlFault(text: string, schemes: readonly string[]): string | null {
  const scheme = schemeOf(text)
  const wanted = schemes.map((name) => `${name}://`).join(' or ')
  if (scheme === null) return `it does not begin with a scheme (${wanted})`
  if (!schemes.includes(scheme)) return `its scheme is "${scheme}", not ${wanted}`
  if (URL.canParse(text)) return parsedFault(new URL(text))
  const rest = text.slice(scheme.length + 3)
  const at = rest.lastIndexOf('@')
  if (/[#/?]/.test(rest.slice(0, Math.max(at, 0)))) return encode
  const port = /^(?:\[[^\]]*\]|[^:/?#]*):([^/?#]*)/.exec(rest.slice(at + 1))?.[1]
  if (port !== undefined && /^\d+$/.test(port)) return `the port ${port} is out of range (1 to 65535)`
  if (port !== undefined) return 'the port is not a number'
  return at === -1 ? 'its host cannot be read' : `its host cannot be read, or ${encode}`
}

/** The URL as messages may show it, in quotes; `it` if no part of it may be shown. */
export function shownUrl(text: string): string {
  const scheme = schemeOf(text)
  const at = text.lastIndexOf('@')
  // After "?" a password may follow too, and the password may hold an "@".
  if (at !== -1 && text.lastIndexOf('?', at) !== -1) return scheme === null ? 'it' : `"${scheme}://[hidden]"`
  const place = /^[^?#]*/.exec(text.slice(at === -1 && scheme !== null ? scheme.length + 3 : at + 1))?.[0] ?? ''
  // Without an "@", a text after a colon that is not a port may be the password of a URL whose host was forgotten.
  const isPlace = at === -1 ? /^(?:[\w.-]+|\[[\da-f:.]*\]):\d+(?:\/\w*)?$/i.test(place) : /^[\w.:[\]/-]*$/.test(place)
  if (scheme === null && !isPlace) return 'it'
  const before = `${scheme === null ? '' : `${scheme}://`}${at === -1 ? '' : '[hidden]@'}`
  return `"${before}${isPlace ? printable(place) : '…'}"`
}

/** A special character ends the host early and leaves a URL that still parses, such as `postgres://user:12#34@host`. */
function parsedFault({ username, password, port, pathname, search, hash }: URL): string | null {
  const cut = username === '' && port !== '' && (pathname.includes('@') || (pathname === '' && search.includes('@')))
  if (cut || hash.includes('@')) return encode
  try {
    decodeURIComponent(username)
    decodeURIComponent(password)
    return null
  } catch {
    return 'its user or password holds a "%" that starts no character: write it as "%25"'
  }
}

function schemeOf(text: string): string | null {
  return /^([a-z][a-z0-9+.-]{0,20}):\/\//i.exec(text)?.[1]?.toLowerCase() ?? null
}
