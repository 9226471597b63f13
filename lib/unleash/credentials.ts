// What an SDK says of itself: its instance ID, in any of the places in which SDKs of the last years send it, and its environment.

export interface SdkRequest {
  readonly headers: Readonly<Record<string, string | string[] | undefined>>
  readonly query: Readonly<Record<string, unknown>>
  /** The parsed body of a report; undefined for none. */
  readonly body?: unknown
}

const longestCandidate = 256

/** All that may be the instance ID, each once, in the order in which they count: a bad one beside a good one does no harm. */
export function credentialCandidates({ headers, query, body }: SdkRequest): readonly string[] {
  const authorization = first(headers['authorization'])?.replace(/^bearer +/i, '')
  const places = [
    first(headers['unleash-instanceid']),
    first(headers['instance_id']),
    query['instance_id'],
    authorization,
    field(body, 'instanceId'),
  ]
  const texts = places.filter((text) => typeof text === 'string')
  return [...new Set(texts.map((text) => text.trim()))].filter((text) => text !== '' && text.length <= longestCandidate)
}

/** The application's name, which is the environment unless the instance ID has one; empty if there is none. */
export function applicationName({ headers, query, body }: SdkRequest): string {
  const places = [
    first(headers['unleash-appname']),
    first(headers['app_name']),
    query['app_name'],
    field(body, 'appName'),
  ]
  const found = places.find((text) => typeof text === 'string' && text.trim() !== '')
  return typeof found === 'string' ? found.trim() : ''
}

function first(value: string | string[] | undefined): string | undefined {
  return typeof value === 'string' ? value : value?.[0]
}

function field(body: unknown, name: string): unknown {
  return typeof body === 'object' && body !== null && Object.hasOwn(body, name) ? Reflect.get(body, name) : undefined
}
