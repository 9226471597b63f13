// Texts as the page shows them: hostile ones, addresses, numbers and times.
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { count, counted, listed, percent } from '../../web/src/text/numbers.js'
import { ago, dayAndTime, dayHeading, duration, parseTime, timeOfDay, utc } from '../../web/src/text/times.js'
import { shortened, visible } from '../../web/src/text/visible.js'
import { ownPath, webAddress } from '../../web/src/text/web-address.js'

describe('a text that anybody may have written', () => {
  it.each([
    ['plain, ä, 漢字 and 😀', 'plain, ä, 漢字 and 😀'],
    ['<img onerror=alert(1)>', '<img onerror=alert(1)>'],
    ['user\u202egnp.exe', 'user\\u{202e}gnp.exe'],
    ['dark\u200bmode', 'dark\\u{200b}mode'],
    ['a\u2066b\u2069', 'a\\u{2066}b\\u{2069}'],
    ['line\nbreak\tand\u0000', 'line\\u{a}break\\u{9}and\\u{0}'],
    ['half \ud83d a pair', 'half \\u{d83d} a pair'],
    ['\udc00', '\\u{dc00}'],
    ['👩\u200d💻 and ❤\ufe0f', '👩\u200d💻 and ❤\ufe0f'],
    ['a\u200db', 'a\\u{200d}b'],
    ['tag \u{e0041}', 'tag \\u{e0041}'],
  ])('%j hides nothing', (text, shown) => {
    expect(visible(text)).toBe(shown)
  })

  it('is cut without half a character', () => {
    expect(shortened('12345😀', 7)).toBe('12345😀')
    expect(shortened('12345😀9', 7)).toBe('12345…')
    expect(shortened('short', 7)).toBe('short')
  })
})

describe('an address', () => {
  it.each([
    'javascript:alert(1)',
    'JaVaScRiPt:alert(1)',
    'data:text/html,x',
    ' java\nscript:x',
    'vbscript:x',
    'file:///etc/passwd',
    'not one',
    '',
    null,
    undefined,
  ])('%j is no link', (text) => expect(webAddress(text)).toBe(null))

  it('of the web is one', () => {
    expect(webAddress('https://gitlab.com/a/b/-/issues/1')).toBe('https://gitlab.com/a/b/-/issues/1')
  })

  it.each([
    'https://evil.example',
    '//evil.example',
    '/\\evil.example',
    '\\\\evil.example',
    '/a\\b',
    '/a\nb',
    'flags',
    '',
    7,
    null,
  ])('%j is no place to go on to', (text) => expect(ownPath(text)).toBe(null))

  it('of the page itself is one', () => {
    expect(ownPath('/flags/a%2Fb?set=50#history')).toBe('/flags/a%2Fb?set=50#history')
  })
})

describe('numbers and times', () => {
  it('are written as a person reads them', () => {
    expect([
      percent(25),
      percent(33.3333),
      counted(1, 'actor'),
      counted(18_432, 'actor'),
      listed(['a', 'b', 'c']),
    ]).toEqual(['25 %', '33.333 %', '1 actor', '18,432 actors', 'a, b and c'])
  })

  it.each([
    [-5_000, 'just now'],
    [59_000, 'just now'],
    [60_000, '1 min ago'],
    [7_200_000, '2 h ago'],
    [41 * 86_400_000, '41 d ago'],
  ])('a time %d ms ago is "%s"', (passed, text) => {
    expect(ago(1_800_000_000_000 - passed, 1_800_000_000_000)).toBe(text)
  })

  it('have UTC beside them, and none is made of nonsense', () => {
    expect(utc(1_764_079_351_000)).toBe('2025-11-25 14:02:31 UTC')
    expect([parseTime('nonsense'), parseTime(null), duration(180_000), duration(400)]).toEqual([
      null,
      null,
      '3 min',
      '0 s',
    ])
  })
})

describe('numbers and times that are written by hand', () => {
  it('are those of Intl', () => {
    const counts = new Intl.NumberFormat('en')
    const shares = new Intl.NumberFormat('en', { maximumFractionDigits: 3 })
    const clock = new Intl.DateTimeFormat('en-GB', { timeStyle: 'medium' })
    const moment = new Intl.DateTimeFormat('en-GB', { dateStyle: 'medium', timeStyle: 'medium' })
    const heading = new Intl.DateTimeFormat('en-GB', {
      weekday: 'long',
      day: 'numeric',
      month: 'long',
      year: 'numeric',
    })
    fc.assert(
      fc.property(fc.integer(), fc.integer({ min: 0, max: 100_000 }), fc.integer({ min: 0 }), (whole, share, at) => {
        expect(count(whole)).toBe(counts.format(whole))
        expect(percent(share / 1_000)).toBe(`${shares.format(share / 1_000)} %`)
        expect(dayAndTime(at * 1_000).replace('Sep ', 'Sept ')).toBe(moment.format(at * 1_000))
        expect(timeOfDay(at * 1_000)).toBe(clock.format(at * 1_000))
        expect(dayHeading(at * 1_000)).toBe(heading.format(at * 1_000))
      }),
    )
  })
})
