// The refusal of a change whose flag is no longer as its caller saw it.
import { InvalidOperation } from '../errors.js'
import { quoted } from '../text/printable.js'

export function changedMeanwhile(feature: string): InvalidOperation {
  return new InvalidOperation('flag_changed', {
    problem: `${quoted(feature)} was changed since the revision that was given`,
    remedy: 'look at it, and send the change again with its new revision',
  })
}
