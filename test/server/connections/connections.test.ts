// What only real connections show: requests that come at once, answers that nobody reads, and too many connections.
import { request as httpRequest } from 'node:http'
import { connect } from 'node:net'
import fc from 'fast-check'
import { describe, expect, it, onTestFinished, vi } from 'vitest'
import { answersOf, listenOn, open, request, talk } from '../http.js'
import { fullSize } from '../../support/full-size.js'
import { startApp } from '../support.js'

const waiting = { timeout: 30_000, interval: 10 }
const burstLength = fullSize(300, 1_700)
const documents = ['/api/v4/openapi.json', '/-/metrics', '/-/liveness', '/-/readiness', '/nothing', '/%zz'] as const
const manyRequests = { server: { requestsPerMinute: 1_000_000, requestsPerConnection: 1_000_000 } }

async function alive(port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    httpRequest({ port, path: '/-/liveness', agent: false }, (response) => {
      response.resume().on('end', () => resolve(response.statusCode ?? 0))
    })
      .on('error', reject)
      .end()
  })
}

describe('requests that come at once on one connection', () => {
  it.each(documents)('to %s are answered one after the other, all of them', async (path) => {
    const { app } = await startApp({ feature: manyRequests })
    const port = await listenOn(app)
    const alone = (await talk(port, request(path, { last: true })))[0]?.status

    const answers = await talk(port, request(path).repeat(burstLength - 1) + request(path, { last: true }))

    expect(answers.map(({ status }) => status)).toEqual(Array.from({ length: burstLength }, () => alone))
  })

  it.each(documents)('to %s are not even begun while their answers are not read', async (path) => {
    const { app } = await startApp({ feature: manyRequests })
    const port = await listenOn(app)
    let begun = 0
    let underWay = 0
    let most = 0
    app.server.on('request', (_request, response) => {
      begun += 1
      underWay += 1
      most = Math.max(most, underWay)
      response.once('close', () => {
        underWay -= 1
      })
    })
    // Names as long as they may be make answers that are large enough for the buffers of the system to fill.
    const burst = Buffer.from(request(`${path}${path === '/nothing' ? 'x'.repeat(250) : ''}`).repeat(1_700))
    const sockets = await Promise.all(Array.from({ length: 5 }, () => open(port)))
    for (const socket of sockets) {
      socket.pause()
      socket.write(burst)
    }

    await vi.waitFor(() => expect(begun).toBeGreaterThan(5), waiting)
    expect(await alive(port)).toBe(200)
    expect(most).toBeLessThanOrEqual(6)
  })

  it('keep their order, whatever they are and however their bytes arrive', { timeout: 120_000 }, async () => {
    const test = await startApp({
      feature: { server: { ...manyRequests.server, changesPerMinute: 1_000_000, wrongTokensPerMinute: 1_000_000 } },
    })
    const port = await listenOn(test.app)
    const headers = `private-token: ${test.admin}\r\n`
    const post = (body: string) =>
      `${request('/api/v4/features/my_flag', { method: 'POST', headers: `${headers}content-type: application/json\r\ncontent-length: ${body.length}\r\n` })}${body}`
    const chunked = (body: string) =>
      `${request('/api/v4/features/my_flag', { method: 'POST', headers: `${headers}content-type: application/json\r\ntransfer-encoding: chunked\r\n` })}${body.length.toString(16)}\r\n${body}\r\n0\r\n\r\n`
    const kinds: readonly (readonly [string, number])[] = [
      [request('/-/liveness'), 200],
      [request('/api/v4/openapi.json'), 200],
      [request('/nothing'), 404],
      [request('/%zz'), 400],
      [request('/-/liveness', { headers: 'expect: nothing\r\n' }), 200],
      [post('{"value":true}'), 201],
      [post(`{"value":true${'\r\n'.repeat(3_000)}}`), 201],
      [post(`{"value":"maybe${' '.repeat(100_000)}"}`), 400],
      [chunked('{"value":false}'), 201],
      [`${request('/api/v4/features', { method: 'POST', headers: 'content-length: 8\r\n' })}\r\n\r\n\r\n\r\n`, 404],
      [request('/api/v4/features'), 401],
      [request('/-/liveness', { method: 'OPTIONS' }), 404],
      [`\r\n${request('/-/readiness')}`, 200],
    ]
    const plan = fc.record({
      picks: fc.array(fc.nat(kinds.length - 1), { minLength: 1, maxLength: 60 }),
      piece: fc.constantFrom(1, 7, 100, 5_000, 10_000_000),
    })
    await fc.assert(
      fc.asyncProperty(plan, async ({ picks, piece }) => {
        const chosen = picks.map((pick) => kinds[pick] ?? ['', 0])
        const bytes = chosen.map(([text]) => text).join('') + request('/-/liveness', { last: true })
        const socket = await open(port)
        const chunks: Buffer[] = []
        socket.on('data', (chunk: Buffer) => chunks.push(chunk))
        const closed = new Promise<void>((resolve) => socket.once('close', () => resolve()))
        // The smallest pieces only at the front: a million writes would show nothing more.
        const small = Math.min(bytes.length, piece * 300)
        for (let at = 0; at < small; at += piece) {
          socket.write(bytes.slice(at, Math.min(at + piece, small)))
          if (at % (piece * 10) === 0) await new Promise((resolve) => setImmediate(resolve))
        }
        socket.write(bytes.slice(small))
        await closed
        expect(answersOf(Buffer.concat(chunks)).map(({ status }) => status)).toEqual([
          ...chosen.map(([, status]) => status),
          200,
        ])
      }),
      { numRuns: fullSize(8, 40) },
    )
  })

  it('end with the connection after as many as are allowed, in HTTP/1.0 too', async () => {
    const { app } = await startApp({ feature: { server: { requestsPerConnection: 3 } } })
    const port = await listenOn(app)

    const answers = await talk(port, request('/-/liveness').repeat(10))
    const old = await talk(port, 'GET /-/liveness HTTP/1.0\r\nconnection: keep-alive\r\n\r\n'.repeat(10))

    expect(answers.map(({ status }) => status)).toEqual([200, 200, 200])
    expect(answers[2]?.headers).toMatch(/^connection: close/im)
    expect(old).toHaveLength(3)
  })

  it('hold up no end of the server with what is no HTTP, where the client closes nothing', async () => {
    const { app } = await startApp()
    const port = await listenOn(app)
    const said: string[] = []
    for (const before of ['', request('/-/liveness'), request('/nothing')]) {
      const socket = connect({ port, host: '127.0.0.1', allowHalfOpen: true })
      onTestFinished(() => void socket.destroy())
      socket.on('error', () => {})
      let text = ''
      socket.on('data', (chunk) => {
        text += chunk.toString('latin1')
      })
      socket.write(`${before}no request at all\r\n\r\n`)
      await vi.waitFor(() => expect(text).toContain('this is not a valid HTTP request'), waiting)
      said.push(text)
    }
    expect(said.length).toBe(3)
    // Node alone would wait for 10 s.
    const left = () => new Promise<number>((give) => app.server.getConnections((_, count) => give(count)))
    await vi.waitFor(async () => expect(await left()).toBe(0), { timeout: 8_000, interval: 50 })
  })

  it('are answered up to the first that is no HTTP', async () => {
    const { app } = await startApp()
    const port = await listenOn(app)

    const answers = await talk(
      port,
      `${request('/-/liveness')}${request('/nothing')}nonsense\r\n\r\n${request('/-/liveness')}`,
    )

    expect(answers.map(({ status }) => status)).toEqual([200, 404, 400])
  })
})

