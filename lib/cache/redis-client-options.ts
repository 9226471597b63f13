// ioredis' options: nothing queued, nothing repeated, nothing asked before the first command, and no time limits of its own,
// which would not be fair (see redis-connection.ts).
import type { RedisOptions } from 'ioredis'
import type { RedisTimings } from './redis-timings.js'
import type { RedisAddress } from './redis-url.js'

export interface ClientSettings {
  readonly address: RedisAddress
  readonly timings: RedisTimings
  readonly random: () => number
  /** How often in a row a connection ended before the server had answered on it. */
  readonly failures: () => number
}

export function clientOptions({ address, timings, random, failures }: ClientSettings) {
  const { host, port, username, password, db } = address
  return {
    host,
    port,
    db,
    ...(username === null ? {} : { username }),
    ...(password === null ? {} : { password }),
    ...(address.tls ? { tls: {} } : {}),
    disableClientInfo: true,
    // Nothing is asked before the first command: each round trip is one more turn to wait for on a busy machine. A server
    // that is still loading its data refuses commands by itself.
    protocol: 2,
    enableReadyCheck: false,
    connectTimeout: 0,
    disconnectTimeout: 100,
    enableOfflineQueue: false,
    maxRetriesPerRequest: 0,
    autoResendUnfulfilledCommands: false,
    // ioredis subscribes again without catching what that may reject with; redis-subscription.ts does it instead.
    autoResubscribe: false,
    // Full jitter: a thousand processes that lost Redis at the same moment must not come back at the same moment. Not ioredis'
    // own count: it begins anew with each connection, also to what accepts and hangs up.
    retryStrategy: () => random() * Math.min(timings.reconnectMs, 100 * 2 ** Math.min(failures(), 10)),
    // After a failover the old address may lead to the new primary; the old connection never will.
    reconnectOnError: (error: Error) => error.message.startsWith('READONLY'),
  } satisfies RedisOptions
}
