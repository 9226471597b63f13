// Names in the sets that processes share in Redis (processes alive, acknowledgements, the directory): alone without a secret,
// and with one followed by a space and a signature.
import type { Place, Sealer } from '../../state/sealed.js'

/** The name as an entry of the set; `body` is the signed text, if it is more than the name. */
export function signedName(sealer: Sealer, place: Place, name: string, body = name): string {
  return signedNames(sealer, place, name, body)[0] ?? name
}

/** All entries that the name may have while a secret changes; the first is the one that is written now. */
export function signedNames(sealer: Sealer, place: Place, name: string, body = name): readonly string[] {
  return sealer.signed ? sealer.marksOf(place, body).map((mark) => `${name} ${mark}`) : [name]
}

/** The name in the entry; null if its signature is missing or wrong. */
export function verifiedName(
  sealer: Sealer,
  place: Place,
  entry: string,
  bodyOf = (name: string): string => name,
): string | null {
  if (!sealer.signed) return entry
  const [name, mark, ...rest] = entry.split(' ')
  if (name === undefined || mark === undefined || rest.length > 0) return null
  return sealer.verifies(place, mark, bodyOf(name)) ? name : null
}
