// Connections whose requests are answered before Node's parser sees them: what they are cut off for, and what goes on to Node.
import { createServer, type ServerResponse } from 'node:http'
import type { Socket } from 'node:net'
import { describe, expect, it, onTestFinished, vi } from 'vitest'
import { type LimitedServer, limitConnections } from '../../../lib/server/connections/connections.js'
import type { Front } from '../../../lib/server/connections/front.js'
import { serverFactory } from '../../../lib/server/connections/http-server.js'
import { silentLogger } from '../../../lib/log.js'
import { answersOf, open, request } from '../http.js'

const waiting = { timeout: 30_000, interval: 5 }
const long = 60_000

/** A server whose front answers each chunk that begins with `GET /front`. */
async function serve({ most = 1_000, silenceMs = long, keepAliveMs = long, unreadMs = long, body = 'front' } = {}) {
  const byNode: string[] = []
  const server = createServer({ keepAliveTimeout: long })
  const sockets: Socket[] = []
  const reads = (bytes: Buffer) => {
    if (!bytes.toString('latin1').startsWith('GET /front')) return null
    return (socket: Socket) => {
      socket.write(`HTTP/1.1 200 OK\r\ncontent-length: ${body.length}\r\n\r\n${body}`)
      return true
    }
  }
  const limits = { connections: 100, connectionsPerAddress: 100, requestsPerConnection: most }
  const given = { limits, isProxy: () => false, logger: silentLogger, elapsed: () => performance.now() }
  const limited: LimitedServer = limitConnections(server, given, { reads, silenceMs, keepAliveMs, unreadMs })
  server.on('connection', (socket) => sockets.push(socket))
  server.on('request', (asked, response) => {
    limited.begin(asked, response)
    byNode.push(asked.url ?? '')
    response.writeHead(200, { 'content-length': '4' }).end('node')
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => {
    for (const socket of sockets) socket.destroy()
    server.close()
  })
  const address = server.address()
  return { server, limited, byNode, sockets, port: typeof address === 'object' && address !== null ? address.port : 0 }
}

/** A connection, what has come of it, and when it closes. */
async function talking(port: number) {
  const socket = await open(port)
  const chunks: Buffer[] = []
  socket.on('data', (chunk: Buffer) => chunks.push(chunk))
  const bodies = () => answersOf(Buffer.concat(chunks)).map(({ body }) => body)
  const closed = new Promise<void>((resolve) => socket.once('close', () => resolve()))
  /** Sends one chunk, and waits for its answer. */
  const ask = async (target: string) => {
    const before = bodies().length
    socket.write(request(target))
    await vi.waitFor(() => expect(bodies()).toHaveLength(before + 1), waiting)
  }
  return { socket, bodies, closed, ask, text: () => Buffer.concat(chunks).toString('latin1') }
}

describe('a connection of the front', () => {
  it('goes to Node with the first other request, for good', async () => {
    const { port, byNode, limited } = await serve()
    const { ask, bodies } = await talking(port)
    await ask('/front/1')
    await ask('/front/2')
    expect([...limited.fronts()].map(({ requests }) => requests)).toEqual([2])

    await ask('/other')
    await ask('/front/3')

    expect(bodies()).toEqual(['front', 'front', 'node', 'node'])
    expect(byNode).toEqual(['/other', '/front/3'])
    expect([...limited.fronts()]).toEqual([])
  })

  it('ends after as many requests as are allowed, whoever answers them', async () => {
    const { port, byNode } = await serve({ most: 3 })
    const { ask, closed, text } = await talking(port)
    for (const target of ['/front/1', '/front/2', '/front/3']) await ask(target)

    await closed
    expect(byNode).toEqual(['/front/3'])
    expect(text()).toMatch(/connection: close/i)
  })

  it('is told when it was silent for too long', async () => {
    const { port, server } = await serve({ silenceMs: 20, unreadMs: 20 })
    const codes: unknown[] = []
    server.on('clientError', (error: Error & { code?: string }, socket) => {
      codes.push(error.code)
      socket.end('late')
    })
    const { closed, text } = await talking(port)

    await closed
    expect([codes, text()]).toEqual([['ERR_HTTP_REQUEST_TIMEOUT'], 'late'])
  })

  it('closes when no other request comes', async () => {
    // The timer of a connection is that of its silence until it has run out once.
    const { port } = await serve({ silenceMs: 1_000, keepAliveMs: 1_010 })
    const { ask, closed } = await talking(port)
    await ask('/front')

    await closed
  })

  it('is cut off when its answer is not read', async () => {
    const { port, sockets } = await serve({ unreadMs: 100, body: 'x'.repeat(20_000_000) })
    const socket = await open(port)
    socket.pause()
    socket.write(request('/front'))

    await vi.waitFor(() => expect(sockets[0]?.destroyed).toBe(true), waiting)
  })

  it('waits for the next request from the end of an answer on, however slowly that was read', async () => {
    const size = 20_000_000
    const { port, sockets } = await serve({ silenceMs: 300, keepAliveMs: 600, body: 'x'.repeat(size) })
    const socket = await open(port)
    let came = 0
    socket.on('data', (chunk: Buffer) => {
      came += chunk.length
    })
    socket.pause()
    socket.write(request('/front'))
    await vi.waitFor(() => expect(sockets[0]?.writableLength).toBeGreaterThan(0), waiting)
    // Longer than the time to the next request.
    await new Promise((resolve) => setTimeout(resolve, 700))
    const readAt = performance.now()
    socket.resume()
    await vi.waitFor(() => expect(came).toBeGreaterThan(size), waiting)

    await vi.waitFor(() => expect(sockets[0]?.destroyed).toBe(true), waiting)
    expect(performance.now() - readAt).toBeGreaterThan(500)
  })

  it.each([5, 20_000_000])(
    'of a client that ends its side with its request has the whole answer of %i bytes, and closes',
    async (size) => {
      const { port, sockets } = await serve({ body: 'x'.repeat(size) })
      const socket = await open(port)
      let came = 0
      socket.on('data', (chunk: Buffer) => {
        came += chunk.length
      })
      const ended = new Promise<void>((resolve) => socket.once('end', () => resolve()))
      socket.end(request('/front'))

      await ended
      expect(came).toBeGreaterThan(size)
      await vi.waitFor(() => expect(sockets[0]?.destroyed).toBe(true), waiting)
    },
  )

  it('has one answer under way, however many requests come', async () => {
    const size = 10_000_000
    const { port, sockets } = await serve({ body: 'x'.repeat(size) })
    const socket = await open(port)
    socket.pause()
    let most = 0
    for (let sent = 0; sent < 20; sent++) {
      socket.write(request('/front'))
      await new Promise((resolve) => setTimeout(resolve, 1))
      most = Math.max(most, sockets[0]?.writableLength ?? 0)
    }

    expect(most).toBeGreaterThan(0)
    expect(most).toBeLessThan(1.5 * size)
  })

  it('takes an error of its client without an end of the process', async () => {
    const { port, sockets } = await serve()
    const { ask } = await talking(port)
    await ask('/front')
    sockets[0]?.destroy(new Error('reset'))

    await vi.waitFor(() => expect(sockets[0]?.destroyed).toBe(true), waiting)
  })

  it('gives way to a new one', async () => {
    const { port, limited } = await serve()
    const sockets = await Promise.all(Array.from({ length: 100 }, () => open(port)))
    await vi.waitFor(() => expect([...limited.fronts()]).toHaveLength(100), waiting)

    const { ask } = await talking(port)

    await ask('/front')
    expect([...limited.fronts()]).toHaveLength(100)
    expect(sockets).toHaveLength(100)
  })

  it('of Node is told that it ends while the server closes, also where the front answers', async () => {
    const held: ServerResponse[] = []
    const front: Front = {
      reads: () => null,
      answers: ({ url }, response) => {
        if (url === '/held') held.push(response)
        else response.writeHead(200, { 'content-length': '4' }).end('poll')
        return true
      },
    }
    const limits = { connections: 100, connectionsPerAddress: 100, requestsPerConnection: 1_000 }
    const given = { limits, isProxy: () => false, logger: silentLogger, elapsed: () => performance.now() }
    const server = serverFactory(front, given)(() => {}, {})
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', () => resolve()))
    const address = server.address()
    const { socket, ask, closed, text } = await talking(typeof address === 'object' ? (address?.port ?? 0) : 0)
    socket.write(request('/held'))
    await vi.waitFor(() => expect(held).toHaveLength(1), waiting)
    server.close()
    held[0]?.writeHead(200, { 'content-length': '4' }).end('held')
    await vi.waitFor(() => expect(text()).toContain('held'), waiting)

    await ask('/poll')

    expect(text()).toMatch(/connection: keep-alive.*connection: close/is)
    await closed
  })
})
