// A whole state as bytes, for the disk and for Redis: gzip of a SHA-256 in hex, a line break and JSON with one feature a
// line. The lines are what lets a state of many megabytes be written and read in slices. The bytes may come from
// anywhere: size, hash and shape are checked before anything of them is used.
import { createHash } from 'node:crypto'
import { promisify } from 'node:util'
import { gunzip, gzip } from 'node:zlib'
import { breathing } from './breathing.js'
import { featureRow, isIdentifier, isRecord, parseFeature, parsePosition } from './state-shape.js'
import type { StoredFeature, StoredState } from './store.js'

/** Grows with every change to the bytes; other numbers are not read. */
export const packedFormat = 2

const zip = promisify(gzip)
const unzip = promisify(gunzip)
/** Measured on 6 MB of actor ids: a third of the default's time, and a tenth more bytes. */
const level = 1
const hashLength = 64
const lineBreak = 0x0a
/** How much is hashed or encoded between two looks at the clock. */
const chunkLength = 64 * 1024

export interface PackableState extends StoredState {
  /** Whose state it is: what belongs to others is not read. */
  readonly namespace: string
}

export interface PackLimits {
  /** Before packing and after unpacking. */
  readonly largestBytes: number
}

/** The state as bytes, made in slices that let the event loop breathe. Throws an Error for a state over the limit. */
export async function packState(state: PackableState, limits: PackLimits): Promise<Buffer> {
  const { namespace, position, databaseId } = state
  const breathe = breathing()
  const hash = createHash('sha256')
  const chunks: Buffer[] = []
  let length = hashLength + 1
  let text = JSON.stringify({ format: packedFormat, namespace, position, databaseId, features: [] }).slice(0, -2)
  const flush = () => {
    const chunk = Buffer.from(text)
    hash.update(chunk)
    chunks.push(chunk)
    text = ''
    length += chunk.length
    if (length <= limits.largestBytes) return
    throw new Error(`the state has more than ${limits.largestBytes} bytes`)
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
  return zip(Buffer.concat([Buffer.from(`${hash.digest('hex')}\n`), ...chunks]), { level })
}

/** The state that was packed. Throws an Error that says why the bytes cannot be used. */
export async function unpackState(packed: Uint8Array, limits: PackLimits): Promise<PackableState> {
  // Some kilobytes may claim to hold gigabytes.
  const bytes = await unzip(packed, { maxOutputLength: limits.largestBytes, chunkSize: chunkLength })
  if (bytes[hashLength] !== lineBreak) throw new Error('the content does not start with a hash')
  const body = bytes.subarray(hashLength + 1)
  if (bytes.toString('latin1', 0, hashLength) !== (await sha256(body)))
    throw new Error('the hash does not match the content')
  const state = await parseState(body)
  if (state === null) throw new Error('the content does not have the expected shape')
  return state
}

async function sha256(bytes: Buffer): Promise<string> {
  const breathe = breathing()
  const hash = createHash('sha256')
  for (let from = 0; from < bytes.length; from += chunkLength) {
    hash.update(bytes.subarray(from, from + chunkLength))
    await breathe()
  }
  return hash.digest('hex')
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
  const { namespace, databaseId, features } = head
  if (typeof namespace !== 'string' || !Array.isArray(features) || features.length > 0) return null
  if (databaseId !== null && !isIdentifier(databaseId)) return null
  const position = parsePosition(head['position'])
  if (position === null && head['position'] !== null) return null
  return { namespace, databaseId, position, inRecovery: false }
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
