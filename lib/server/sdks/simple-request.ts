// A request that can be read without a parser of HTTP: a whole one and nothing else, written as SDKs write it. Whatever is spelled in
// another way, or could mean something to a parser, is not simple: Node reads it.
import type { PollHeaders } from './poll-headers.js'
import { wantedHeaders } from './poll-headers.js'

export interface SimpleRequest {
  /** As it came. */
  readonly url: string
  /** Those that say something to a poll or a report. */
  readonly headers: PollHeaders
}

/** With its body. */
export interface SimpleReport extends SimpleRequest {
  readonly body: string
}

/** Of a head: far below what Node takes. */
const longest = 4_096
/** Of a report with its head. A longer one comes in parts anyway. */
const longestReport = 32_768
const headEnd = '\r\n\r\n'
/** No more digits than the bytes of a report have. */
const lengthText = /^\d{1,5}$/
const version = ' HTTP/1.1'
/** Lines of printable ASCII, and an empty one at the end only. */
const lines = /^(?:[\x20-\x7e]+\r\n)+\r\n$/
const plainName = /^[\w-]+$/

/** What a header means: nothing, that Node has to read the request, or a value of that name. */
type Meaning =
  | { readonly is: 'nothing' | 'unclear' | 'host' | 'connection' | 'length' }
  | { readonly is: 'value'; readonly name: string }

const nothing: Meaning = { is: 'nothing' }
const unclear: Meaning = { is: 'unclear' }
const connection: Meaning = { is: 'connection' }
const host: Meaning = { is: 'host' }
const length: Meaning = { is: 'length' }
const unclearNames = new Set([
  'content-encoding',
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

/** The only request in these bytes, a GET; null if they are anything else. */
export function simpleRequest(bytes: Buffer): SimpleRequest | null {
  if (bytes.length > longest) return null
  const head = headIn(bytes.toString('latin1'), 'GET /')
  return head === null || head.length !== null ? null : { url: head.url, headers: head.headers }
}

/** The only request in these bytes, a POST with all of its body, which is not compressed; null if they are anything else. */
export function simpleReport(bytes: Buffer): SimpleReport | null {
  if (bytes.length > longestReport) return null
  const end = bytes.indexOf(headEnd) + headEnd.length
  if (end < headEnd.length || end > longest) return null
  const head = headIn(bytes.toString('latin1', 0, end), 'POST /')
  if (head === null || head.length !== bytes.length - end) return null
  return { url: head.url, headers: head.headers, body: bytes.toString('utf8', end) }
}

interface SimpleHead extends SimpleRequest {
  /** What `Content-Length` says; null where it is not there. */
  readonly length: number | null
}

function headIn(text: string, start: string): SimpleHead | null {
  if (!text.startsWith(start) || !lines.test(text)) return null
  const first = text.indexOf('\r\n')
  if (!text.startsWith(version, first - version.length)) return null
  return headersOf(text, first + 2, text.slice(start.length - 1, first - version.length))
}

function headersOf(text: string, from: number, url: string): SimpleHead | null {
  const headers: Record<string, string> = {}
  let hosts = 0
  let connections = 0
  let bodyLength: number | null = null
  for (let at = from; at < text.length - 2; ) {
    const colon = text.indexOf(':', at)
    const end = text.indexOf('\r\n', at)
    if (colon === -1 || colon > end) return null
    const meaning = meaningOf(text.slice(at, colon))
    if (meaning.is === 'unclear') return null
    if (meaning.is === 'host') hosts += 1
    else if (meaning.is === 'connection') {
      connections += 1
      if (valueIn(text, colon, end).toLowerCase() !== 'keep-alive') return null
    } else if (meaning.is === 'length') {
      const value = valueIn(text, colon, end)
      if (bodyLength !== null || !lengthText.test(value)) return null
      bodyLength = Number(value)
    } else if (meaning.is === 'value') {
      if (headers[meaning.name] !== undefined) return null
      headers[meaning.name] = valueIn(text, colon, end)
    }
    at = end + 2
  }
  return hosts === 1 && connections <= 1 ? { url, headers, length: bodyLength } : null
}

function valueIn(text: string, colon: number, end: number): string {
  return text.slice(colon + 1, end).trim()
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
  if (name === 'content-length') return length
  return wantedHeaders.has(name) ? { is: 'value', name } : nothing
}
