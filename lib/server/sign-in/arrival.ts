// How a request came, as far as signing in is concerned: a cookie may travel over HTTPS, or within one machine, and in no other way.
import type { FastifyRequest } from 'fastify'
import { FeatureError } from '../../errors.js'
import { isLoopback } from '../access/addresses.js'
import { bareName, hostsOf, isLoopbackName } from '../access/hosts.js'

/** Over HTTPS, ended by a proxy; from this machine to itself; over plain HTTP from another one, or it cannot be told. */
export type Arrival = 'https' | 'loopback' | 'plain'

export class Arrivals {
  readonly #publicUrl: URL | null
  readonly #isProxy: (address: string) => boolean

  constructor(publicUrl: URL | null, isProxy: (address: string) => boolean) {
    this.#publicUrl = publicUrl
    this.#isProxy = isProxy
  }

  of(request: FastifyRequest): Arrival {
    const { headers, socket } = request.raw
    const remote = socket.remoteAddress ?? ''
    const throughProxy = this.#isProxy(remote)
    // Fastify believes X-Forwarded-Proto of trusted proxies alone; one that does not send it is taken to end TLS, as publicUrl says.
    const saysHttp = throughProxy && headers['x-forwarded-proto'] !== undefined && request.protocol !== 'https'
    if (this.#publicUrl?.protocol === 'https:' && !saysHttp) {
      if (throughProxy && (request.protocol === 'https' || this.#namesPublic(request))) return 'https'
      if (isLoopback(remote) && this.#namesPublic(request)) return 'https'
    }
    return isLoopback(request.ip) && !isForwarded(request) && namesLoopback(request) ? 'loopback' : 'plain'
  }

  /** The origin of pages of this server, as a browser says it of such a request. */
  originOf(request: FastifyRequest): string | null {
    const arrival = this.of(request)
    if (arrival === 'https') return this.#publicUrl?.origin ?? null
    const { host } = request.raw.headers
    return arrival === 'loopback' && host !== undefined ? `http://${host.toLowerCase()}` : null
  }

  /**
   * Checks that a request names the host of `publicUrl` or a loopback address: a page of another site may have its own name lead
   * here (DNS rebinding). Throws FeatureError (`misdirected_request`).
   */
  checkHost(request: FastifyRequest): void {
    const hosts = hostsOf(request.raw).map(bareName)
    if (hosts.length > 0 && hosts.every((host) => host !== null && (isLoopbackName(host) || host === this.#host)))
      return
    throw new FeatureError('misdirected_request', {
      problem:
        'pages are served to the host of publicUrl, and on the machine itself, and the request names another host',
      remedy: 'set publicUrl of the configuration to the address that people open, such as https://flags.example.com',
    })
  }

  #namesPublic({ raw }: FastifyRequest): boolean {
    const hosts = hostsOf(raw)
    return hosts.length > 0 && hosts.every((host) => bareName(host) === this.#host)
  }

  get #host(): string | null {
    return this.#publicUrl === null ? null : bareName(this.#publicUrl.host)
  }
}

function namesLoopback({ raw }: FastifyRequest): boolean {
  const hosts = hostsOf(raw).map(bareName)
  return hosts.length > 0 && hosts.every((host) => host !== null && isLoopbackName(host))
}

/** A proxy on this machine that is not trusted: who stands behind it is not known. */
function isForwarded({ raw: { headers, socket } }: FastifyRequest): boolean {
  const names = ['forwarded', 'x-forwarded-for', 'x-forwarded-host', 'x-forwarded-proto', 'x-real-ip', 'via']
  return isLoopback(socket.remoteAddress ?? '') && names.some((name) => headers[name] !== undefined)
}
