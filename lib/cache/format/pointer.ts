// The pointer's text: `version:nonce:identity:digest`, sealed. It is compared as a whole when the pointer is moved.
import { type Sealer, seal, unseal } from '../../state/sealed.js'
import { isDigest, parsePosition } from '../../state/state-json.js'
import type { Pointer } from '../cache.js'

const placeOf = (identity: string) => ({ purpose: 'pointer', owner: identity }) as const

export function pointerText(sealer: Sealer, identity: string, { position, digest }: Omit<Pointer, 'text'>): string {
  return seal(sealer, placeOf(identity), `${position.version}:${position.nonce}:${identity}:${digest}`)
}

/** Null for a text that is not a pointer of this database. */
export function parsePointer(sealer: Sealer, identity: string, text: string): Pointer | null {
  const [version, nonce, owner, digest, ...rest] = unseal(sealer, placeOf(identity), text)?.split(':') ?? []
  const position = parsePosition({ version, nonce })
  if (position === null || owner !== identity || !isDigest(digest) || rest.length > 0) return null
  return { position, digest, text }
}
