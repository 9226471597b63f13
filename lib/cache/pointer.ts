// The pointer's text: `version:nonce:database id`, sealed. It is compared as a whole when the pointer is moved.
import { isIdentifier, parsePosition } from '../store/state-shape.js'
import type { Position } from '../store/store.js'
import type { Pointer } from './cache.js'
import { seal, unseal } from './sealed.js'

export function pointerText(position: Position, databaseId: string): string {
  return seal(`${position.version}:${position.nonce}:${databaseId}`)
}

/** Null for a text that is no pointer. */
export function parsePointer(text: string): Pointer | null {
  const [version, nonce, databaseId, ...rest] = unseal(text)?.split(':') ?? []
  const position = parsePosition({ version, nonce })
  if (position === null || !isIdentifier(databaseId) || rest.length > 0) return null
  return { position, databaseId, text }
}
