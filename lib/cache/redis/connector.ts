// Makes the sockets of ioredis. Its own connector listens for one error of each socket only. A second error (a certificate that
// is not trusted, on a connection that is being closed) would end the process. Its sockets also keep the process alive.
import { connect as connectPlain, type Socket } from 'node:net'
import { connect as connectTls } from 'node:tls'
import type { AbstractConnector } from 'ioredis'
import type { RedisTls } from '../../config/options.js'
import type { RedisDriver } from './driver.js'
import type { RedisAddress } from './url.js'

/** How long a server may take to close the connection after it was asked to. */
const farewellMs = 100

/** The class for ioredis' connector; the address is asked for with each new connection. */
export function connectorTo(
  driver: RedisDriver,
  address: () => RedisAddress,
  tls: RedisTls,
): new () => AbstractConnector {
  return class extends driver.AbstractConnector {
    constructor() {
      super(farewellMs)
    }

    override async connect(): Promise<Socket> {
      this.connecting = true
      const socket = open(address(), tls)
      // ioredis looks for the first error here if the socket has failed before ioredis could listen.
      delete this.firstError
      socket.on('error', (error) => {
        this.firstError ??= error
      })
      socket.unref()
      // For a name with several addresses, Node tries one handle after the other.
      socket.once('connect', () => socket.unref())
      this.stream = socket
      return socket
    }
  }
}

function open({ host, port, path, tls: encrypted }: RedisAddress, { ca, ...tls }: RedisTls): Socket {
  if (path !== null) return connectPlain({ path })
  if (!encrypted) return connectPlain({ host, port })
  return connectTls({ host, port, ...tls, ...(ca === undefined ? {} : { ca: typeof ca === 'string' ? ca : [...ca] }) })
}
