// A whole state as bytes, for the disk and for Redis: gzip of a mark (store/sealed.ts), a line break and JSON with one feature
// a line. The lines are what lets a state of many megabytes be written and read in slices. The bytes may come from
// anywhere: size, mark and shape are checked before anything of them is used.
import { promisify } from 'node:util'
import { gunzip, gzip } from 'node:zlib'
import { breathing } from './breathing.js'
import { type Checking, longestMark, type Place, type Sealer } from './sealed.js'
import { featureRow, isDigest, isIdentifier, isRecord, parseFeature, parsePosition } from './state-shape.js'
import type { StoredFeature, StoredState } from './store.js'

/** Grows with every change to the bytes, and to what a digest is made of; other numbers are not read. */
export const packedFormat = 3

const zip = promisify(gzip)
const unzip = promisify(gunzip)
/** Measured on 6 MB of actor ids: a third of the default's time, and a tenth more bytes. */
const level = 1
const lineBreak = 0x0a
/** How much is hashed or encoded between two looks at the clock. */
const chunkLength = 64 * 1024

export interface PackableState extends StoredState {
  /** Names where the database was found by the process that wrote this. */
  readonly address: string
  /** What the store computed of the content; null where that is not known. */
  readonly digest: string | null
}

export interface PackOptions extends Place {
  readonly purpose: 'blob' | 'disk'
  readonly sealer: Sealer
  /** Before packing and after unpacking. */
  readonly largestBytes: number
}

/** The state as bytes, made in slices that let the event loop breathe. Throws an Error for a state over the limit. */
export async function packState(state: PackableState, options: PackOptions): Promise<Buffer> {
  const { address, identity, position, digest } = state
  const { sealer, largestBytes } = options
  const breathe = breathing()
  const marking = sealer.marking(options)
  const chunks: Buffer[] = []
  let length = longestMark + 1
  let text = JSON.stringify({ format: packedFormat, address, identity, position, digest, features: [] }).slice(0, -2)
  const flush = () => {
    const chunk = Buffer.from(text)
    marking.update(chunk)
    chunks.push(chunk)
    text = ''
    length += chunk.length
    if (length <= largestBytes) return
    throw new Error(`the state has more than ${largestBytes} bytes`)
  }
  let separator = '\n'
  for (const feature of state.features) {
    text += separator + JSON.stringify(featureRow(feature))
    separator = ',\n'
    if (text.length < chunkLength) continue
    flush()
    await breathe()
  }
  text += '\n]}'
  flush()
  return zip(Buffer.concat([Buffer.from(`${marking.mark()}\n`), ...chunks]), { level })
}

/** The state that was packed for this place. Throws an Error that says why the bytes cannot be used. */
export async function unpackState(packed: Uint8Array, options: PackOptions): Promise<PackableState> {
  // Some kilobytes may claim to hold gigabytes.
  const bytes = await unzip(packed, { maxOutputLength: options.largestBytes, chunkSize: chunkLength })
  const end = bytes.subarray(0, longestMark + 1).indexOf(lineBreak)
  if (end < 0) throw new Error('the content does not start with a hash')
  const check = options.sealer.checking(options, bytes.toString('latin1', 0, end))
  if (typeof check === 'string') throw new Error(check)
  const body = bytes.subarray(end + 1)
  if (!(await matches(check, body))) {
    throw new Error(`the ${options.sealer.signed ? 'signature' : 'hash'} does not match the content`)
  }
  const state = await parseState(body)
  if (state === null) throw new Error('the content does not have the expected shape')
  return state
}

async function matches(check: Checking, bytes: Buffer): Promise<boolean> {
  const breathe = breathing()
  for (let from = 0; from < bytes.length; from += chunkLength) {
    check.update(bytes.subarray(from, from + chunkLength))
    await breathe()
  }
  return check.matches()
}

async function parseState(body: Buffer): Promise<PackableState | null> {
  const breathe = breathing()
  const lines = linesOf(body)
  const head = parseHead(lines.next().value ?? '')
  if (head === null) return null
  const features: StoredFeature[] = []
  for (const line of lines) {
    if (line === ']}') return lines.next().done === true ? { ...head, features } : null
    const feature = parseFeature(JSON.parse(line.endsWith(',') ? line.slice(0, -1) : line))
    if (feature === null) return null
    features.push(feature)
    if (features.length % 16 === 0) await breathe()
  }
  return null
}

function parseHead(line: string): Omit<PackableState, 'features'> | null {
  const head: unknown = JSON.parse(`${line}]}`)
  if (!isRecord(head)) return null
  const { format } = head
  if (typeof format === 'number' && format !== packedFormat)
    throw new Error(`the content has the format ${format}; this version of Sluice reads ${packedFormat}`)
  if (format !== packedFormat) return null
  const { address, identity, digest, features } = head
  if (typeof address !== 'string' || !Array.isArray(features) || features.length > 0) return null
  if (identity !== null && !isIdentifier(identity)) return null
  if (digest !== null && !isDigest(digest)) return null
  const position = parsePosition(head['position'])
  if (position === null && head['position'] !== null) return null
  return { address, identity, position, digest, inRecovery: false }
}

function* linesOf(body: Buffer): Generator<string, undefined> {
  let from = 0
  while (from <= body.length) {
    const found = body.indexOf(lineBreak, from)
    const end = found < 0 ? body.length : found
    yield body.toString('utf8', from, end)
    from = end + 1
  }
}
