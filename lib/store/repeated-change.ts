// A change that was made before: its caller did not hear the answer, and sends it again under the same id.
import { FeatureError } from '../errors.js'
import type { Position } from '../state/state.js'
import { quoted } from '../text/printable.js'
import type { Applied, Change } from './store.js'

/** What the history has under an id. */
export interface MadeBefore {
  readonly position: Position
  readonly features: readonly string[]
}

/** The answer of the first time. Throws FeatureError (`invalid_arguments`) where that was a change of other flags. */
export function repeated({ id, steps }: Pick<Change, 'id' | 'steps'>, { position, features }: MadeBefore): Applied {
  const asked = new Set(steps.map(({ feature }) => feature))
  const other = features.find((feature) => !asked.has(feature))
  if (other === undefined) return { changed: true, position, repeated: true }
  throw new FeatureError('invalid_arguments', {
    problem: `the id ${quoted(id)} is that of another change, of ${quoted(other)}`,
    remedy: 'make a new id for each change, and send it again only with the same change',
  })
}
