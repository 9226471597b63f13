// The one file that opens ports and starts a process: what only a real connection and a real signal can show.
import { once } from 'node:events'
import { rmSync } from 'node:fs'
import { connect } from 'node:net'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { choosePort, listen, takenNote } from '../../lib/server/port.js'
import { type Served, startServed } from '../support/served.js'
import { makeProjectFolder, startApp } from './support.js'

/** Sends these bytes and gives back all that is answered. */
async function sendRaw(url: string, bytes: string): Promise<string> {
  const socket = connect(Number(new URL(url).port), '127.0.0.1')
  socket.setEncoding('utf8')
  let answer = ''
  socket.on('data', (text: string) => {
    answer += text
  })
  // The server may close while we still write: that is an error here, and the answer has come all the same.
  socket.on('error', () => {})
  const closed = new Promise<void>((resolve) => socket.once('close', () => resolve()))
  socket.write(bytes)
  await closed
  return answer
}

describe('serve', () => {
  const root = makeProjectFolder()
  let servers: readonly Served[] = []

  beforeAll(async () => {
    servers = await Promise.all([startServed(root), startServed(root)])
  })

  afterAll(() => {
    for (const { process: child } of servers) child.kill('SIGKILL')
    rmSync(root, { recursive: true, force: true })
  })

  function server(index: number): Served {
    const found = servers[index]
    if (found === undefined) throw new Error('the server did not start')
    return found
  }

  it('prints where it listens, an admin token and the command for a console, and answers there', async () => {
    const { url, token, lines } = server(0)

    expect(url).toMatch(/^http:\/\/127\.0\.0\.1:\d+$/)
    expect(token).toMatch(/^slc-/)
    const command = lines.find((line) => line.startsWith('Console'))
    expect(command).toMatch(/: cd \S+ && FEATURE_ENV=test bin\/feature-flag --root \S+ console$/)
    const set = await fetch(`${url}/api/v4/features/my_flag`, {
      method: 'POST',
      headers: { 'private-token': token },
      body: new URLSearchParams({ value: 'true', user: '1' }),
    })
    expect(set.status).toBe(201)
    const list = await fetch(`${url}/api/v4/features`, { headers: { authorization: `Bearer ${token}` } })
    expect(await list.json()).toMatchObject([{ name: 'my_flag', state: 'conditional' }])
  })

  it('refuses what is no HTTP, or too much of it, and goes on', async () => {
    const { url, token } = server(0)
    const head = `host: localhost\r\nconnection: close\r\n`
    const get = (path: string, headers: string) => sendRaw(url, `GET ${path} HTTP/1.1\r\n${head}${headers}\r\n`)
    const bearer = `authorization: Bearer ${token}\r\n`

    expect(await sendRaw(url, 'nonsense\r\n\r\n')).toMatch(/^HTTP\/1\.1 400 .*"code":"invalid_request"/s)
    expect(await sendRaw(url, `BREW / HTTP/1.1\r\n${head}\r\n`)).toMatch(/^HTTP\/1\.1 400 /)
    expect(await get('/api/v4/features', `private-token: ${'x'.repeat(20_000)}\r\n`)).toMatch(
      /^HTTP\/1\.1 431 .*nosniff/s,
    )
    // The server closes while much of it is not read: the system may then drop the answer, too.
    expect(await get('/api/v4/features', `private-token: ${'x'.repeat(1_000_000)}\r\n`)).toMatch(
      /^(?:HTTP\/1\.1 431 .*nosniff.*)?$/s,
    )
    expect(await get('/api/v4/features', `${bearer}authorization: Bearer x\r\n`)).toMatch(/^HTTP\/1\.1 401 /)
    expect(await get('/api/v4/features', `${bearer}`)).toMatch(/^HTTP\/1\.1 200 /)
    expect(await get('/api/v4/features/../features', bearer)).toMatch(/^HTTP\/1\.1 404 /)
    const set = (path: string, length: number) =>
      sendRaw(
        url,
        `POST ${path} HTTP/1.1\r\n${head}${bearer}content-type: application/json\r\ncontent-length: ${length}\r\n\r\n{"value":true}`,
      )
    expect(await set('/api/v4/features/..', 14)).toMatch(/^HTTP\/1\.1 400 .*unknown_flag/s)
    expect(await set('/api/v4/features/my_flag', 2_000_000)).toMatch(/^HTTP\/1\.1 413 .*payload_too_large/s)
    expect(await sendRaw(url, `TRACE / HTTP/1.1\r\n${head}\r\n`)).toMatch(/^HTTP\/1\.1 404 /)
    expect((await fetch(`${url}/-/liveness`)).status).toBe(200)
  })

  it.each([
    ['SIGTERM', 0],
    ['SIGINT', 1],
  ] as const)('finishes and exits with 0 at %s', async (signal, index) => {
    const { url, process: child, token, stderr } = server(index)
    // A connection that is kept alive must not hold the process.
    await fetch(`${url}/api/v4/features`, { headers: { 'private-token': token } })

    child.kill(signal)
    child.kill(signal)
    const [code] = await once(child, 'exit')

    expect(code, stderr()).toBe(0)
    expect(stderr()).not.toContain(token)
  })
})

describe('the port', () => {
  it('is the one given, otherwise PORT, otherwise 4242 or the next that is free', () => {
    expect(choosePort(0, { PORT: '5' })).toEqual({ number: 0, orNext: false })
    expect(choosePort(undefined, { PORT: '5' })).toEqual({ number: 5, orNext: false })
    expect(choosePort(undefined, { PORT: '' })).toEqual({ number: 4242, orNext: true })
    for (const text of ['-1', '65536', '1e3', '80 ', '0x50']) {
      expect(() => choosePort(undefined, { PORT: text }), text).toThrow(`PORT is "${text}"`)
    }
    expect(() => choosePort(1.5, {})).toThrow('the port is "1.5"')
  })

  it('moves on to the next free one only where it may', async () => {
    const [first, second, third] = [await startApp(), await startApp(), await startApp()]
    const taken = await listen(first.app, '127.0.0.1', { number: 0, orNext: false })
    const number = Number(new URL(taken).port)

    const next = await listen(second.app, '127.0.0.1', { number, orNext: true })

    const { port } = new URL(next)
    expect(Number(port)).toBeGreaterThan(number)
    expect(takenNote({ number, orNext: true }, next)).toBe(`port ${number} is taken; serving on ${port}`)
    expect(takenNote({ number, orNext: true }, taken)).toBeNull()
    expect(takenNote({ number: 0, orNext: false }, taken)).toBeNull()
    await expect(listen(third.app, '127.0.0.1', { number, orNext: false })).rejects.toMatchObject({
      code: 'invalid_configuration',
    })
    await expect(listen(third.app, '192.0.2.1', { number: 0, orNext: false })).rejects.toThrow(
      'this machine has no such address',
    )
  })
})
