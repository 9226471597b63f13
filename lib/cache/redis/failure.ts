// The meaning of a Redis failure in words, and its remedy.
import { errorText } from '../../errors.js'
import { certificateRemedy } from '../../config/certificate-fault.js'

/** By the first word of Redis' answer. */
const remedies: Readonly<Record<string, string>> = {
  NOAUTH: 'give user and password in redisUrl (REDIS_URL)',
  WRONGPASS: 'correct user and password in redisUrl (REDIS_URL)',
  NOPERM: 'let the user of redisUrl (REDIS_URL) use the keys and the channel "sluice:*"',
  READONLY: 'this is a replica: let redisUrl (REDIS_URL) name the primary',
  MASTERDOWN: 'this replica has lost its primary: let redisUrl (REDIS_URL) name the primary',
  OOM: 'its memory is full: raise maxmemory, or let it evict keys',
  MISCONF: 'it cannot save its data: see its log',
  LOADING: 'it has just started: nothing to do, it will serve when its data are loaded',
  WRONGTYPE: 'something else has written to this key: it will be replaced',
}

const certificateRemedies = {
  trust: "set redisTls.ca to that file's text; redisTls.rejectUnauthorized: false accepts any certificate",
  name: 'let redisUrl (REDIS_URL) name it as the certificate does, or set redisTls.servername',
}

/** Whether Redis itself has answered, with a refusal; every other failure is one of the connection. */
export function isRefusal(error: unknown): error is Error {
  return error instanceof Error && error.name === 'ReplyError'
}

/** Whether the server serves this connection although it refused a command; with too many clients it closes the connection. */
export function isServing(refusal: unknown): boolean {
  return isRefusal(refusal) && !refusal.message.startsWith('ERR max number of clients')
}

/** Whether Redis refuses this user or password, or takes rights away: another login may be served. */
export function isLoginRefusal(error: unknown): boolean {
  return isRefusal(error) && /^(NOAUTH|WRONGPASS|NOPERM) /.test(error.message)
}

/** Whether nothing on this connection is served before a login: that is no sign that a login which failed works again. */
export function isWithoutLogin(error: unknown): boolean {
  return isRefusal(error) && error.message.startsWith('NOAUTH ')
}

export function isWrongType(error: unknown): boolean {
  return isRefusal(error) && error.message.startsWith('WRONGTYPE')
}

/** The failure in one sentence, with its remedy. Never holds the command that was sent, which may hold a password. */
export function describeFailure(error: unknown): string {
  const text = failureText(error)
  const certificate = certificateRemedy(error, certificateRemedies)
  if (certificate !== null) return `${text} (${certificate})`
  const word = text.split(' ', 1)[0] ?? ''
  return Object.hasOwn(remedies, word) ? `${text} (${remedies[word]})` : text
}

function failureText(error: unknown): string {
  // A name with several addresses fails with an AggregateError that has no message of its own.
  if (error instanceof AggregateError && error.message === '') return error.errors.map(errorText).join(', ')
  // The place in a script does not help the reader of the message.
  return errorText(error).replace(/\.? script: [0-9a-f]{40}.*$/, '')
}
