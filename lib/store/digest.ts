// One SHA-256 of everything stored: the rows (feature, gate, value) in the order of their bytes of UTF-8, each part with a
// NUL after it. Postgres' text holds no NUL, so no two contents have the same bytes. A feature without gates is one row
// whose gate is the byte FF, which UTF-8 does not have.
//
// lib/store/postgres-sql.ts computes the same in SQL: both must change together, and with them the format of what carries
// a digest (store/packed-state.ts), or every process of another version sees a difference at once.
//
// Postgres gives the values of a gate in this order, and nothing else is sorted here that may be long: sorting 400,000
// values would hold up the event loop for a second. What does not come as Postgres gives it, or could not be in Postgres
// (a lone surrogate has the bytes of U+FFFD), gets a text that is no digest of Postgres': it differs from all content.
import { createHash } from 'node:crypto'
import { breathing } from './breathing.js'
import { isStorable } from './storable.js'
import type { StoredFeature } from './store.js'
import { compareTexts } from './text-order.js'

const chunkBytes = 64 * 1024
/** Of UTF-8, for one unit of a JavaScript string. */
const mostBytesOfUnit = 3
const rowsBetweenLooks = 512
const noGate = 0xff

/**
 * The digest of these features, computed in slices that let the event loop breathe. Features may come in any order;
 * cheapest is that of their keys.
 */
export async function digestOf(features: Iterable<StoredFeature>): Promise<string> {
  const breathe = breathing()
  const rows = new RowHash()
  let last: string | null = null
  let hashed = 0
  for (const { key, gates } of inOrder(features)) {
    if (key === last) rows.isContent = false
    if (gates.size === 0) rows.addBareFeature(key)
    last = key
    for (const [gate, values] of inOrderOfGates(gates)) {
      if (values.length === 0) rows.isContent = false
      let before = ''
      for (const value of values) {
        if (compareTexts(before, value) > 0) rows.isContent = false
        before = value
        rows.add(key, gate, value)
        hashed += 1
        if (hashed % rowsBetweenLooks === 0) await breathe()
      }
    }
    hashed += 1
    if (hashed % rowsBetweenLooks === 0) await breathe()
  }
  return rows.digest()
}

function inOrder(features: Iterable<StoredFeature>): readonly StoredFeature[] {
  return [...features].sort((a, b) => compareTexts(a.key, b.key))
}

function inOrderOfGates(gates: StoredFeature['gates']): Iterable<readonly [string, readonly string[]]> {
  return gates.size < 2 ? gates : [...gates].sort(([a], [b]) => compareTexts(a, b))
}

/** Feeds the hash 64 kB at a time: a call of it costs more than the bytes of a row. */
class RowHash {
  readonly #hash = createHash('sha256')
  readonly #chunk = Buffer.allocUnsafe(chunkBytes)
  #length = 0
  /** False once something was added that Postgres could not have given like this. */
  isContent = true

  add(feature: string, gate: string, value: string): void {
    this.#addText(feature)
    this.#addText(gate)
    this.#addText(value)
  }

  addBareFeature(feature: string): void {
    this.#addText(feature)
    this.#makeRoom(2)
    this.#chunk[this.#length++] = noGate
    this.#chunk[this.#length++] = 0
  }

  digest(): string {
    this.#flush()
    const hex = this.#hash.digest('hex')
    return this.isContent ? hex : `unlike-${hex.slice(0, 32)}`
  }

  #addText(text: string): void {
    const most = text.length * mostBytesOfUnit + 1
    if (most > chunkBytes) this.#addLong(text)
    else {
      this.#makeRoom(most)
      if (!this.#addAscii(text)) this.#addShort(text)
    }
    this.#chunk[this.#length++] = 0
  }

  /** By hand, because a call into Node's encoder costs more than most texts are long. False for any other text. */
  #addAscii(text: string): boolean {
    const chunk = this.#chunk
    const start = this.#length
    for (let index = 0; index < text.length; index++) {
      const unit = text.charCodeAt(index)
      if (unit > 0x7f || unit === 0) return false
      chunk[start + index] = unit
    }
    this.#length = start + text.length
    return true
  }

  #addShort(text: string): void {
    if (!isStorable(text)) this.isContent = false
    this.#length += this.#chunk.write(text, this.#length, 'utf8')
  }

  #addLong(text: string): void {
    if (!isStorable(text)) this.isContent = false
    this.#flush()
    this.#hash.update(text, 'utf8')
  }

  #makeRoom(bytes: number): void {
    if (bytes > chunkBytes - this.#length) this.#flush()
  }

  #flush(): void {
    this.#hash.update(this.#chunk.subarray(0, this.#length))
    this.#length = 0
  }
}
