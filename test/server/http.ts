// Raw connections to an app that listens: bytes out, answers in, read or left unread.
import { connect, type Socket } from 'node:net'
import type { FastifyInstance } from 'fastify'
import { onTestFinished } from 'vitest'

export interface RawAnswer {
  readonly status: number
  readonly headers: string
  /** Decoded when it is asked for: thousands of answers are half a gigabyte. */
  readonly body: string
}

/** Listens on a free port of this address, and gives the port. */
export async function listenOn(app: FastifyInstance, host = '127.0.0.1'): Promise<number> {
  return Number(new URL(await app.listen({ host, port: 0 })).port)
}

/** An open connection, closed when the test ends. */
export async function open(port: number, from: { host?: string; localAddress?: string } = {}): Promise<Socket> {
  const socket = connect({ host: '127.0.0.1', ...from, port })
  onTestFinished(() => void socket.destroy())
  // A server that closes while we still write is an error here, and meant by the test.
  socket.on('error', () => {})
  await new Promise<void>((resolve) => socket.once('connect', () => resolve()))
  return socket
}

/** Sends the bytes and gives all answers once the server has closed the connection. */
export async function talk(port: number, bytes: string, from: { host?: string; localAddress?: string } = {}) {
  const socket = await open(port, from)
  const chunks: Buffer[] = []
  socket.on('data', (chunk: Buffer) => chunks.push(chunk))
  const closed = new Promise<void>((resolve) => socket.once('close', () => resolve()))
  socket.write(bytes)
  await closed
  return answersOf(Buffer.concat(chunks))
}

/** A request as it stands on the wire; it asks for the connection to be closed where `last`. */
export function request(
  target: string,
  { host = 'localhost', last = false, method = 'GET', headers = '' } = {},
): string {
  return `${method} ${target} HTTP/1.1\r\nhost: ${host}\r\n${headers}${last ? 'connection: close\r\n' : ''}\r\n`
}

/** Every answer must say how long it is. */
export function answersOf(bytes: Buffer): readonly RawAnswer[] {
  const answers: RawAnswer[] = []
  for (let rest = bytes; rest.length > 0; ) {
    const end = rest.indexOf('\r\n\r\n')
    const headers = rest.subarray(0, end).toString('latin1')
    const length = Number(/^content-length: (\d+)/im.exec(headers)?.[1] ?? 0)
    const body = rest.subarray(end + 4, end + 4 + length)
    answers.push({
      status: Number(/^HTTP\/1\.1 (\d{3})/.exec(headers)?.[1]),
      headers,
      get body() {
        return body.toString('utf8')
      },
    })
    rest = rest.subarray(end + 4 + length)
    if (end === -1) break
  }
  return answers
}
