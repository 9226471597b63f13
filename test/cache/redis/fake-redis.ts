// A server that speaks just enough of Redis' protocol to be sick in ways that a real one cannot be made to be.
import { createServer, type Socket } from 'node:net'

export interface FakeRedis {
  readonly url: string
  close(): Promise<void>
}

/** Answers each command with a reply of the protocol, line break included; an empty text is no answer at all. */
export async function startFakeRedis(answer: (command: string) => string): Promise<FakeRedis> {
  const sockets = new Set<Socket>()
  const server = createServer((socket) => {
    sockets.add(socket)
    socket.on('error', () => {}) // The client went away.
    socket.on('close', () => sockets.delete(socket))
    socket.on('data', (data) => {
      for (const command of commandNames(data.toString('latin1'))) socket.write(answer(command))
    })
  })
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done))
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('no TCP port was given')
  return {
    url: `redis://127.0.0.1:${address.port}`,
    close: () => {
      for (const socket of sockets) socket.destroy()
      return new Promise((done) => server.close(() => done()))
    },
  }
}

/** The first text of each array: good enough, as no test sends one that is split over packets. */
function commandNames(data: string): string[] {
  return [...data.matchAll(/\*\d+\r\n\$\d+\r\n([a-zA-Z]+)\r\n/g)].map((match) => (match[1] ?? '').toLowerCase())
}

export function bulk(text: string): string {
  return `$${Buffer.byteLength(text)}\r\n${text}\r\n`
}
