// Percentages as they are written.
import { InvalidFeatureFlagError } from '../errors.js'

/**
 * The text that is stored for a percentage. Never in exponent notation: Ruby reads `1e-7` as 1.
 * Throws InvalidFeatureFlagError (`invalid_percentage`) for anything but a number from 0 to 100.
 */
export function percentageText(value: unknown): string {
  if (typeof value !== 'number' || !(value >= 0 && value <= 100)) {
    throw new InvalidFeatureFlagError(
      'invalid_percentage',
      `"${String(value)}" is no percentage: give a number from 0 to 100`,
    )
  }
  const text = String(value)
  if (!text.includes('e')) return text
  return value.toFixed(20).replace(/\.?0+$/, '')
}
