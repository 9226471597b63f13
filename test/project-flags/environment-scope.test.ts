// Which environments a scope means.
import { describe, expect, it } from 'vitest'
import { isInScope, scopeFault } from '../../lib/project-flags/environment-scope.js'

describe('a scope', () => {
  it.each([
    ['production', 'production', true],
    ['production', 'Production', false],
    ['production', 'production2', false],
    ['*', '', true],
    ['*', 'anything/at all', true],
    ['review/*', 'review/', true],
    ['review/*', 'review/a/b', true],
    ['review/*', 'reviews', false],
    ['*/eu', 'production/eu', true],
    ['*/eu', 'production/eu2', false],
    ['a*b*c', 'a-b-b-c', true],
    ['a*b*c', 'a-b-b', false],
    ['**', 'x', true],
    ['prod_', 'prods', false],
    ['prod.', 'prods', false],
    ['', '', true],
    ['', 'x', false],
  ])('"%s" has the environment "%s": %s', (scope, environment, expected) => {
    expect(isInScope(scope, environment)).toBe(expected)
  })

  it('of a hundred stars is matched against a long name within the time of a test', () => {
    expect(isInScope(`${'a*'.repeat(100)}b`, 'a'.repeat(255))).toBe(false)
  })

  it.each(['prod%', 'a\nb', 'ü', ''])('"%s" cannot be stored', (scope) => {
    expect(scopeFault(scope)).toMatch(/^environment scope/)
  })

  it('may be 255 characters long, with blanks inside', () => {
    expect(scopeFault('a b$/{x}.*-_')).toBe(null)
    expect(scopeFault('a'.repeat(255))).toBe(null)
    expect(scopeFault('a'.repeat(256))).toBe('environment scope is too long (maximum is 255 characters)')
  })
})
