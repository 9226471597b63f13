// The variant that a tester asks for (GitLab: glex_force), in the query of a page or in a cookie. In production it counts only with the
// signature of the application: otherwise each visitor could choose.
//
// The text is `experiment:variant`, signed `experiment:variant:expires:signature`; several are separated by commas. `expires` is in
// seconds since 1970, and the signature is the HMAC-SHA-256 of what stands before it.
import { createHmac, timingSafeEqual } from 'node:crypto'

/** What `signExperimentOverride` signs. */
export interface SignedOverride {
  /** The name of the experiment. */
  readonly experiment: string
  /** The variant to show. */
  readonly variant: string
  /** From then on the text is worth nothing. */
  readonly expiresAt: Date
  /** `experiments.secret` of the configuration. */
  readonly secret: string
}

export interface OverrideRules {
  /** Those that verify; the first one signs. */
  readonly secrets: readonly string[]
  /** Whether a text without a signature counts. */
  readonly allowsUnsigned: boolean
  readonly now: () => number
}

/** A query has room for a dozen; what is longer is not from the application. */
const longest = 4_096

/**
 * Makes the text by which a tester sees a variant, in production too; give it to `Feature.experiment` as `override`. It works for each visitor
 * who has it, until it expires. Throws RangeError for a date that is none.
 *
 * @example
 * const secret = process.env['FEATURE_EXPERIMENT_SECRET'] ?? ''
 * const expiresAt = new Date(Date.now() + 3_600_000)
 * const text = signExperimentOverride({ experiment: 'dark_pages', variant: 'candidate', expiresAt, secret })
 * const link = `https://shop.example.com/?glex_force=${encodeURIComponent(text)}`
 */
export function signExperimentOverride({ experiment, variant, expiresAt, secret }: SignedOverride): string {
  const seconds = Math.floor(expiresAt.getTime() / 1_000)
  if (!Number.isSafeInteger(seconds))
    throw new RangeError('expiresAt is no date; give a Date such as new Date(Date.now() + 3600_000)')
  const text = `${experiment}:${variant}:${seconds}`
  return `${text}:${signatureOf(text, firstOf(secret))}`
}

/** The first of two secrets, separated by a comma while the secret changes. */
function firstOf(secret: string): string {
  return secret.split(',')[0] ?? secret
}

/** The variant that a text asks for; null where it asks for none that counts. The text comes from outside, and is never an error. */
export function overriddenVariant(given: unknown, experiment: string, rules: OverrideRules): string | null {
  const texts: readonly unknown[] = Array.isArray(given) ? given : [given]
  for (const text of texts) {
    if (typeof text !== 'string' || text.length > longest) continue
    for (const one of text.split(',')) {
      const variant = variantIn(one.trim(), experiment, rules)
      if (variant !== null) return variant
    }
  }
  return null
}

function variantIn(text: string, experiment: string, rules: OverrideRules): string | null {
  const [name, variant, expires, signature, ...more] = text.split(':')
  if (name !== experiment || variant === undefined || more.length > 0) return null
  if (expires === undefined) return rules.allowsUnsigned ? variant : null
  if (signature === undefined || !/^\d{1,15}$/.test(expires) || Number(expires) * 1_000 <= rules.now()) return null
  const signed = `${name}:${variant}:${expires}`
  return rules.secrets.some((secret) => isEqual(signature, signatureOf(signed, secret))) ? variant : null
}

function signatureOf(text: string, secret: string): string {
  return createHmac('sha256', secret).update(`sluice experiment ${text}`).digest('base64url')
}

/** In a time that does not tell how much of it is right. */
function isEqual(given: string, wanted: string): boolean {
  const [one, other] = [Buffer.from(given), Buffer.from(wanted)]
  return one.length === other.length && timingSafeEqual(one, other)
}
