// A TCP proxy that can fail in the middle of a conversation, at a word of the protocol.
import { connect, createServer, type Socket } from 'node:net'

export interface TcpProxy {
  readonly port: number
  /** Where new connections lead. */
  targetPort: number
  /** What to do with a piece that a client sends, and with all that follows on that connection. */
  onRequest: (data: Buffer) => 'pass' | 'swallow' | 'pass and swallow answers' | 'reset'
  /** Refuses new connections when false. */
  accepting: boolean
  /** When true, the server is not told that a client has gone, as after a broken network. */
  holding: boolean
  /** Cuts all connections. */
  cut(): void
  close(): Promise<void>
}

/** Passes loopback connections on to `targetPort`. */
export async function startTcpProxy(targetPort: number): Promise<TcpProxy> {
  const sockets = new Set<Socket>()
  const server = createServer((client) => {
    if (!proxy.accepting) {
      client.destroy()
      return
    }
    const target = connect(proxy.targetPort, '127.0.0.1')
    const state = { silent: false, deaf: false }
    for (const socket of [client, target]) {
      sockets.add(socket)
      socket.on('error', () => {}) // Cut on purpose, or the other side is gone: 'close' follows.
      socket.on('close', () => {
        sockets.delete(socket)
        client.destroy()
        if (socket === target || !proxy.holding) target.destroy()
      })
    }
    client.on('data', (data) => {
      if (state.silent) return
      const action = proxy.onRequest(data)
      if (action === 'reset') client.resetAndDestroy()
      state.silent = action === 'swallow'
      state.deaf ||= action === 'pass and swallow answers'
      if (action === 'pass' || action === 'pass and swallow answers') target.write(data)
    })
    target.on('data', (data) => {
      if (!state.deaf) client.write(data)
    })
  })
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done))
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('no TCP port was given')
  const cut = () => {
    for (const socket of sockets) socket.destroy()
  }
  const proxy: TcpProxy = {
    port: address.port,
    targetPort,
    onRequest: () => 'pass',
    accepting: true,
    holding: false,
    cut,
    close: async () => {
      cut()
      await new Promise((done) => server.close(done))
    },
  }
  return proxy
}
