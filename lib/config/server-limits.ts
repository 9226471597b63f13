// The key `server`: the defaults of the HTTP server's limits, and the values that each takes.
import { isIP } from 'node:net'
import type { ServerLimits } from './options.js'

export const defaultServerLimits: ServerLimits = {
  connections: 25_000,
  connectionsPerAddress: 500,
  streams: 10_000,
  requestsPerConnection: 1_000,
  requestsPerMinute: 1_200,
  changesPerMinute: 60,
  wrongTokensPerMinute: 10,
  pollsPerMinute: 6_000,
  reportsPerMinute: 6_000,
  wrongInstanceIdsPerMinute: 60,
  hosts: [],
  trustedProxies: [],
}

export const wantedServerLimits =
  'an object with the whole numbers from 1 `connections`, `connectionsPerAddress`, `streams`, `requestsPerConnection`, ' +
  '`requestsPerMinute`, `changesPerMinute`, `wrongTokensPerMinute`, `pollsPerMinute`, `reportsPerMinute` and ' +
  '`wrongInstanceIdsPerMinute`, and the lists `hosts` (names without a port) and ' +
  '`trustedProxies` (IP addresses, or networks such as 10.0.0.0/8)'

const isCount = (value: unknown) => Number.isSafeInteger(value) && Number(value) > 0
const isListOf = (test: (text: string) => boolean) => (value: unknown) =>
  Array.isArray(value) && value.every((part: unknown) => typeof part === 'string' && test(part))

const checks: Record<keyof ServerLimits, (value: unknown) => boolean> = {
  connections: isCount,
  connectionsPerAddress: isCount,
  streams: isCount,
  requestsPerConnection: isCount,
  requestsPerMinute: isCount,
  changesPerMinute: isCount,
  wrongTokensPerMinute: isCount,
  pollsPerMinute: isCount,
  reportsPerMinute: isCount,
  wrongInstanceIdsPerMinute: isCount,
  hosts: isListOf(isHost),
  trustedProxies: isListOf(isNetwork),
}

/** Whether a value is allowed under the key `server`. */
export function areServerLimits(value: unknown): boolean {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return false
  return Object.entries(value).every(([key, part]) => isLimit(key) && (part === undefined || checks[key](part)))
}

function isLimit(key: string): key is keyof ServerLimits {
  return Object.hasOwn(checks, key)
}

/** A name or an IP address as in the `Host` header, without a port. */
function isHost(text: string): boolean {
  return /^(?:[\w-]+(?:\.[\w-]+)*\.?|\[[\da-f:.]+\])$/i.test(text)
}

function isNetwork(text: string): boolean {
  const [address = '', bits, ...more] = text.split('/')
  const family = isIP(address)
  if (family === 0 || more.length > 0) return false
  return bits === undefined || (/^\d{1,3}$/.test(bits) && Number(bits) <= (family === 4 ? 32 : 128))
}
