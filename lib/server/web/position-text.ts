// A position as pages see it.
import { versionPart } from '../../state/revision.js'
import type { Position } from '../../state/state.js'

/** `<version>-<the first 8 digits of the nonce>`; null where there is none. */
export function positionText(position: Position): string
export function positionText(position: Position | null): string | null
export function positionText(position: Position | null): string | null {
  if (position === null) return null
  const { version, nonce } = versionPart(position)
  return `${version}-${nonce}`
}

/** The version in such a text; null where it is none. */
export function versionIn(text: string): bigint | null {
  const [, version] = /^(\d{1,18})-[0-9a-f]{8}$/.exec(text) ?? []
  return version === undefined ? null : BigInt(version)
}
