// Everything stored as bytes: the rows (feature, gate, value) in the order of their bytes of UTF-8, each part with a NUL
// after it. Postgres' text holds no NUL, so no two contents have the same bytes. A feature without gates is one row whose
// gate is the byte FF, which UTF-8 does not have.
//
// Postgres gives content in this form (lib/store/postgres/sql-parts.ts makes the same bytes in SQL). A digest is the SHA-256 of
// these bytes (digest.ts). Disk copies and blobs hold them (packed-state.ts): a process that has the bytes has the digest, and
// reading them takes less time than JSON. All of these must change together, and the number of the packed format with them.
//
// Postgres gives the values of a gate in this order, and this file sorts no other long list: sorting 400,000 values would hold
// up the event loop for a second.
import { isAscii } from 'node:buffer'
import { timeSlices } from '../time/time-slices.js'
import { isStorable } from './state-json.js'
import type { StoredFeature } from './state.js'
import { compareTexts } from './text-order.js'

const pieceBytes = 64 * 1024
/** The most bytes of UTF-8 that one unit of a JavaScript string takes. */
const mostBytesOfUnit = 3
const rowsBetweenLooks = 512
const nul = 0
const noGate = 0xff
/** The same, read as Latin-1. */
const noGateText = '\xff'
/** V8 keeps a longer part of a text as a view of the whole, which it compares slowly and which keeps the whole alive. */
const longestCopy = 12

export interface Written {
  /**
   * False for content that Postgres could not have given: out of order, twice, without values, or text that is not well-formed.
   */
  readonly isContent: boolean
  /** Whether a text held a NUL: the written bytes cannot be read back in that case. */
  readonly hasNul: boolean
}

/**
 * Gives the bytes of these features to `take`, in pieces of 64 kB that are used again afterwards. Works in slices, so that the
 * event loop can do other work. Features may come in any order; the order of their keys is cheapest.
 */
export async function writeRows(features: Iterable<StoredFeature>, take: (piece: Buffer) => void): Promise<Written> {
  const yieldIfDue = timeSlices()
  const rows = new RowWriter(take)
  let last: string | null = null
  let written = 0
  for (const { key, gates } of inOrder(features)) {
    if (key === last) rows.isContent = false
    last = key
    const before = written
    for (const [gate, values] of inOrderOfGates(gates)) {
      if (values.length === 0) rows.isContent = false
      let lastValue = ''
      for (const value of values) {
        if (compareTexts(lastValue, value) > 0) rows.isContent = false
        lastValue = value
        rows.add(key, gate, value)
        written += 1
        if (written % rowsBetweenLooks === 0) await yieldIfDue()
      }
    }
    if (written > before) continue
    rows.addBareFeature(key)
    written += 1
    if (written % rowsBetweenLooks === 0) await yieldIfDue()
  }
  rows.flush()
  return rows
}

/**
 * The features that these bytes hold, in their order; null for bytes that are not whole rows. Bytes that are not UTF-8 are read
 * as U+FFFD. Works in slices, so that the event loop can do other work.
 */
export async function readRows(bytes: Buffer): Promise<StoredFeature[] | null> {
  const yieldIfDue = timeSlices()
  const rows = new RowReader(bytes)
  while (rows.isMore) {
    if (!rows.readPiece()) return null
    await yieldIfDue()
  }
  rows.endGate()
  return rows.features
}

function inOrder(features: Iterable<StoredFeature>): readonly StoredFeature[] {
  return [...features].sort((a, b) => compareTexts(a.key, b.key))
}

function inOrderOfGates(gates: StoredFeature['gates']): Iterable<readonly [string, readonly string[]]> {
  return gates.size < 2 ? gates : [...gates].sort(([a], [b]) => compareTexts(a, b))
}

class RowWriter implements Written {
  readonly #take: (piece: Buffer) => void
  readonly #piece = Buffer.allocUnsafe(pieceBytes)
  #length = 0
  isContent = true
  hasNul = false

  constructor(take: (piece: Buffer) => void) {
    this.#take = take
  }

  add(feature: string, gate: string, value: string): void {
    this.#addText(feature)
    this.#addText(gate)
    this.#addText(value)
  }

  addBareFeature(feature: string): void {
    this.#addText(feature)
    this.#makeRoom(2)
    this.#piece[this.#length++] = noGate
    this.#piece[this.#length++] = nul
  }

