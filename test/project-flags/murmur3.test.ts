// The bucket of a user: values that real SDKs compute. A row is never edited, because users would move.
import { describe, expect, it } from 'vitest'
import { murmur3 } from '../../lib/project-flags/murmur3.js'
import { isInShare } from '../../lib/project-flags/strategies/percentage.js'

const bucket = (text: string, bytes: 'utf8' | 'lowByte') => (murmur3(text, bytes) % 100) + 1

describe('the bucket of a text', () => {
  it.each([
    ['default:123', 82],
    ['gr1:123', 73],
    ['groupX:999', 25],
  ])('%s is %d, as every SDK says', (text, expected) => {
    expect(bucket(text, 'utf8')).toBe(expected)
    expect(bucket(text, 'lowByte')).toBe(expected)
  })

  it.each([
    ['default:José', 77, 25],
    ['default:日本', 22, 69],
    ['default:😀', 90, 100],
  ])('%s differs: %d in most SDKs, %d in Node', (text, utf8, lowByte) => {
    expect([bucket(text, 'utf8'), bucket(text, 'lowByte')]).toEqual([utf8, lowByte])
  })

  it('of a longer text takes its whole blocks and its tail', () => {
    expect(murmur3('', 'utf8')).toBe(0)
    const lengths = new Set(Array.from({ length: 9 }, (_, length) => murmur3('a'.repeat(length), 'utf8')))
    expect(lengths.size).toBe(9)
  })

  it('is in a share up to its percentage, and in none of 0 %', () => {
    expect(isInShare('default', '123', 82, 'utf8')).toBe(true)
    expect(isInShare('default', '123', 81, 'utf8')).toBe(false)
    expect(isInShare('default', '123', 0, 'utf8')).toBe(false)
  })
})
