// The cookie of a sign-in. Behind HTTPS its name begins with `__Host-`, so that a browser takes it from this host alone. On the machine
// itself the name tells databases apart: cookies know no ports, and two servers on localhost would sign each other's people out.
import { parseCookie, stringifySetCookie } from 'cookie'
import { signInTimes } from '../../store/sign-ins.js'
import type { Arrival } from './arrival.js'

const publicName = '__Host-sluice'
const localNames = /^sluice-[0-9a-f]{8}$/
const secret = /^[A-Za-z0-9_-]{43}$/

/** The name of the cookie. `identity` is that of the database. */
export function cookieName(arrival: 'https' | 'loopback', identity: string): string {
  return arrival === 'https' ? publicName : `sluice-${identity.slice(0, 8)}`
}

/** The secret in a request's cookie of that name; null for none, and for what cannot be one. */
export function readCookie(header: string | undefined, name: string): string | null {
  if (header === undefined) return null
  const value = parseCookie(header)[name]
  return value !== undefined && secret.test(value) ? value : null
}

/** Whether the request has a cookie that may be a sign-in: before the database was asked, the name on a loopback address is unknown. */
export function hasCookie(header: string | undefined, arrival: Arrival): boolean {
  if (header === undefined || arrival === 'plain') return false
  const names = Object.keys(parseCookie(header))
  return arrival === 'https' ? names.includes(publicName) : names.some((name) => localNames.test(name))
}

/** `lasts`: also when the browser is closed in between. */
export function setCookie(name: string, value: string, { lasts }: { readonly lasts: boolean }): string {
  return stringifySetCookie(name, value, {
    ...attributesOf(name),
    ...(lasts ? { maxAge: signInTimes.lifeMs / 1_000 } : {}),
  })
}

export function clearCookie(name: string): string {
  return stringifySetCookie(name, '', { ...attributesOf(name), maxAge: 0 })
}

function attributesOf(name: string) {
  return { path: '/', httpOnly: true, sameSite: 'strict', secure: name === publicName } as const
}
