// A proxy that ends a connection at a packet of one's choice: before it, after it, or in the very packet, as a server does
// that is shut down while it greets. It can speak TLS itself, so that the packets inside are seen too.
import { connect, createServer, type Socket } from 'node:net'
import { TLSSocket } from 'node:tls'

export type Blow =
  /** The packet is passed on, and the connection ended. */
  | 'end'
  /** The connection is reset, and the packet lost. */
  | 'reset'
  /** What says farewell follows in the same packet, and then the end. */
  | 'join'

/** What happens at a packet, by its number on its connection from 0; null: it is passed on. */
export type Strike = (packet: number, data: Buffer) => Blow | null

export interface StrikingProxyOptions {
  readonly target: number
  /** How packets are told apart; `raw`: each piece of the network is one. */
  readonly protocol: 'postgres' | 'redis' | 'raw'
  /** What the server says last. */
  readonly farewell: Buffer
  /** Speaks TLS to clients with this certificate, and none to the server. */
  readonly tls?: { readonly key: string; readonly cert: string }
}

export interface StrikingProxy {
  readonly port: number
  /** What happens to the connection with this number, the first being 0. */
  strike: (connection: number) => Strike | null
  readonly connections: number
  /** How many blows were dealt. */
  readonly struck: number
  /** The most packets that one connection has had so far. */
  readonly longest: number
  close(): Promise<void>
}

/** What a PostgreSQL server says when an administrator ends the connection. */
export const postgresFarewell = postgresMessage('E', 'SFATAL\0VFATAL\0C57P01\0Mterminating connection\0\0')
/** What no command has asked for. */
export const redisFarewell = Buffer.from('-ERR server is shutting down\r\n')

export async function startStrikingProxy(options: StrikingProxyOptions): Promise<StrikingProxy> {
  const sockets = new Set<Socket>()
  const counts = { connections: 0, struck: 0, longest: 0 }
  const server = createServer((client) => {
    const strike = proxy.strike(counts.connections++)
    let packets = 0
    const carry = async () => {
      const inside = options.tls === undefined ? client : await openTls(client, options, options.tls)
      const target = connect(options.target, '127.0.0.1')
      const end = () => {
        for (const socket of [inside, client, target]) socket.destroy()
      }
      for (const socket of [inside, client, target]) {
        keep(socket)
        socket.on('close', end)
      }
      /** False where the connection ended with it. */
      const pass = (packet: Buffer, before: readonly Buffer[], to: Socket): boolean => {
        counts.longest = Math.max(counts.longest, packets + 1)
        const blow = strike?.(packets++, packet) ?? null
        if (blow === null) return true
        counts.struck += 1
        if (blow === 'reset') client.resetAndDestroy()
        else if (blow === 'join') inside.end(Buffer.concat([...before, packet, options.farewell]))
        else to.write(Buffer.concat([...before, packet]), () => inside.end())
        return false
      }
      let struck = false
      const carryOne = (from: Socket, to: Socket, split: (data: Buffer) => Buffer[]) => {
        from.on('data', (data) => {
          if (struck) return
          const passed: Buffer[] = []
          for (const packet of split(data)) {
            struck = !pass(packet, passed, to)
            if (struck) return
            passed.push(packet)
          }
          to.write(Buffer.concat(passed))
        })
      }
      carryOne(inside, target, (data) => [data])
      carryOne(target, inside, options.protocol === 'postgres' ? postgresPackets() : (data) => [data])
    }
    keep(client)
    carry().catch(() => client.destroy()) // The client turned away from the certificate.
  })
  const keep = (socket: Socket) => {
    sockets.add(socket)
    socket.on('error', () => {}) // Broken on purpose, or the other side is gone: 'close' follows.
    socket.on('close', () => sockets.delete(socket))
  }
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done))
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('no TCP port was given')
  const proxy: StrikingProxy = {
    port: address.port,
    strike: () => null,
    get connections() {
      return counts.connections
    },
    get struck() {
      return counts.struck
    },
    get longest() {
      return counts.longest
    },
    close: async () => {
      for (const socket of sockets) socket.destroy()
      await new Promise((done) => server.close(done))
    },
  }
  return proxy
}

async function openTls(
  client: Socket,
  { protocol }: StrikingProxyOptions,
  { key, cert }: { readonly key: string; readonly cert: string },
): Promise<TLSSocket> {
  if (protocol === 'postgres') {
    // The client asks for TLS in plain text.
    await new Promise((asked) => client.once('data', asked))
    client.write('S')
  }
  const inside = new TLSSocket(client, { isServer: true, key, cert })
  await new Promise<void>((secure, fail) => {
    inside.once('error', fail)
    inside.once('close', () => fail(new Error('closed')))
    inside.once('secure', secure)
  })
  return inside
}

/** A server's messages: a letter, and a length that counts itself. */
function postgresPackets(): (data: Buffer) => Buffer[] {
  let rest: Buffer = Buffer.alloc(0)
  return (data) => {
    rest = Buffer.concat([rest, data])
    const packets: Buffer[] = []
    while (rest.length >= 5 && rest.length > rest.readUInt32BE(1)) {
      const length = rest.readUInt32BE(1) + 1
      packets.push(rest.subarray(0, length))
      rest = rest.subarray(length)
    }
    return packets
  }
}

function postgresMessage(letter: string, text: string): Buffer {
  const length = Buffer.alloc(4)
  length.writeUInt32BE(4 + text.length)
  return Buffer.concat([Buffer.from(letter), length, Buffer.from(text)])
}