  flush(): void {
    if (this.#length > 0) this.#take(this.#piece.subarray(0, this.#length))
    this.#length = 0
  }

  #addText(text: string): void {
    const most = text.length * mostBytesOfUnit + 1
    if (most > pieceBytes) this.#addLong(text)
    else {
      this.#makeRoom(most)
      if (!this.#addAscii(text)) this.#addShort(text)
    }
    this.#piece[this.#length++] = nul
  }

  /** By hand, because a call into Node's encoder costs more than most texts are long. False for any other text. */
  #addAscii(text: string): boolean {
    const piece = this.#piece
    const start = this.#length
    for (let index = 0; index < text.length; index++) {
      const unit = text.charCodeAt(index)
      if (unit > 0x7f || unit === nul) return false
      piece[start + index] = unit
    }
    this.#length = start + text.length
    return true
  }

  #addShort(text: string): void {
    this.#judge(text)
    this.#length += this.#piece.write(text, this.#length, 'utf8')
  }

  #addLong(text: string): void {
    this.#judge(text)
    this.flush()
    this.#take(Buffer.from(text, 'utf8'))
  }

  #judge(text: string): void {
    if (!isStorable(text)) this.isContent = false
    if (text.includes('\0')) this.hasNul = true
  }

  #makeRoom(bytes: number): void {
    if (bytes > pieceBytes - this.#length) this.flush()
  }
}

/** Compares the bytes as Latin-1, in which each byte is a character, and decodes only the parts that it keeps. */
class RowReader {
  readonly features: StoredFeature[] = []
  readonly #bytes: Buffer
  /** There are few names of gates, so each name is kept once. */
  readonly #gateNames = new Map<string, string>()
  /** Where the next row begins. */
  #at = 0
  #length = pieceBytes
  #key: string | null = null
  #gates = new Map<string, readonly string[]>()
  #gate: string | null = null
  /**
   * The first `#count` are values of the gate being read: a list that grows by itself takes several times the memory of a copy.
   */
  readonly #values: string[] = []
  #count = 0

  constructor(bytes: Buffer) {
    this.#bytes = bytes
  }

  get isMore(): boolean {
    return this.#at < this.#bytes.length
  }

  /** Reads the rows of about 64 kB. False where the last row is not whole. */
  readPiece(): boolean {
    const from = this.#at
    const piece = this.#bytes.subarray(from, from + this.#length)
    const read = this.#readRows(piece.toString('latin1'), isAscii(piece))
    this.#at += read
    this.#length = pieceBytes
    if (read > 0) return true
    // A row that is longer than the piece.
    this.#length = 2 * piece.length
    return from + piece.length < this.#bytes.length
  }

  /** The length of the whole rows. */
  #readRows(text: string, ascii: boolean): number {
    let at = 0
    // Most rows have the same feature and gate as the row before.
    let same = ''
    for (;;) {
      if (same === '' || !text.startsWith(same, at)) {
        const endOfKey = text.indexOf('\0', at)
        const endOfGate = endOfKey < 0 ? -1 : text.indexOf('\0', endOfKey + 1)
        if (endOfGate < 0) return at
        const gate = text.slice(endOfKey + 1, endOfGate)
        if (gate !== noGateText && text.indexOf('\0', endOfGate + 1) < 0) return at
        const key = text.slice(at, endOfKey)
        if (key !== this.#key) this.#beginFeature(key, this.#decoded(text, at, endOfKey, ascii))
        if (gate === noGateText) {
          at = endOfGate + 1
          continue
        }
        same = text.slice(at, endOfGate + 1)
        this.#beginGate(gate)
      }
      const start = at + same.length
      const end = text.indexOf('\0', start)
      if (end < 0) return at
      this.#values[this.#count++] = this.#decoded(text, start, end, ascii)
      at = end + 1
    }
  }

  #beginFeature(key: string, decoded: string): void {
    this.endGate()
    this.#key = key
    this.#gate = null
    this.#gates = new Map()
    this.features.push({ key: decoded, gates: this.#gates })
  }

  #beginGate(gate: string): void {
    if (gate === this.#gate) return
    this.endGate()
    this.#gate = gate
  }

  endGate(): void {
    if (this.#gate === null || this.#count === 0) return
    const name = this.#gateNames.get(this.#gate) ?? Buffer.from(this.#gate, 'latin1').toString('utf8')
    this.#gateNames.set(this.#gate, name)
    const values = this.#values.slice(0, this.#count)
    const before = this.#gates.get(name)
    this.#gates.set(name, before === undefined ? values : [...before, ...values])
    this.#count = 0
  }

  /** The bytes from `start` to `end` of the piece. */
  #decoded(text: string, start: number, end: number, ascii: boolean): string {
    if (!ascii) return this.#bytes.toString('utf8', this.#at + start, this.#at + end)
    return end - start > longestCopy
      ? this.#bytes.toString('latin1', this.#at + start, this.#at + end)
      : text.slice(start, end)
  }
}
