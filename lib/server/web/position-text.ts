// A position as pages see it.
import { versionPart } from '../../state/revision.js'
import type { Position } from '../../state/state.js'

/** `<version>-<the first 8 digits of the nonce>`; null where there is none. */
export function positionText(position: Position | null): string | null {
  if (position === null) return null
  const { version, nonce } = versionPart(position)
  return `${version}-${nonce}`
}
