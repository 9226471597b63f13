// ioredis' options: nothing queued, nothing repeated, nothing asked before the first command, no connecting by itself, and
// no time limits of its own, which would not be fair (see redis-connection.ts).
import type { RedisOptions } from 'ioredis'
import type { RedisTls } from '../../config/options.js'
import { connectorTo } from './connector.js'
import type { RedisAddress } from './url.js'

export interface ClientSettings {
  /** Where to connect to now. */
  readonly address: () => RedisAddress
  readonly tls: RedisTls
  /** Whether a command's refusal means that a new connection would do better. */
  readonly isOutdated: (refusal: Error) => boolean
}

export function clientOptions({ address, tls, isOutdated }: ClientSettings) {
  return {
    Connector: connectorTo(address, tls),
    // When to connect, and as whom, is decided in redis-connection.ts.
    lazyConnect: true,
    retryStrategy: () => null,
    disableClientInfo: true,
    // Nothing is asked before the first command: each round trip is one more turn to wait for on a busy machine. A server
    // that is still loading its data refuses commands by itself.
    protocol: 2,
    enableReadyCheck: false,
    connectTimeout: 0,
    enableOfflineQueue: false,
    maxRetriesPerRequest: 0,
    autoResendUnfulfilledCommands: false,
    // ioredis subscribes again without catching what that may reject with; redis-subscription.ts does it instead.
    autoResubscribe: false,
    reconnectOnError: isOutdated,
  } satisfies RedisOptions
}

/** The options that ioredis reads anew whenever it connects. */
export function addressOptions({ host, port, username, password, db, tls }: RedisAddress) {
  // Of `tls` ioredis only looks whether it is there, to know which event says that the connection is made.
  return { host, port, db, username: username ?? undefined, password: password ?? undefined, tls: tls ? {} : undefined }
}
