// A request that can be read without a parser of HTTP: a whole one and nothing else, written as SDKs write it. Whatever is spelled in
// another way, or could mean something to a parser, is not simple: Node reads it.
import type { PollHeaders } from './poll-headers.js'
import { wantedHeaders } from './poll-headers.js'

export interface SimpleRequest {
  /** As it came. */
  readonly url: string
  /** Those that say something to a poll. */
  readonly headers: PollHeaders
}

/** Far below what Node takes. */
const longest = 4_096
const start = 'GET /'
const version = ' HTTP/1.1'
/** Lines of printable ASCII, and an empty one at the end only. */
const lines = /^(?:[\x20-\x7e]+\r\n)+\r\n$/
const plainName = /^[\w-]+$/

/** What a header means to a poll: nothing, that Node has to read the request, or a value of that name. */
type Meaning =
  | { readonly is: 'nothing' | 'unclear' | 'host' | 'connection' }
  | { readonly is: 'value'; readonly name: string }

const nothing: Meaning = { is: 'nothing' }
const unclear: Meaning = { is: 'unclear' }
const connection: Meaning = { is: 'connection' }
const host: Meaning = { is: 'host' }
const unclearNames = new Set([
  'content-length',
  'expect',
  'http2-settings',
  'proxy-connection',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
])
/** By spelling. */
const meanings = new Map<string, Meaning>()
const mostSpellings = 1_000

/** The only request in these bytes; null if they are anything else. */
export function simpleRequest(bytes: Buffer): SimpleRequest | null {
  if (bytes.length > longest) return null
  const text = bytes.toString('latin1')
  if (!text.startsWith(start) || !lines.test(text)) return null
  const first = text.indexOf('\r\n')
  if (!text.startsWith(version, first - version.length)) return null
  const headers = headersOf(text, first + 2)
  return headers === null ? null : { url: text.slice(start.length - 1, first - version.length), headers }
}

function headersOf(text: string, from: number): PollHeaders | null {
  const headers: Record<string, string> = {}
  let hosts = 0
  let connections = 0
  for (let at = from; at < text.length - 2; ) {
    const colon = text.indexOf(':', at)
    const end = text.indexOf('\r\n', at)
    if (colon === -1 || colon > end) return null
    const meaning = meaningOf(text.slice(at, colon))
    if (meaning.is === 'unclear') return null
    if (meaning.is === 'host') hosts += 1
    else if (meaning.is === 'connection') {
      connections += 1
      if (
        text
          .slice(colon + 1, end)
          .trim()
          .toLowerCase() !== 'keep-alive'
      )
        return null
    } else if (meaning.is === 'value') {
      if (headers[meaning.name] !== undefined) return null
      headers[meaning.name] = text.slice(colon + 1, end).trim()
    }
    at = end + 2
  }
  return hosts === 1 && connections <= 1 ? headers : null
}

function meaningOf(spelling: string): Meaning {
  const known = meanings.get(spelling)
  if (known !== undefined) return known
  const meaning = workedOut(spelling)
  if (meanings.size < mostSpellings) meanings.set(spelling, meaning)
  return meaning
}

function workedOut(spelling: string): Meaning {
  if (!plainName.test(spelling)) return unclear
  const name = spelling.toLowerCase()
  if (unclearNames.has(name)) return unclear
  if (name === 'connection') return connection
  if (name === 'host') return host
  return wantedHeaders.has(name) ? { is: 'value', name } : nothing
}
