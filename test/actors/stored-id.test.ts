// Which ids can be stored as actors.
import { describe, expect, it } from 'vitest'
import { storableId } from '../../lib/actors/stored-id.js'

describe('ids that are to be stored', () => {
  it.each([
    'User:1',
    '',
    'Ci::Runner:5',
    'Experiment;1',
    'Пользователь:1',
    '用户:1',
    '👩‍🚀:1',
    "'; drop table features;--",
    'a\nb',
  ])('keep %j as it is', (id) => {
    expect(storableId(id)).toBe(id)
  })

  it('keep 1,000 bytes, whatever the script', () => {
    expect(storableId('a'.repeat(1_000))).toHaveLength(1_000)
    expect(storableId('й'.repeat(500))).toHaveLength(500)
  })

  it('are well-formed: a lone surrogate becomes U+FFFD', () => {
    expect(storableId('User:\ud800')).toBe('User:\ufffd')
    expect(storableId('\udc00\ud800:1')).toBe('\ufffd\ufffd:1')
  })

  it.each([
    ['one byte too long', 'a'.repeat(1_001), /has 1001 bytes, and at most 1000 can be stored; give a shorter id/],
    ['too long in UTF-8 only', 'й'.repeat(501), /has 1002 bytes/],
    ['a megabyte long', 'a'.repeat(1_048_576), /has 1048576 bytes/],
    ['a text with a NUL', 'User:\0', /"User:\\u\{0\}" holds a NUL character/],
    ['another actor’s opt-out', 'User:1:opt_out', /ends in ":opt_out", which marks an opt-out; call optOut/],
    ['the opt-out of an empty id', ':opt_out', /marks an opt-out/],
  ])('are refused when they are %s', (_name, id, message) => {
    expect(() => storableId(id)).toThrow(expect.objectContaining({ code: 'invalid_actor' }))
    expect(() => storableId(id)).toThrow(message)
    expect(() => storableId(id)).toThrow(/^[^\p{Cc}]{1,250}$/u)
  })
})