describe('connections', () => {
  it('of one address give way to a new one where nothing is owed to them', async () => {
    const { app } = await startApp({ feature: { server: { connectionsPerAddress: 3 } } })
    const port = await listenOn(app)
    const silent = await open(port)
    const others = [await open(port), await open(port)]
    const gone = new Promise<void>((resolve) => silent.once('close', () => resolve()))

    expect(await alive(port)).toBe(200)

    await gone
    expect(others.map(({ destroyed }) => destroyed)).toEqual([false, false])
  })

  it('that do not read their answers give way too', async () => {
    const { app } = await startApp({ feature: { server: { ...manyRequests.server, connectionsPerAddress: 2 } } })
    const port = await listenOn(app)
    const unread = [await open(port), await open(port)]
    for (const socket of unread) {
      socket.pause()
      socket.write(request('/api/v4/openapi.json').repeat(1_700))
    }

    await vi.waitFor(async () => expect(await alive(port)).toBe(200), waiting)
  })

  it('that have sent half of a body, also to nowhere, give way too', async () => {
    const { app } = await startApp({ feature: { server: { connectionsPerAddress: 2 } } })
    const port = await listenOn(app)
    const headers = 'content-type: application/json\r\ncontent-length: 1000000\r\n'
    let begun = 0
    app.server.on('request', () => {
      begun += 1
    })
    for (const socket of [await open(port), await open(port)]) {
      socket.write(`${request('/nothing', { method: 'POST', headers })}{"value":`)
    }
    await vi.waitFor(() => expect(begun).toBe(2), waiting)

    expect(await alive(port)).toBe(200)
  })

  it('beyond the bound are closed only while each of the others waits for its answer', async () => {
    const waits: (() => void)[] = []
    const findByPath = () => new Promise<number>((resolve) => waits.push(() => resolve(7)))
    const test = await startApp({
      feature: { actors: { Project: { findByPath }, User: {} }, server: { connectionsPerAddress: 2 } },
    })
    const port = await listenOn(test.app)
    const body = '{"value":true,"project":"a/b"}'
    const headers = `private-token: ${test.admin}\r\ncontent-type: application/json\r\ncontent-length: ${body.length}\r\n`
    const slow = `${request('/api/v4/features/my_flag', { method: 'POST', headers, last: true })}${body}`
    const answers = [talk(port, slow), talk(port, slow)]
    await vi.waitFor(() => expect(waits).toHaveLength(2), waiting)

    await expect(alive(port)).rejects.toThrow()
    for (const go of waits) go()

    expect((await Promise.all(answers)).map(([answer]) => answer?.status)).toEqual([201, 201])
    expect(await alive(port)).toBe(200)
    expect(test.log.filter(({ message }) => message.includes('closed at once'))).toHaveLength(1)
  })

  it('are bounded in all, and the address that has most of them gives way first', async () => {
    const { app } = await startApp({ feature: { server: { connections: 3 } } })
    const port = await listenOn(app)
    const first = await open(port, { localAddress: '127.0.0.2' })
    const [second] = [await open(port, { localAddress: '127.0.0.3' }), await open(port, { localAddress: '127.0.0.3' })]
    const gone = new Promise<void>((resolve) => second.once('close', () => resolve()))

    expect(await alive(port)).toBe(200)

    await gone
    expect(first.destroyed).toBe(false)
  })

  it('of a trusted proxy may be as many as there may be in all', async () => {
    const { app } = await startApp({
      feature: { server: { connectionsPerAddress: 1, trustedProxies: ['127.0.0.0/8'] } },
    })
    const port = await listenOn(app)
    const sockets = [await open(port), await open(port), await open(port)]

    expect(await alive(port)).toBe(200)

    expect(sockets.map(({ destroyed }) => destroyed)).toEqual([false, false, false])
  })
})
