// Answers to polls of SDKs as they leave the server: bytes, and lists of headers that are made once for all who get them.
import type { ClientFeatures } from '../../unleash/client-features.js'
import { hasReturned, namesTag, returnedTag, streamTag } from '../../unleash/etag.js'
import { takesEncoding } from '../accepted-encoding.js'
import { securityHeaders } from '../security-headers.js'
import { type Head, headOf, type Outlet } from './outlet.js'
import type { PollHeaders } from './poll-headers.js'

interface Prepared {
  /** That of a 304; null for an answer that is sent in any case. */
  readonly unchanged: Head | null
  readonly plain: Head
  zipped: { readonly head: Head; readonly body: Buffer } | null
}

export interface Asking {
  readonly headers: PollHeaders
  readonly out: Outlet
  /** Names and values in turn. */
  readonly more: readonly string[]
}

const vary = 'Unleash-AppName, Unleash-InstanceID, Authorization, Accept-Encoding'

export class PreparedAnswers {
  readonly #prepared = new WeakMap<ClientFeatures, Prepared>()

  /**
   * Answers 304 to an SDK that has these bytes, otherwise 200; gives the status. `more` are headers of this answer alone. `offersStream`:
   * the project has streams, and the SDK can be sent to one.
   *
   * An SDK that is sent to a stream keeps the tag of that answer and drops its body. If the stream is blocked it polls with that tag: a 304
   * would leave it without flags for ever. So it gets a tag that no body has, after its first flags, and once in the life of its process.
   */
  send(features: ClientFeatures, asking: Asking, offersStream: boolean): number {
    const prepared = this.#of(features)
    const given = tagsOf(asking.headers)
    const isSimple = given === undefined || (given === features.etag && !offersStream)
    if (isSimple || !(offersStream || hasReturned(given))) return sendAs(prepared, features, asking)
    if (!hasReturned(given)) return sendAs(toStream(features), features, asking)
    return sendAs(returned(features), features, asking)
  }

  #of(features: ClientFeatures): Prepared {
    const known = this.#prepared.get(features)
    if (known !== undefined) return known
    const prepared = preparedWith(features.etag, features.body)
    this.#prepared.set(features, prepared)
    return prepared
  }
}

/** Answers with a document of delta, or 304 for none; gives the status. `more` are headers of this answer alone. */
export function sendDelta(
  { out, more }: Pick<Asking, 'out' | 'more'>,
  revision: number,
  document: string | null,
): number {
  const headers = Object.entries({ ...always, etag: `"${revision}"` }).flat()
  if (document === null) {
    out.send(304, headOf(headers), more, null)
    return 304
  }
  const body = Buffer.from(document)
  out.send(200, headOf([...headers, ...bodyHeaders(body)]), more, body)
  return 200
}

const always = { ...securityHeaders, 'cache-control': 'private, no-cache', vary } as const

/** Never 304: no body of ours has this tag. */
function toStream({ body }: ClientFeatures): Prepared {
  const headers = Object.entries({ ...always, etag: streamTag, 'fetch-mode': 'streaming' }).flat()
  return { unchanged: null, plain: headOf([...headers, ...bodyHeaders(body)]), zipped: null }
}

function returned({ body, etag }: ClientFeatures): Prepared {
  return preparedWith(returnedTag(etag), body)
}

function preparedWith(etag: string, body: Buffer): Prepared {
  const unchanged = Object.entries({ ...always, etag }).flat()
  return { unchanged: headOf(unchanged), plain: headOf([...unchanged, ...bodyHeaders(body)]), zipped: null }
}

function sendAs(prepared: Prepared, features: ClientFeatures, { headers, out, more }: Asking): number {
  if (prepared.unchanged !== null && namesTag(tagsOf(headers), features.etag)) {
    out.send(304, prepared.unchanged, more, null)
    return 304
  }
  if (prepared.unchanged !== null && takesEncoding(headers['accept-encoding'], 'gzip')) {
    prepared.zipped ??= zippedOf(features, prepared)
    out.send(200, prepared.zipped.head, more, prepared.zipped.body)
  } else out.send(200, prepared.plain, more, features.body)
  return 200
}

function zippedOf(features: ClientFeatures, { unchanged, plain }: Prepared) {
  const body = features.zipped
  const isZipped = body !== features.body
  const headers = [...(unchanged?.list ?? []), ...bodyHeaders(body), 'content-encoding', 'gzip']
  return { body, head: isZipped ? headOf(headers) : plain }
}

function bodyHeaders({ length }: Buffer): readonly string[] {
  return ['content-type', 'application/json', 'content-length', String(length)]
}

/** What `If-None-Match` says. */
export function tagsOf(headers: PollHeaders): string | undefined {
  const given = headers['if-none-match']
  return typeof given === 'string' ? given : undefined
}
