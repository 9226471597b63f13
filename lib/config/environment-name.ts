import { distance } from 'fastest-levenshtein'
import { quoted } from '../text/printable.js'

const known = ['production', 'development', 'test'] as const
const short: Readonly<Record<string, (typeof known)[number]>> = {
  prod: 'production',
  prd: 'production',
  dev: 'development',
}

/**
 * The question about an environment's name that is nearly a known one, because a known name has other defaults. Null for known
 * names and for names of the project's own, such as `staging`, `production-eu` or `test2`.
 */
export function environmentDoubt(env: string): string | null {
  const near = nearest(env)
  return near === null ? null : `the environment is ${quoted(env)}; did you mean "${near}"?`
}

function nearest(env: string): string | null {
  const name = env.trim().toLowerCase()
  if (known.some((one) => one === env)) return null
  if (Object.hasOwn(short, name)) return short[name] ?? null
  const meant = known.find((one) => one === name || isSlip(name, one))
  return meant ?? null
}

/** A longer name that begins with a known one is meant as it is. A short word is similar to many others. */
function isSlip(name: string, meant: string): boolean {
  if (name.startsWith(meant) || name.length > 2 * meant.length) return false
  return distance(name, meant) <= (meant.length < 8 ? 1 : 2) && name[0] === meant[0]
}
