// Who is signed in, and what the page may know before: the routes of the session and of the start.
import { flag, list, object, orNull, otherwise, text } from './parse.js'
import type { Answer } from './operations.generated.js'
import type { Door } from './request.js'

export interface Boot {
  /** Of the server; another one than at first means that this page is older than its server. */
  readonly version: string
  readonly environment: string
  /** How much care the environment asks for. */
  readonly band: string
  /** Null where the server cannot tell at the moment. */
  readonly signed_in: boolean | null
  /** What the server has below /api/web, such as `flags`. */
  readonly resources: readonly string[]
  /** What keeps people from signing in. */
  readonly warnings: readonly { readonly message: string }[]
}

/** Who it is and what they may do; each change must carry `csrf` beside the cookie. */
export type Session = Omit<Answer<'getSession'>, 'projects' | 'role'> & { readonly role: string }

/** What a person proves to be allowed in by. */
export type Proof = ({ readonly token: string } | { readonly code: string }) & {
  /** Whether the sign-in outlasts the browser. */
  readonly stay: boolean
}

const boot = object<Boot>({
  version: text,
  environment: text,
  band: text,
  signed_in: orNull(flag),
  resources: list(text),
  warnings: list(object({ message: text })),
})
const session = object<Session>({
  csrf: orNull(text),
  name: text,
  role: otherwise(text, ''),
  scopes: otherwise(list(text), []),
  expires_at: orNull(text),
})

export function fetchBoot(door: Door): Promise<Boot> {
  return door.ask('/api/web/boot', boot)
}

export function fetchSession(door: Door): Promise<Session> {
  return door.ask('/api/web/session', session)
}

export function signIn(door: Door, proof: Proof): Promise<Session> {
  return door.ask('/api/web/session', session, { method: 'POST', body: proof })
}

/** Ends this session, or all of the same person. */
export async function signOut(door: Door, everywhere: boolean): Promise<void> {
  await door.answer(`/api/web/session${everywhere ? '?everywhere=true' : ''}`, { method: 'DELETE' })
}
