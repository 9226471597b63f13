// Text from outside, made printable.
import { describe, expect, it } from 'vitest'
import { ConfigurationError, errorText, FeatureError } from '../../lib/errors.js'
import { escapeJson, oneLine, printable, printableJson, printableLines, quoted } from '../../lib/text/printable.js'

/** Every character that a terminal obeys, reads backwards or does not show. */
const unsafe = [
  ...Array.from({ length: 0x20 }, (_, code) => code),
  ...Array.from({ length: 0x21 }, (_, offset) => 0x7f + offset),
  ...[0xad, 0x34f, 0x61c, 0x115f, 0x1160, 0x180e, 0x200b, 0x200c, 0x200d, 0x200e, 0x200f, 0x2028, 0x2029],
  ...[0x202a, 0x202b, 0x202c, 0x202d, 0x202e, 0x2060, 0x2066, 0x2067, 0x2068, 0x2069, 0x206f, 0x2800, 0x3164],
  ...[0xd800, 0xdfff, 0xe000, 0xfe0f, 0xfeff, 0xffa0, 0xfff9, 0xffff, 0x1d173, 0xe0001, 0xe0041, 0xe0100, 0x10ffff],
].map((code) => String.fromCodePoint(code))
const safe = ['a', ' ', 'é', 'ß', '漢', 'ا', 'א', '😀', '\\', '"', '\u0301']

describe('text from outside', () => {
  it.each([
    ['printable', printable],
    ['quoted', quoted],
    [
      'an error of ours',
      (text: string) => new ConfigurationError({ problem: text, remedy: text }).message.replaceAll('\n', ''),
    ],
    ['the text of an error', (text: string) => errorText(new Error(`a${text}`))],
    ['JSON', (text: string) => printableJson(text)],
  ])('has none of the unsafe characters in %s', (_, show) => {
    for (const character of unsafe) expect(show(character)).not.toContain(character)
  })

  it('keeps every other character', () => {
    expect(printable(safe.join(''))).toBe(safe.join(''))
    expect(printableJson(safe.slice(0, -3))).toBe(JSON.stringify(safe.slice(0, -3), null, 2))
    expect(errorText(new Error('naïve 漢 😀'))).toBe('naïve 漢 😀')
  })

  it('reads back from JSON as it was, as a key too', () => {
    const value = { list: unsafe, [unsafe.join('')]: [`\\${unsafe.join('\\')}"`] }
    expect(JSON.parse(printableJson(value))).toEqual(value)
    expect(JSON.parse(escapeJson(JSON.stringify(value)))).toEqual(value)
    expect(printableJson(value)).toMatch(/^[\x20-\x7e\n]*$/)
  })

  it('keeps line breaks only where the text is ours', () => {
    expect(printableLines('a\nb\rc')).toBe('a\nb\\u{d}c')
    expect(printable('a\nb')).toBe('a\\u{a}b')
    expect(oneLine('a\r\n  b\n\n\tc\u001b')).toBe('a b c\\u{1b}')
    expect(errorText('DETAIL:\nerror: forged')).toBe('DETAIL: error: forged')
  })

  it('is made printable in messages of errors, whoever makes them', () => {
    const error = new FeatureError('invalid_name', { problem: 'the name \u001b[2J', remedy: 'give \u202e' })
    expect(error.message).toBe('the name \\u{1b}[2J; give \\u{202e}')
  })
})
