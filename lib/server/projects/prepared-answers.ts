// Answers to polls of SDKs as they leave the server: bytes, and lists of headers that are made once for all who get them.
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { ClientFeatures } from '../../unleash/client-features.js'
import { namesTag } from '../../unleash/etag.js'
import { securityHeaders } from '../security-headers.js'

/** As Node takes them: name, value, name, value … */
interface Prepared {
  readonly unchanged: string[]
  readonly plain: string[]
  zipped: { readonly headers: string[]; readonly body: Buffer } | null
}

const vary = 'Unleash-AppName, Unleash-InstanceID, Authorization, Accept-Encoding'

export class PreparedAnswers {
  readonly #prepared = new WeakMap<ClientFeatures, Prepared>()

  /** Answers 304 to an SDK that has these bytes, otherwise 200; gives the status. `more` are headers of this answer alone. */
  send(
    features: ClientFeatures,
    request: IncomingMessage,
    response: ServerResponse,
    more: Readonly<Record<string, string>>,
  ): number {
    const own = Object.entries(more).flat()
    const prepared = this.#of(features)
    const { headers } = request
    if (namesTag(headers['if-none-match'], features.etag)) {
      response.writeHead(304, [...prepared.unchanged, ...own]).end()
      return 304
    }
    if (takesGzip(headers['accept-encoding'])) {
      prepared.zipped ??= zippedOf(features, prepared)
      response.writeHead(200, [...prepared.zipped.headers, ...own]).end(prepared.zipped.body)
    } else response.writeHead(200, [...prepared.plain, ...own]).end(features.body)
    return 200
  }

  #of(features: ClientFeatures): Prepared {
    const known = this.#prepared.get(features)
    if (known !== undefined) return known
    const always = { ...securityHeaders, 'cache-control': 'private, no-cache', etag: features.etag, vary }
    const unchanged = Object.entries(always).flat()
    const prepared = { unchanged, plain: [...unchanged, ...bodyHeaders(features.body)], zipped: null }
    this.#prepared.set(features, prepared)
    return prepared
  }
}

function zippedOf(features: ClientFeatures, { unchanged, plain }: Prepared) {
  const body = features.zipped
  const isZipped = body !== features.body
  return { body, headers: isZipped ? [...unchanged, ...bodyHeaders(body), 'content-encoding', 'gzip'] : plain }
}

function bodyHeaders({ length }: Buffer): readonly string[] {
  return ['content-type', 'application/json', 'content-length', String(length)]
}

/** Whether the client takes gzip. `gzip;q=0` says that it does not. */
function takesGzip(accepted: string | string[] | undefined): boolean {
  if (typeof accepted !== 'string' || !accepted.includes('gzip')) return false
  return !/\bgzip\s*;\s*q=0(?:\.0*)?\s*(?:,|$)/.test(accepted)
}
