// A person who is signed in to an app that is called in process, as a browser is: with the cookie, and what a page sends beside it.
import type { FastifyInstance, InjectOptions } from 'fastify'

export interface SignedIn {
  /** What a browser sends by itself with each request of a page. */
  readonly cookie: string
  /** The cookie, and what a page of the server sends with a request that may change something. */
  readonly headers: Readonly<Record<string, string>>
  /** The answer to the sign-in: `{ csrf, name, role, scopes, projects, expires_at }`. */
  readonly session: Readonly<Record<string, unknown>>
  /** The whole `Set-Cookie`. */
  readonly setCookie: string
}

/** Signs in with a token or a one-time code. Throws an Error where that is refused. */
export async function signIn(
  app: FastifyInstance,
  given: { readonly token: string } | { readonly code: string },
  rest: InjectOptions = {},
): Promise<SignedIn> {
  const answer = await app.inject({ method: 'POST', url: '/api/web/session', payload: given, ...rest })
  if (answer.statusCode !== 200) throw new Error(`signing in was answered ${answer.statusCode}: ${answer.body}`)
  const session: Record<string, unknown> = answer.json()
  const setCookie = String(answer.headers['set-cookie'])
  const [cookie = ''] = setCookie.split(';')
  const headers = { cookie, 'x-csrf-token': String(session['csrf']), 'sec-fetch-site': 'same-origin' }
  return { cookie, headers, session, setCookie }
}
