// The variant that a tester asks for.
import { describe, expect, it } from 'vitest'
import { overriddenVariant, signExperimentOverride } from '../../lib/experiments/override.js'

const secret = 'a secret of more than thirty-two characters'
const older = 'an older secret of more than thirty-two characters'
const nowMs = 1_800_000_000_000
const rules = { secrets: [secret, older], allowsUnsigned: false, now: () => nowMs }
const signed = (given: { experiment?: string; variant?: string; secret?: string; seconds?: number } = {}) =>
  signExperimentOverride({
    experiment: given.experiment ?? 'one_click',
    variant: given.variant ?? 'candidate',
    secret: given.secret ?? secret,
    expiresAt: new Date(nowMs + (given.seconds ?? 60) * 1_000),
  })
const lastChanged = (text: string) => text.slice(0, -1) + (text.endsWith('A') ? 'B' : 'A')

describe('the variant that a tester asks for', () => {
  it.each<[string, unknown, string | null]>([
    ['counts with the signature of the application', signed(), 'candidate'],
    ['counts with the older of two secrets', signed({ secret: older }), 'candidate'],
    [
      'is the first one that signs, of two that are given as one text',
      signed({ secret: `${secret},${older}` }),
      'candidate',
    ],
    ['is found among several experiments', `other:red, ${signed()}`, 'candidate'],
    ['is found in a list, as a query with two of them gives it', ['other:red', signed()], 'candidate'],
    ['does not count without a signature', 'one_click:candidate', null],
    ['does not count after its time', signed({ seconds: 0 }), null],
    ['does not count with another secret', signed({ secret: 'x'.repeat(40) }), null],
    ['does not count for another experiment', signed({ experiment: 'other' }), null],
    ['does not count with another variant than the signed one', signed().replace('candidate', 'control'), null],
    ['does not count with a later end than the signed one', signed().replace(/:(\d+):/, ':9999999999:'), null],
    ['does not count with a wrong letter', lastChanged(signed()), null],
    ['does not count with a piece more', `${signed()}:more`, null],
    ['does not count with half a signature', signed().slice(0, -10), null],
    ['does not count with an end that is no number', 'one_click:candidate:soon:abc', null],
    ['does not count beyond 4,096 characters', signed().padStart(5_000, ','), null],
    ['is none where nothing is given', undefined, null],
    ['is none where something else is given', { toString: () => signed() }, null],
    ['is none in an empty text', '', null],
  ])('%s', (_, given, variant) => {
    expect(overriddenVariant(given, 'one_click', rules)).toBe(variant)
  })

  it('counts without a signature where that is allowed, and a wrong signature counts nowhere', () => {
    const allowing = { ...rules, allowsUnsigned: true }
    expect(overriddenVariant('one_click:red', 'one_click', allowing)).toBe('red')
    expect(overriddenVariant(lastChanged(signed()), 'one_click', allowing)).toBeNull()
  })

  it('is not signed for a date that is none', () => {
    const made = () =>
      signExperimentOverride({ experiment: 'a', variant: 'b', secret, expiresAt: new Date(Number.NaN) })
    expect(made).toThrow(RangeError)
  })
})
