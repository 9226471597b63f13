// Names of environments: which one is probably meant by a name that is not known, and which ones mean a place that people rely on.
import { distance } from 'fastest-levenshtein'
import { quoted } from '../text/printable.js'

const known = ['production', 'development', 'test'] as const
const short: Readonly<Record<string, (typeof known)[number]>> = {
  prod: 'production',
  prd: 'production',
  live: 'production',
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

/** Production, or a name like it. */
export function isProduction(env: string): boolean {
  return env === 'production' || resemblesProduction(env)
}

/** A place where people try what goes to production next, by its name: `staging`, `stage-eu`, `pre-production`. */
export function isStaging(env: string): boolean {
  const words = env.toLowerCase().split(/[^a-z]+/)
  return !isProduction(env) && words.some((word) => stagingWords.includes(word))
}

/** The warning about a database in memory where people rely on it; null elsewhere. */
export function memoryDoubt(env: string): string | null {
  if (!isProduction(env)) return null
  return 'the database is the memory of this process: changes are gone when it ends, and no other process sees them; set DATABASE_URL to a Postgres URL'
}

const productionWords = ['production', 'prod', 'prd', 'live']
const stagingWords = ['staging', 'stage', 'stg', 'preprod', 'pre']
const otherwise = ['pre', 'non', 'not', 'no', 'like', 'local', 'dev', 'test', 'staging']

/**
 * Whether the name means production without being that name: a slip (`prod`, `Production`, `producton`), or one of several
 * (`production-eu`, `prod2`). Not `pre-production` or `non-prod`.
 */
export function resemblesProduction(env: string): boolean {
  if (env === 'production') return false
  if (nearest(env) === 'production') return true
  const words = env.toLowerCase().split(/[^a-z]+/)
  return words.some((word) => productionWords.includes(word)) && !words.some((word) => otherwise.includes(word))
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
