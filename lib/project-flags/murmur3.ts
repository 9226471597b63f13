// MurmurHash3 (x86, 32 bits), by which every Unleash SDK picks the users of a percentage. A change of one bit here moves users
// in and out of rollouts that are under way, and `evaluate` would contradict the SDKs: do not change it.

/** How an SDK turns text into bytes; the two families differ for ids beyond ASCII. */
export type TextBytes = 'utf8' | 'lowByte'

const encoder = new TextEncoder()

/** The hash of a text as an unsigned number; `lowByte` is what the Node SDK computes, `utf8` what all others do. */
export function murmur3(text: string, bytes: TextBytes, seed = 0): number {
  return murmur3Ascii(text, seed) ?? murmur3Bytes(bytes === 'utf8' ? encoder.encode(text) : lowBytes(text), seed)
}

/** Straight from the text, which is eight times as fast; null where a character takes more than one byte. */
function murmur3Ascii(text: string, seed: number): number | null {
  const { length } = text
  let hash = seed
  let block = 0
  for (let index = 0; index < length; index++) {
    const unit = text.charCodeAt(index)
    if (unit >= 0x80) return null
    block |= unit << ((index & 3) << 3)
    if ((index & 3) !== 3) continue
    hash = withBlock(hash, block)
    block = 0
  }
  if ((length & 3) !== 0) hash ^= mixed(block)
  return finished(hash ^ length)
}

/** The Node SDK keeps the low byte of each UTF-16 unit. */
function lowBytes(text: string): Uint8Array {
  const bytes = new Uint8Array(text.length)
  for (let index = 0; index < text.length; index++) bytes[index] = text.charCodeAt(index) & 0xff
  return bytes
}

function murmur3Bytes(bytes: Uint8Array, seed: number): number {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const blocksEnd = bytes.length - (bytes.length % 4)
  let hash = seed
  for (let index = 0; index < blocksEnd; index += 4) hash = withBlock(hash, view.getUint32(index, true))
  let tail = 0
  for (let index = bytes.length - 1; index >= blocksEnd; index--) tail = (tail << 8) | view.getUint8(index)
  if (blocksEnd < bytes.length) hash ^= mixed(tail)
  return finished(hash ^ bytes.length)
}

function withBlock(hash: number, block: number): number {
  const mix = hash ^ mixed(block)
  return (Math.imul((mix << 13) | (mix >>> 19), 5) + 0xe6546b64) | 0
}

function mixed(block: number): number {
  const product = Math.imul(block, 0xcc9e2d51)
  return Math.imul((product << 15) | (product >>> 17), 0x1b873593)
}

function finished(hash: number): number {
  let mix = hash ^ (hash >>> 16)
  mix = Math.imul(mix, 0x85ebca6b)
  mix = Math.imul(mix ^ (mix >>> 13), 0xc2b2ae35)
  return (mix ^ (mix >>> 16)) >>> 0
}
