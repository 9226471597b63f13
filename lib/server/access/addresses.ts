// Addresses of clients: those that count as one, and those of proxies whose headers are believed.
import { BlockList, isIP } from 'node:net'
import { normalizeIP } from '@fastify/rate-limit'

/**
 * The address that limits count for. IPv4 written as IPv6 is the same client; so is a whole /64 network, in which one client
 * may choose any address. The port that some proxies write after the address is removed: otherwise each connection would count
 * as a client of its own.
 */
export function countedAddress(ip: string): string {
  const bare = /^(?:\[([^\]]*)\]|([\d.]+))(?::\d+)?$/.exec(ip)
  return normalizeIP(bare?.[1] ?? bare?.[2] ?? ip)
}

/** Whether an address is one of these proxies, each an IP address or a network such as `10.0.0.0/8`. */
export function proxyTest(proxies: readonly string[]): (address: string) => boolean {
  const list = new BlockList()
  for (const proxy of proxies) {
    const [address = '', bits] = proxy.split('/')
    if (bits === undefined) list.addAddress(address, familyOf(address))
    else list.addSubnet(address, Number(bits), familyOf(address))
  }
  return (address) => isIP(address) !== 0 && list.check(address, familyOf(address))
}

/**
 * The client's address: that of the connection, or behind proxies that are believed the last one in `X-Forwarded-For` that is none of
 * them. The same as Fastify's `request.ip`, for a request that Fastify does not see.
 */
export function clientAddress(
  remote: string | undefined,
  forwarded: string | string[] | undefined,
  isProxy: (address: string) => boolean,
): string {
  let address = remote ?? ''
  if (typeof forwarded !== 'string') return address
  const given = forwarded.split(',')
  while (isProxy(address)) {
    const next = previous(given)
    if (next === null) return address
    address = next
  }
  return address
}

/** Takes the last one of a list off it, without the empty ones behind it; null for none. */
function previous(given: string[]): string | null {
  for (let last = given.pop(); last !== undefined; last = given.pop()) {
    const address = last.trim()
    if (address !== '') return address
  }
  return null
}

/** Whether only this machine can reach an address. */
export function isLoopback(address: string): boolean {
  return isIP(address) !== 0 && loopback.check(address, familyOf(address))
}

const loopback = new BlockList()
loopback.addSubnet('127.0.0.0', 8, 'ipv4')
loopback.addAddress('::1', 'ipv6')

function familyOf(address: string): 'ipv4' | 'ipv6' {
  return isIP(address) === 4 ? 'ipv4' : 'ipv6'
}
