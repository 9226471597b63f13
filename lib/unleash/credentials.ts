// What an SDK says of itself: its instance ID, in any of the places in which SDKs of the last years send it, and its environment.

export interface SdkRequest {
  readonly headers: Readonly<Record<string, string | string[] | undefined>>
  readonly query: Readonly<Record<string, unknown>>
  /** The parsed body of a report; undefined for none. */
  readonly body?: unknown
}

const longestCandidate = 256
/** A header can be long, and each candidate costs a hash. */
const mostJoined = 8

/** All that may be the instance ID, each once, in the order in which they count: a bad one beside a good one does no harm. */
export function credentialCandidates({ headers, query, body }: SdkRequest): readonly string[] {
  const found: string[] = []
  add(found, first(headers['unleash-instanceid']))
  add(found, first(headers['instance_id']))
  const inQuery = query['instance_id']
  if (Array.isArray(inQuery)) for (const one of inQuery) add(found, one)
  else add(found, inQuery)
  const authorization = first(headers['authorization'])
  if (authorization !== undefined) add(found, authorization.replace(/^bearer +/i, ''))
  if (body !== undefined) add(found, field(body, 'instanceId'))
  return found
}

/** The application's name, which is the environment unless the instance ID has one; empty if there is none. */
export function applicationName({ headers, query, body }: SdkRequest): string {
  return (
    trimmed(first(headers['unleash-appname'])) ||
    trimmed(first(headers['app_name'])) ||
    trimmed(query['app_name']) ||
    trimmed(field(body, 'appName'))
  )
}

/** In place, because each poll comes here: lists that are made of lists took longer than all the rest of the look-up. */
function add(found: string[], value: unknown): void {
  const text = trimmed(value)
  // Node joins a header that comes twice.
  if (text.includes(',')) for (const one of text.split(',', mostJoined)) add(found, one)
  else if (text !== '' && text.length <= longestCandidate && !found.includes(text)) found.push(text)
}

function trimmed(value: unknown): string {
  return typeof value === 'string' ? value.trim() : ''
}

function first(value: string | string[] | undefined): string | undefined {
  return typeof value === 'string' ? value : value?.[0]
}

function field(body: unknown, name: string): unknown {
  return typeof body === 'object' && body !== null && Object.hasOwn(body, name) ? Reflect.get(body, name) : undefined
}
