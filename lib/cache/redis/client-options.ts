// ioredis' options: it queues nothing, repeats nothing, asks nothing before the first command, does not connect by itself, and
// has no time limits of its own, which would not be fair (see connection.ts).
import type { RedisOptions } from 'ioredis'
import type { RedisTls } from '../../config/options.js'
import { connectorTo } from './connector.js'
import type { RedisDriver } from './driver.js'
import type { RedisAddress } from './url.js'

export interface ClientSettings {
  readonly driver: RedisDriver
  /** The address of the next connection. */
  readonly address: () => RedisAddress
  readonly tls: RedisTls
  /** Whether the refusal of a command means that a new connection would help. */
  readonly isOutdated: (refusal: Error) => boolean
}

export function clientOptions({ driver, address, tls, isOutdated }: ClientSettings) {
  return {
    Connector: connectorTo(driver, address, tls),
    // connection.ts decides when to connect, and with which login.
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
    // ioredis subscribes again but does not catch the rejection; subscription.ts does it instead.
    autoResubscribe: false,
    reconnectOnError: isOutdated,
  } satisfies RedisOptions
}

/** The options that ioredis reads anew whenever it connects. */
export function addressOptions({ host, port, username, password, db, tls }: RedisAddress) {
  // ioredis only checks whether `tls` is there, to know the event of a finished connection.
  return { host, port, db, username: username ?? undefined, password: password ?? undefined, tls: tls ? {} : undefined }
}
