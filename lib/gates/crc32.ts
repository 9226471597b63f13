// CRC-32 (as in zlib and in Ruby's Zlib.crc32) over the UTF-8 bytes of a text, straight from its UTF-16 units.
// The hot path of every percentage check: no buffer, no allocation. Lone surrogates count as U+FFFD.
//
// Never change what it computes: actors would change buckets, and half-rolled-out flags would flip for people.

const table = makeTable()

function makeTable(): Int32Array {
  const values = new Int32Array(256)
  for (let index = 0; index < 256; index++) {
    let value = index
    for (let bit = 0; bit < 8; bit++) value = value & 1 ? (value >>> 1) ^ 0xedb88320 : value >>> 1
    values[index] = value
  }
  return values
}

/** The state before any byte. */
export const crc32Start = -1

/** The state after the text's bytes, from the state before them; keep the state after a flag's name, and start from it. */
export function crc32State(text: string, state: number = crc32Start): number {
  let crc = state
  for (let index = 0; index < text.length; index++) {
    const unit = text.charCodeAt(index)
    if (unit >= 0x80) return crc32Wide(text, index, crc)
    crc = (crc >>> 8) ^ (table[(crc ^ unit) & 0xff] as number)
  }
  return crc
}

/** The checksum, 0 to 2^32 - 1, of a state. */
export function crc32Finish(state: number): number {
  return ~state >>> 0
}

/** The state after the rest of a text, from its first character that takes more than one byte. */
function crc32Wide(text: string, from: number, state: number): number {
  let crc = state
  for (let index = from; index < text.length; index++) {
    const unit = text.charCodeAt(index)
    if (unit < 0x80) {
      crc = step(crc, unit)
    } else if (unit < 0x800) {
      crc = step(step(crc, 0xc0 | (unit >> 6)), 0x80 | (unit & 0x3f))
    } else if (unit < 0xd800 || unit > 0xdfff) {
      crc = step(step(step(crc, 0xe0 | (unit >> 12)), 0x80 | ((unit >> 6) & 0x3f)), 0x80 | (unit & 0x3f))
    } else {
      const next = unit < 0xdc00 && index + 1 < text.length ? text.charCodeAt(index + 1) : 0
      if (next >= 0xdc00 && next <= 0xdfff) {
        const point = 0x10000 + ((unit - 0xd800) << 10) + (next - 0xdc00)
        crc = step(step(crc, 0xf0 | (point >> 18)), 0x80 | ((point >> 12) & 0x3f))
        crc = step(step(crc, 0x80 | ((point >> 6) & 0x3f)), 0x80 | (point & 0x3f))
        index++
      } else {
        crc = step(step(step(crc, 0xef), 0xbf), 0xbd)
      }
    }
  }
  return crc
}

function step(crc: number, byte: number): number {
  // The index is a byte, so the table always has it; `as` avoids a test for undefined in the hot loop.
  return (crc >>> 8) ^ (table[(crc ^ byte) & 0xff] as number)
}
