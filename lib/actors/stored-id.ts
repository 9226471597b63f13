// The ids that a gate may store. A check takes any id; Postgres' unique index limits the length of a stored one.
import { InvalidFeatureFlagError } from '../errors.js'
import { quoted } from '../text/printable.js'

export const optOutSuffix = ':opt_out'
const mostBytes = 1_000

/**
 * The id as it is stored: a lone surrogate becomes U+FFFD. Throws InvalidFeatureFlagError (`invalid_actor`) for an id
 * that is too long, holds NUL, or would be read as another actor's opt-out.
 */
export function storableId(id: string): string {
  const text = id.toWellFormed()
  const shown = quoted(text)
  if (text.includes('\0')) {
    throw new InvalidFeatureFlagError('invalid_actor', {
      problem: `the actor ${shown} holds a NUL character, which Postgres cannot store`,
      remedy: 'give an id without it',
    })
  }
  const bytes = Buffer.byteLength(text, 'utf8')
  if (bytes > mostBytes) {
    throw new InvalidFeatureFlagError('invalid_actor', {
      problem: `the actor ${shown} has ${bytes} bytes, and at most ${mostBytes} can be stored`,
      remedy: 'give a shorter id',
    })
  }
  if (text.endsWith(optOutSuffix)) {
    throw new InvalidFeatureFlagError('invalid_actor', {
      problem: `the actor ${shown} ends in "${optOutSuffix}", which marks an opt-out`,
      remedy: 'call optOut with the id before it',
    })
  }
  return text
}
