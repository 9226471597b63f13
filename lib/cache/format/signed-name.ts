// Names in the sets that processes share in Redis (members, acknowledgements, the directory): alone without a secret, with a
// space and a signature after them where there is one.
import type { Place, Sealer } from '../../state/sealed.js'

/** What the name looks like in the set; `body` is what is signed, where that is more than the name. */
export function signedName(sealer: Sealer, place: Place, name: string, body = name): string {
  return signedNames(sealer, place, name, body)[0] ?? name
}

/** All that the name may look like while a secret changes; the first is what is written now. */
export function signedNames(sealer: Sealer, place: Place, name: string, body = name): readonly string[] {
  return sealer.signed ? sealer.marksOf(place, body).map((mark) => `${name} ${mark}`) : [name]
}

/** The name in the entry; null where it is not signed as it should be. */
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
