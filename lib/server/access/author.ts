// Who makes the changes of a request, as the history names it.
import type { SignIn } from '../sign-in/sign-ins.js'

/** What is known of a request's caller. */
export interface CallerOf {
  readonly token: { readonly name: string } | null
  readonly signIn?: Pick<SignIn, 'author'> | null
}

/** `token:` and its name, also of a person who signed in with it; `cli:` and a login for one who came by a link of the command line. */
export function authorOf({ token, signIn }: CallerOf): string | null {
  if (signIn !== undefined && signIn !== null) return signIn.author
  return token === null ? null : `token:${token.name}`
}
