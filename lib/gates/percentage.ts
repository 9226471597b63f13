// Percentages as texts, in the form in which they are stored.
import { InvalidFeatureFlagError } from '../errors.js'

/**
 * The text that is stored for a percentage: reading it gives the same number. Never in exponent notation: Ruby reads `1e-7` as
 * 1. Throws InvalidFeatureFlagError (`invalid_percentage`) for any value that is not a number from 0 to 100.
 */
export function percentageText(value: unknown): string {
  if (typeof value !== 'number' || !(value >= 0 && value <= 100)) {
    throw new InvalidFeatureFlagError('invalid_percentage', {
      problem: `"${shown(value)}" is not a percentage`,
      remedy: 'give a number from 0 to 100, such as 25 or 0.1',
    })
  }
  const text = String(value)
  const [digits = '', exponent] = text.split('e-')
  return exponent === undefined ? text : `0.${'0'.repeat(Number(exponent) - 1)}${digits.replace('.', '')}`
}

/** Runs no code of the value: the value may come from anywhere. */
function shown(value: unknown): string {
  if (typeof value === 'string') return value.length > 60 ? `${value.slice(0, 60)}…` : value
  return value === null || (typeof value !== 'object' && typeof value !== 'function') ? String(value) : typeof value
}
