// A proxy before several servers that leads each request to the next of them, and in which a test can hold or lose the answer to a request.
import { type ClientRequest, createServer, type IncomingMessage, request, type ServerResponse } from 'node:http'
import type { AddressInfo, Socket } from 'node:net'

/** What happens to a request. */
export type Fate =
  | 'pass'
  /** It reaches its server, and the client hears nothing until `release()`. */
  | 'hold the answer'
  /** It reaches no server until `release()`. */
  | 'hold the request'
  /** It reaches its server, and its answer is lost. */
  | 'lose the answer'
  /** It reaches no server, and the client's connection ends. */
  | 'lose the request'

export interface AlternatingProxy {
  readonly url: string
  /** Where requests lead, in turn. */
  targets: readonly number[]
  /** Decides on each request; default: all pass. */
  fate: (asked: { readonly method: string; readonly path: string; readonly body: string }) => Fate
  /** How many requests had another fate than to pass and have come to it: an answer is held or lost, a request is held or lost. */
  readonly met: number
  /** Lets go what is held. */
  release(): void
  /** Ends all connections, of streams too. */
  cut(): void
  close(): Promise<void>
}

export async function startAlternatingProxy(targets: readonly number[]): Promise<AlternatingProxy> {
  const sockets = new Set<Socket>()
  const asked = new Set<ClientRequest>()
  let held: (() => void)[] = []
  let [turn, met] = [0, 0]

  function ask(from: IncomingMessage, body: Buffer, then: (answer: IncomingMessage) => void, to: ServerResponse): void {
    const port = proxy.targets[turn++ % proxy.targets.length]
    const { headers, method, url: path } = from
    const sent = request({ host: '127.0.0.1', port, path, method, headers, agent: false }, then)
    asked.add(sent)
    sent.on('close', () => asked.delete(sent))
    sent.on('error', () => to.destroy()) // The server is gone: the client sees its connection end.
    // The client is gone. A server that has the whole request goes on with it.
    to.on('close', () => sent.destroy())
    sent.end(body)
  }

  const server = createServer(async (from, to) => {
    const body = Buffer.concat(await from.toArray().catch(() => []))
    const fate = proxy.fate({ method: from.method ?? '', path: from.url ?? '', body: String(body) })
    const give = (answer: IncomingMessage) => {
      if (to.destroyed) return void answer.resume()
      to.writeHead(answer.statusCode ?? 502, answer.headers)
      to.flushHeaders()
      answer.on('error', () => to.destroy()).pipe(to)
    }
    switch (fate) {
      case 'pass':
        ask(from, body, give, to)
        return
      case 'hold the request':
        met += 1
        held.push(() => ask(from, body, give, to))
        return
      case 'lose the request':
        met += 1
        to.destroy()
        return
      case 'hold the answer':
      case 'lose the answer':
        ask(
          from,
          body,
          (answer) => {
            answer.pause()
            met += 1
            if (fate === 'lose the answer') to.destroy()
            else held.push(() => give(answer))
          },
          to,
        )
    }
  })
  server.on('connection', (socket) => {
    sockets.add(socket)
    socket.on('close', () => sockets.delete(socket))
  })
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening))
  const { port } = server.address() as AddressInfo
  const proxy: AlternatingProxy = {
    url: `http://127.0.0.1:${port}`,
    targets,
    fate: () => 'pass',
    get met() {
      return met
    },
    release() {
      const all = held
      held = []
      for (const one of all) one()
    },
    cut() {
      for (const socket of sockets) socket.destroy()
      for (const one of asked) one.destroy()
    },
    async close() {
      proxy.cut()
      await new Promise((closed) => server.close(closed))
    },
  }
  return proxy
}
