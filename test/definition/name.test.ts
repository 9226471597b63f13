// Which names a flag can have.
import { describe, expect, it } from 'vitest'
import { flagNameFault } from '../../lib/definition/name.js'

describe('flagNameFault', () => {
  it.each(['a', '1', 'dark_mode', 'a_1_b', '404', 'null', 'a'.repeat(251)])('takes %s', (name) => {
    expect(flagNameFault(name)).toBeNull()
  })

  it.each([
    ['a hyphen', 'dark-mode'],
    ['a capital', 'Dark'],
    ['an underscore in front', '_a'],
    ['an underscore behind', 'a_'],
    ['a double underscore', 'a__b'],
    ['a line after a good name', 'good\nbad'],
    ['a line break behind', 'good\n'],
    ['a line in front of a good name', 'BAD\ngood'],
    ['NUL', 'a\0b'],
    ['a tab', 'a\tb'],
    ['a line separator', 'a\u2028b'],
    ['a right-to-left override', 'a\u202eb'],
    ['a lone surrogate', 'a\ud800'],
    ['a composed letter', 'caf\u00e9'],
    ['a decomposed letter', 'cafe\u0301'],
    ['SQL', "'; drop table features;--"],
    ['a path', '../../etc/passwd'],
    ['a percent escape', '%00'],
    // biome-ignore lint/suspicious/noTemplateCurlyInString: it is the text of an attack, not a template
    ['a lookup', '${jndi:ldap://x}'],
    ['HTML', '<img src=x onerror=alert(1)>'],
    ['__proto__', '__proto__'],
    ['hasOwnProperty', 'hasOwnProperty'],
    ['toString', 'toString'],
  ])('refuses %s', (_what, name) => {
    expect(flagNameFault(name)).toBe('must be lower-case letters and digits joined by single underscores')
  })

  it('refuses names that break objects made by generated code', () => {
    expect(flagNameFault('constructor')).toBe('is a reserved word in JavaScript')
    expect(flagNameFault('prototype')).toBe('is a reserved word in JavaScript')
  })

  it('says what is missing, empty or too long', () => {
    expect(flagNameFault(undefined)).toBe('is missing')
    expect(flagNameFault(null)).toBe('is missing')
    expect(flagNameFault('')).toBe('is empty')
    expect(flagNameFault('  \u3000 ')).toBe('is empty')
    expect(flagNameFault('a'.repeat(252))).toBe('is longer than 251 characters')
    expect(flagNameFault('a'.repeat(1_000_000))).toBe('is longer than 251 characters')
  })

  it('refuses what is no text without calling its code', () => {
    const trap = { toString: () => expect.unreachable() }
    expect(flagNameFault(trap)).toBe('must be text')
    expect(flagNameFault(12)).toBe('must be text')
    expect(flagNameFault(Symbol('a'))).toBe('must be text')
  })
})
