// The link that signs a person in once. Its code stands behind `#`: a browser sends that to no server, so no log has it, and the page takes
// it out of the address.
import type { TokenScope } from '../../store/token-scope.js'
import { type SignInStore, signInTimes } from '../../store/sign-ins.js'
import { newSecret } from './sign-ins.js'

export interface OneTimeLink {
  readonly url: string
  readonly expiresAt: Date
}

export interface LinkedPerson {
  /** The author of what they change, such as `cli:ann`. */
  readonly person: string
  readonly scopes: readonly TokenScope[]
}

/** Makes a code for the page at this origin, good once and for ten minutes. Throws StoreUnavailable. */
export async function makeOneTimeLink(
  signIns: Pick<SignInStore, 'create'>,
  origin: string,
  { person, scopes }: LinkedPerson,
): Promise<OneTimeLink> {
  const { secret, idHash } = newSecret()
  const expiresAt = new Date(Date.now() + signInTimes.codeMs)
  await signIns.create({ kind: 'code', idHash, tokenId: null, person, scopes })
  return { url: `${origin}/sign-in#code=${secret}`, expiresAt }
}
