// The configured secret, which signs the content that processes keep in the cache and on disk.
import { ConfigurationError, errorText, StoreUnavailable } from '../errors.js'

/** One secret, or two separated by a comma while it changes; or a function that is asked for it once, at start. */
export type CacheSecret = string | (() => string | Promise<string>)

const limitMs = 5_000

/**
 * The secret; null if none is configured. Throws StoreUnavailable if a function fails, and ConfigurationError for an answer
 * that is not a text.
 */
export async function askSecret(secret: CacheSecret | undefined): Promise<string | null> {
  if (secret === undefined) return null
  if (typeof secret === 'string') return secret
  const answer: unknown = await withinLimit(secret)
  if (typeof answer === 'string' && answer !== '') return answer
  throw new ConfigurationError({
    problem: `cacheSecret: the function answered with ${answer === '' ? 'an empty text' : `a value of type ${typeof answer}`}`,
    remedy: 'make it answer with the secret as text',
  })
}

function withinLimit(secret: () => string | Promise<string>): Promise<unknown> {
  return new Promise((resolve, reject) => {
    const fail = (what: string, cause?: unknown) =>
      reject(
        new StoreUnavailable('store_unavailable', {
          problem: `cacheSecret: the function ${what}`,
          remedy: 'check the function, and what it asks for the secret',
          cause,
        }),
      )
    const timer = setTimeout(() => fail(`did not answer within ${limitMs} ms`), limitMs)
    Promise.resolve()
      .then(secret)
      .then(resolve, (error: unknown) => fail(`failed: ${errorText(error)}`, error))
      .finally(() => clearTimeout(timer))
  })
}
