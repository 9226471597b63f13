// The names that a request may use for the server. A web page can have its own name resolve to 127.0.0.1 (DNS rebinding) and
// then talk to a server that only this machine can reach, but the browser still sends the page's host.
import type { IncomingMessage } from 'node:http'
import type { Server } from 'node:net'
import { FeatureError } from '../../errors.js'
import { isLoopback } from './addresses.js'

export type HostCheck = (request: IncomingMessage) => void

/**
 * Checks requests to a server that listens on a loopback address alone: they must name it by a loopback address, as
 * `localhost`, or by one of these names. Throws FeatureError (`misdirected_request`).
 */
export function hostCheck(server: Server, names: readonly string[]): HostCheck {
  const own = new Set(names.map((name) => bareName(name)))
  let onLoopback = false
  server.on('listening', () => {
    const bound = server.address()
    onLoopback = bound !== null && typeof bound !== 'string' && isLoopback(bound.address)
  })
  return (request) => {
    if (!onLoopback) return
    if (hostsOf(request).every((host) => isOwn(bareName(host), own))) return
    throw new FeatureError('misdirected_request', {
      problem: 'this server answers on this machine only, and the request names another host',
      remedy:
        'a reverse proxy may pass on the name of publicUrl, or one that the key server.hosts of the configuration lists',
    })
  }
}

/** Every host that the request names. A request without a host, which HTTP/1.0 allows, does not come from a browser. */
export function hostsOf({ rawHeaders, url = '' }: IncomingMessage): readonly string[] {
  const hosts = rawHeaders.flatMap((name, index) =>
    index % 2 === 0 && name.toLowerCase() === 'host' ? [rawHeaders[index + 1] ?? ''] : [],
  )
  // A target may be a whole URL; in that case its host counts, not the header's.
  const target = /^[a-z][a-z\d+.-]*:\/\/([^/?#\\]*)/i.exec(url)?.[1]
  return target === undefined ? hosts : [...hosts, target]
}

function isOwn(host: string | null, names: ReadonlySet<string | null>): boolean {
  return host !== null && (isLoopbackName(host) || names.has(host))
}

/** Whether a name, as `bareName` gives it, is one by which a machine calls itself. */
export function isLoopbackName(host: string): boolean {
  return host === 'localhost' || host.endsWith('.localhost') || isLoopback(host)
}

/** In lower case, without port, brackets and the root's dot; null if it is not a host. */
export function bareName(host: string): string | null {
  const [, v6, name] = /^(?:\[([\da-f:.]+)\]|([\w.-]+))(?::\d*)?$/i.exec(host.trim()) ?? []
  return (v6 ?? name)?.toLowerCase().replace(/\.$/, '') || null
}
