// A whole state as bytes, for the disk and for Redis: gzip of a mark (state/sealed.ts), a line of JSON that describes the
// content and holds its hash, and the content's rows (content-rows.ts). The mark covers the line, and the line's hash covers
// the rows. The bytes may come from anywhere: size, mark, hash and shape are checked before any of them are used.
import { createHash } from 'node:crypto'
import { promisify } from 'node:util'
import { gunzip, gunzipSync, gzip } from 'node:zlib'
import { timeSlices } from '../time/time-slices.js'
import { readRows, writeRows } from './content-rows.js'
import { longestMark, type Place, type Sealer } from './sealed.js'
import { isRecord } from '../text/json.js'
import { isDigest, isIdentifier, parsePosition } from './state-json.js'
import type { StoredState } from './state.js'

/** Increase it with every change to the bytes, from which a digest is made too. A reader does not read other numbers. */
export const packedFormat = 3

const zip = promisify(gzip)
const unzip = promisify(gunzip)
/** Measured on 6 MB of actor ids: a third of the time of the default level, and a tenth more bytes. */
const level = 1
/**
 * A packed state of at most this size is unpacked at once, into at most this size: handing it to another thread and back takes
 * longer.
 */
const smallPacked = 64 * 1024
const mostAtOnce = 1024 * 1024
const lineBreak = 0x0a
/** How much is hashed between two looks at the clock. */
const chunkLength = 64 * 1024

export interface PackableState extends StoredState {
  /** Names where the process that wrote this found the database. */
  readonly address: string
  /** The digest that the store computed of the content; null if it is not known. */
  readonly digest: string | null
}

export interface PackOptions extends Place {
  readonly purpose: 'blob' | 'disk'
  readonly sealer: Sealer
  /** Before packing and after unpacking. */
  readonly largestBytes: number
}

/** The state that was read, and the hash of its content: the content's real digest, whatever the state says. */
export interface UnpackedState extends PackableState {
  readonly contentDigest: string
}

/**
 * The state as bytes. Works in slices, so that the event loop can do other work. Throws an Error for a state over the limit.
 */
export async function packState(state: PackableState, options: PackOptions): Promise<Buffer> {
  const { address, identity, position, digest } = state
  const { sealer, largestBytes } = options
  const made = createHash('sha256')
  const pieces: Buffer[] = []
  let length = 0
  const grow = (bytes: number) => {
    length += bytes
    if (length > largestBytes) throw new Error(`the state has more than ${largestBytes} bytes`)
  }
  const { hasNul } = await writeRows(state.items, (piece) => {
    grow(piece.length)
    made.update(piece)
    pieces.push(Buffer.from(piece))
  })
  if (hasNul) throw new Error('the state holds a NUL character, which Postgres cannot store')
  const content = made.digest('hex')
  const head = JSON.stringify({ format: packedFormat, address, identity, position, digest, content })
  const marking = sealer.marking(options)
  marking.update(head)
  const start = Buffer.from(`${marking.mark()}\n${head}\n`)
  grow(start.length)
  return zip(Buffer.concat([start, ...pieces]), { level })
}

/** The state that was packed for this place. Throws an Error that says why the bytes cannot be used. */
export async function unpackState(packed: Uint8Array, options: PackOptions): Promise<UnpackedState> {
  const bytes = await inflated(packed, options.largestBytes)
  const end = bytes.subarray(0, longestMark + 1).indexOf(lineBreak)
  if (end < 0) throw new Error('the content does not start with a hash')
  const endOfHead = bytes.indexOf(lineBreak, end + 1)
  const body = bytes.toString('utf8', end + 1, endOfHead < 0 ? bytes.length : endOfHead)
  // Other formats are marked in other ways.
  const [, format = ''] = /^\{"format":(\d+)/.exec(body) ?? []
  if (format !== '' && format !== String(packedFormat)) throw new Error(anotherFormat(format))
  const check = options.sealer.checking(options, bytes.toString('latin1', 0, end))
  if (typeof check === 'string') throw new Error(check)
  check.update(body)
  const unlike = `the ${options.sealer.signed ? 'signature' : 'hash'} does not match the content`
  if (!check.matches()) throw new Error(unlike)
  const head = parseHead(body)
  const rows = bytes.subarray(endOfHead + 1)
  if (head === null || endOfHead < 0) throw new Error('the content does not have the expected shape')
  if (head.contentDigest !== (await hashOf(rows))) throw new Error(unlike)
  const features = await readRows(rows)
  if (features === null) throw new Error('the content does not have the expected shape')
  return { ...head, items: features }
}

/** Some kilobytes may claim to hold gigabytes. */
async function inflated(packed: Uint8Array, largestBytes: number): Promise<Buffer> {
  if (packed.length <= smallPacked && mostAtOnce < largestBytes) {
    try {
      return gunzipSync(packed, { maxOutputLength: mostAtOnce, chunkSize: 2 * chunkLength })
    } catch (error) {
      if (!isTooLarge(error)) throw error
    }
  }
  return unzip(packed, { maxOutputLength: largestBytes, chunkSize: 2 * chunkLength })
}

function isTooLarge(error: unknown): boolean {
  return error instanceof RangeError && 'code' in error && error.code === 'ERR_BUFFER_TOO_LARGE'
}

async function hashOf(bytes: Buffer): Promise<string> {
  const yieldIfDue = timeSlices()
  const made = createHash('sha256')
  for (let from = 0; from < bytes.length; from += chunkLength) {
    made.update(bytes.subarray(from, from + chunkLength))
    await yieldIfDue()
  }
  return made.digest('hex')
}

function anotherFormat(format: string): string {
  return `the content has the format ${format}; this version of Sluice reads ${packedFormat}`
}

function parseHead(line: string): Omit<UnpackedState, 'items'> | null {
  const head: unknown = JSON.parse(line)
  if (!isRecord(head)) return null
  const { format, address, identity, digest, content } = head
  if (typeof format === 'number' && format !== packedFormat) throw new Error(anotherFormat(String(format)))
  if (format !== packedFormat || typeof address !== 'string' || !isDigest(content)) return null
  if (identity !== null && !isIdentifier(identity)) return null
  if (digest !== null && !isDigest(digest)) return null
  const position = parsePosition(head['position'])
  if (position === null && head['position'] !== null) return null
  return { address, identity, position, digest, contentDigest: content, inRecovery: false }
}
