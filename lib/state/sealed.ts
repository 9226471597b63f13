// Marks on texts that are kept outside of Postgres. Without a secret a mark is a SHA-256, which shows damage (a bit flipped in
// the name of an actor would otherwise still have the right shape). With a secret it is an HMAC-SHA256, which also shows that
// a process with the secret wrote the text.
//
// An HMAC covers the purpose and the owner of the text, so that a text of one place proves nothing in another one. The signed
// text begins with a line of JSON, which holds no line break: no two (purpose, owner, body) are the same bytes.
import { createHash, createHmac, hash, timingSafeEqual } from 'node:crypto'
import { ConfigurationError } from '../errors.js'

export type Purpose = 'directory' | 'pointer' | 'blob' | 'message' | 'member' | 'ack' | 'disk' | 'project'

/** The purpose and the owner of a text. */
export interface Place {
  readonly purpose: Purpose
  /** An identity, or (directory, disk) an address. */
  readonly owner: string
}

/** A mark that is being computed, for content that comes in pieces. */
export interface Marking {
  update(piece: string | Uint8Array): void
  /** The mark of all pieces; to be called once. */
  mark(): string
}

/** A mark that is being checked. */
export interface Checking {
  update(piece: string | Uint8Array): void
  /** Whether the mark is that of all pieces; to be called once. */
  matches(): boolean
}

export interface Sealer {
  /** Whether marks are made with a secret. */
  readonly signed: boolean
  marking(place: Place): Marking
  /** Begins to check a mark; where no content can have this mark, gives the reason as text. */
  checking(place: Place, mark: string): Checking | string
  /** Whether the mark is made with the secret that signs now, and not with the one that is being retired. */
  isCurrent(mark: string): boolean
  /** The marks that this text may have; the first is the one that is made now. */
  marksOf(place: Place, body: string): readonly [string, ...string[]]
  /** Whether the mark is one of this text. */
  verifies(place: Place, mark: string, body: string): boolean
}

/** No mark is longer than this. */
export const longestMark = 73
/** The fewest characters of a secret. */
const shortestSecret = 32
const secretsHint =
  'give one secret, or two separated by a comma while it changes (`openssl rand -base64 32` makes one)'

/** The methods that Node's hash and HMAC share. */
interface Digesting {
  update(piece: string | Uint8Array): unknown
  digest(): Buffer
}

interface Key {
  /** Stands beside each mark, to show which secret must be tried; empty without a secret. */
  readonly id: string
  begin(place: Place): Digesting
  /** The digest of a whole text in hexadecimal. */
  digest(place: Place, body: string): string
}

/**
 * Makes marks with the secret, or plain hashes where it is null. Give two secrets, separated by a comma, while the secret
 * changes: the first signs, both verify. Throws ConfigurationError for secrets that are too short or too many.
 */
export function makeSealer(secret: string | null): Sealer {
  const keys: readonly [Key, ...Key[]] = secret === null ? [hashing] : parseSecrets(secret)
  const [current, ...others] = keys
  return {
    signed: secret !== null,
    marking: (place) => marking(current, place),
    checking: (place, mark) => checking(keys, place, mark),
    isCurrent: (mark) => keyIdOf(mark) === current.id,
    marksOf: (place, body) => [markOf(current, place, body), ...others.map((key) => markOf(key, place, body))],
    verifies: (place, mark, body) => {
      const read = readMark(keys, mark)
      return typeof read !== 'string' && sameMark(read, read.key.digest(place, body))
    },
  }
}

/** The text with its mark on a line before it. */
export function seal(sealer: Sealer, place: Place, body: string): string {
  return `${sealer.marksOf(place, body)[0]}\n${body}`
}

/** The text that was sealed for this place; null for anything else. */
export function unseal(sealer: Sealer, place: Place, text: string): string | null {
  const end = text.slice(0, longestMark + 1).indexOf('\n')
  if (end < 0) return null
  const body = text.slice(end + 1)
  return sealer.verifies(place, text.slice(0, end), body) ? body : null
}

const hashing: Key = {
  id: '',
  begin: () => createHash('sha256'),
  // In one call: each process checks each message, and a hash object costs a tenth of the whole cost of hearing a change.
  digest: (_place, body) => hash('sha256', body, 'hex'),
}

function parseSecrets(text: string): readonly [Key, ...Key[]] {
  const [first = '', ...more] = text.split(',').map((secret) => secret.trim())
  // The value itself is never shown: messages end up in logs.
  if (more.length > 1)
    throw new ConfigurationError({
      problem: 'cacheSecret (FEATURE_CACHE_SECRET) holds more than two secrets',
      remedy: secretsHint,
    })
  if ([first, ...more].some((secret) => secret.length < shortestSecret)) {
    throw new ConfigurationError({
      problem: `cacheSecret (FEATURE_CACHE_SECRET) holds a secret of fewer than ${shortestSecret} characters`,
      remedy: secretsHint,
    })
  }
  return [signing(first), ...more.map(signing)]
}

function signing(secret: string): Key {
  const id = createHash('sha256').update(`sluice cache secret\n${secret}`).digest('hex').slice(0, 8)
  const begin = ({ purpose, owner }: Place) =>
    createHmac('sha256', secret).update(`${JSON.stringify(['sluice', purpose, owner])}\n`)
  return { id, begin, digest: (place, body) => begin(place).update(body).digest('hex') }
}

const markText = (id: string, hex: string) => `${id}${id === '' ? '' : '.'}${hex}`
const markOf = (key: Key, place: Place, body: string) => markText(key.id, key.digest(place, body))

function marking({ id, begin }: Key, place: Place): Marking {
  const made = begin(place)
  return {
    update: (piece) => void made.update(piece),
    mark: () => markText(id, made.digest().toString('hex')),
  }
}

function checking(keys: readonly Key[], place: Place, mark: string): Checking | string {
  const read = readMark(keys, mark)
  if (typeof read === 'string') return read
  const made = read.key.begin(place)
  return {
    update: (piece) => void made.update(piece),
    matches: () => sameMark(read, made.digest().toString('hex')),
  }
}

interface ReadMark {
  readonly key: Key
  readonly hex: string
}

/** The key that a mark names, or the reason why no content can have this mark. */
function readMark(keys: readonly Key[], mark: string): ReadMark | string {
  const hex = mark.slice(mark.indexOf('.') + 1)
  const key = keys.find(({ id }) => id === keyIdOf(mark))
  return /^[0-9a-f]{64}$/.test(hex) && key !== undefined ? { key, hex } : missing(keys, mark)
}

/** Takes the same time for any two marks, so that the time does not show how much of a guess is right. */
function sameMark({ hex }: ReadMark, made: string): boolean {
  return timingSafeEqual(Buffer.from(made), Buffer.from(hex))
}

/** Undefined for a text that is not a mark. */
function keyIdOf(mark: string): string | undefined {
  if (mark.length === 64) return ''
  return /^([0-9a-f]{8})\./.exec(mark)?.[1]
}

function missing(keys: readonly Key[], mark: string): string {
  if (keys.some(({ id }) => id !== '')) return 'the content is not signed with a secret of FEATURE_CACHE_SECRET'
  if (keyIdOf(mark) !== undefined && mark.length > 64) {
    return 'the content is signed, and this process has no FEATURE_CACHE_SECRET'
  }
  return 'the content does not start with a hash'
}
