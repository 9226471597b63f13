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
