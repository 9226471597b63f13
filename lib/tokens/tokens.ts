// Tokens of the HTTP API: `slc-<id>-<secret>`. The id finds the row, the secret proves the right to use it. Secret scanners
// look for the prefix, so neither it nor the shape may change.
import { createHash, randomBytes, timingSafeEqual } from 'node:crypto'
import { quoted } from '../text/printable.js'
import { FeatureError } from '../errors.js'
import type { TokenRecord, TokenStore } from '../store/store.js'
import { isTokenScope, type TokenScope } from '../store/token-scope.js'

const shape = /^slc-([0-9a-f]{16})-([A-Za-z0-9_-]{43})$/
const longestName = 100
const scopeRemedy =
  'give admin, read, write, approve, projects, or one of a project, such as project:1:read, project:1:write or project:1:maintain'

export interface NewToken {
  /** The holder, a person or a program; the author of its changes is `token:<name>`. */
  readonly name: string
  readonly scopes: readonly TokenScope[]
  /** Null: it does not expire. */
  readonly expiresAt: Date | null
  /** Who holds it, where that counts: the person who approves a change is another one than its author. Default: null. */
  readonly person?: string | null
}

export interface Credential {
  readonly id: string
  readonly secret: string
}

/**
 * Makes a token and stores the digest of its secret; the token's text is shown only this once. Throws FeatureError
 * (`invalid_arguments`) for a wrong name, scope or expiry, and StoreUnavailable.
 */
export async function createToken(tokens: TokenStore, given: NewToken): Promise<{ id: string; token: string }> {
  checkNewToken(given)
  const id = randomBytes(8).toString('hex')
  const secret = randomBytes(32).toString('base64url')
  await tokens.create({ id, digest: digestOf(secret), ...given })
  return { id, token: `slc-${id}-${secret}` }
}

/** The parts of a token's text; null for any other text. */
export function parseToken(text: string): Credential | null {
  const [, id, secret] = shape.exec(text) ?? []
  return id === undefined || secret === undefined ? null : { id, secret }
}

/** Whether the digest of the secret is the stored one; takes the same time for every secret. */
export function isSecretOf(stored: Buffer, secret: string): boolean {
  const digest = digestOf(secret)
  return stored.length === digest.length && timingSafeEqual(stored, digest)
}

/** Whether the token still counts. */
export function isLive(token: Pick<TokenRecord, 'revokedAt' | 'expiresAt'>, now: Date): boolean {
  return token.revokedAt === null && (token.expiresAt === null || token.expiresAt > now)
}

/** The text with the secret of every token and instance ID in it blotted out: for logs. */
export function hideTokens(text: string): string {
  return text
    .replace(/\b(slc-[0-9a-f]{16})-[A-Za-z0-9_-]{8,}/g, '$1-[hidden]')
    .replace(/glffct-[A-Za-z0-9_-]{8,}/g, 'glffct-[hidden]')
}

function isName(text: string): boolean {
  return text.trim() !== '' && text.length <= longestName && /^[\p{L}\p{M}\p{N}\p{P}\p{S} ]*$/u.test(text)
}

/** A secret of 256 random bits needs no slow hash: it cannot be guessed by trying. */
function digestOf(secret: string): Buffer {
  return createHash('sha256').update(secret).digest()
}

/** Throws FeatureError (`invalid_arguments`) for a wrong name, person, scope or expiry. */
export function checkNewToken({ name, scopes, expiresAt, person = null }: NewToken): void {
  if (person !== null && !isName(person)) {
    throw new FeatureError('invalid_arguments', {
      problem: `${quoted(person)} cannot be the person of a token`,
      remedy: `give 1 to ${longestName} visible characters, the same for each token of that person`,
    })
  }
  if (!isName(name)) {
    throw new FeatureError('invalid_arguments', {
      problem: `${quoted(name)} cannot be a token's name`,
      remedy: `give 1 to ${longestName} visible characters that say who holds it`,
    })
  }
  if (scopes.length === 0) {
    throw new FeatureError('invalid_arguments', {
      problem: `the token ${quoted(name)} has no scope`,
      remedy: scopeRemedy,
    })
  }
  const wrong = scopes.find((scope) => !isTokenScope(scope))
  if (wrong !== undefined) {
    throw new FeatureError('invalid_arguments', {
      problem: `${quoted(wrong)} is not a scope of tokens`,
      remedy: scopeRemedy,
    })
  }
  if (scopes.every((scope) => scope === 'act_as')) {
    throw new FeatureError('invalid_arguments', {
      problem: `the token ${quoted(name)} has the scope "act_as" alone, which lets it do nothing`,
      remedy: 'give it another scope beside it, such as read or write',
    })
  }
  if (expiresAt !== null && !(expiresAt.getTime() > Date.now())) {
    throw new FeatureError('invalid_arguments', {
      problem: `the token ${quoted(name)} would have expired already`,
      remedy: 'give a time in the future',
    })
  }
}
