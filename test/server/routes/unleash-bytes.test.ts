// A poll that is answered from its bytes has, to the byte, the answer that it has by way of Node's parser; and bytes that are no simple
// poll have the parser's answer. An empty line before a request is allowed, changes nothing, and sends it to the parser.
import { randomBytes } from 'node:crypto'
import { describe, expect, it, vi } from 'vitest'
import { listenOn, open, request, talk } from '../http.js'
import { startApp } from '../support.js'

const by = { author: 'test', source: 'code' }
const rounds = Number(process.env['POLL_BYTES_ROUNDS'] ?? 400)
const waiting = { timeout: 30_000, interval: 5 }
const last = request('/-/liveness', { last: true })

async function withProject() {
  const many = 1_000_000
  const server = { pollsPerMinute: many, requestsPerMinute: many, wrongInstanceIdsPerMinute: many }
  const app = await startApp({ feature: { server } })
  const projects = await app.instance.projects()
  const { id } = await projects.createProject({ path: 'group/shop', name: 'shop' }, by)
  const strategies = [{ name: 'default', parameters: {}, scopes: [{ environmentScope: '*' }] }]
  for (let flag = 0; flag < 10; flag++) {
    await projects.createFlag(id, { name: `flag_${flag}`, description: 'x'.repeat(250), strategies }, by)
  }
  const [first] = await projects.instanceIds(id)
  const secret = first?.secret ?? ''
  const path = `/api/v4/feature_flags/unleash/${id}/client/features`
  const port = await listenOn(app.app)
  /** The targets of requests that Node has parsed, but for the last one of each connection. */
  const parsed: (string | undefined)[] = []
  app.app.server.on('request', ({ url }) => {
    if (url !== '/-/liveness') parsed.push(url)
  })
  const headers = `unleash-appname: production\r\nunleash-instanceid: ${secret}\r\n`
  const poll = (more = '') => request(path, { headers: `${headers}${more}` })
  const [known] = await talk(port, poll() + last)
  const tag = /^etag: (.*)$/im.exec(known?.headers ?? '')?.[1] ?? ''
  parsed.length = 0
  return { ...app, port, path, headers, poll, tag, parsed }
}

/**
 * All that comes after these pieces, each of which is written when the one before has had its time, and a last request. `whole`: not before
 * something has come of the piece before, so that the server cannot have read both at once.
 */
async function answered(port: number, pieces: readonly string[], whole = false): Promise<string> {
  const socket = await open(port)
  const chunks: Buffer[] = []
  socket.on('data', (chunk: Buffer) => chunks.push(chunk))
  const closed = new Promise<void>((resolve) => socket.once('close', () => resolve()))
  for (const piece of [...pieces, last]) {
    if (!socket.writable) break
    socket.write(piece, 'latin1')
    if (whole) await vi.waitFor(() => expect(chunks.length).toBeGreaterThan(0), waiting)
    else await new Promise((resolve) => setTimeout(resolve, 1))
  }
  await closed
  return Buffer.concat(chunks).toString('latin1')
}

/** Without what is new in each answer. */
function steady(text: string): string {
  return text.replaceAll(/^(date|ratelimit-remaining|ratelimit-reset|x-request-id): .*$/gim, '$1')
}

const changes: readonly ((text: string) => string)[] = [
  (text) => text.replace('GET', 'HEAD'),
  (text) => text.replace('GET', 'get'),
  (text) => text.replace('HTTP/1.1', 'HTTP/1.0'),
  (text) => text.replace('HTTP/1.1', 'HTTP/2.0'),
  (text) => text.replace('client', 'Client'),
  (text) => text.replace(' HTTP', '?a=b HTTP'),
  (text) => text.replace('\r\n', '\n'),
  (text) => text.replaceAll('\r\n', '\n'),
  (text) => text.replace(/host: .*\r\n/, ''),
  (text) => text.replace('\r\n\r\n', '\r\nhost: other\r\n\r\n'),
  (text) => text.replace('\r\n\r\n', '\r\ncontent-length: 0\r\n\r\n'),
  (text) => text.replace('\r\n\r\n', '\r\ncontent-length: 3\r\n\r\nabc'),
  (text) => text.replace('\r\n\r\n', '\r\ncontent-length: x\r\n\r\n'),
  (text) => text.replace('\r\n\r\n', '\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n'),
  (text) => text.replace('\r\n\r\n', '\r\ncontent-length: 5\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n'),
  (text) => text.replace('\r\n\r\n', '\r\nconnection: keep-alive\r\n\r\n'),
  (text) => text.replace('\r\n\r\n', '\r\nconnection: close\r\n\r\n'),
  (text) => text.replace('\r\n\r\n', '\r\nconnection: upgrade\r\nupgrade: x\r\n\r\n'),
  (text) => text.replace('\r\n\r\n', '\r\nexpect: x\r\n\r\n'),
  (text) => text.replace('\r\n\r\n', '\r\n folded\r\n\r\n'),
  (text) => text.replace('unleash-instanceid: ', 'unleash-instanceid : '),
  (text) => text.replace('unleash-instanceid: ', 'unleash-instanceid:\t '),
  (text) => text.replace('unleash-instanceid: ', 'unleash-instanceid: \xe9'),
  (text) => text.replace('unleash-instanceid: ', 'unleash-instanceid: x, '),
  (text) => text.replace('\r\n\r\n', '\r\nunleash-instanceid: other\r\n\r\n'),
  (text) => text.replace('\r\n\r\n', '\r\nUNLEASH-APPNAME: staging\r\n\r\n'),
  (text) => text.replace('\r\n\r\n', '\r\naccept-encoding: gzip\r\n\r\n'),
  (text) => text.replace('\r\n\r\n', '\r\nif-none-match: *\r\n\r\n'),
  (text) => text.replace('\r\n\r\n', '\r\nx-forwarded-for: 10.0.0.1\r\n\r\n'),
  (text) => text + text,
  (text) => text.repeat(5),
  (text) => `${text}nonsense`,
]

/** One byte replaced, removed, doubled or added. */
function withOtherByte(text: string): string {
  const at = randomBytes(2).readUInt16LE() % text.length
  const [kind = 0, byte = 0] = randomBytes(2)
  const strange = '\0\t\n\r :;,"()\x7f\x80\xff/%Aa1'
  const other = strange[byte % strange.length] ?? ''
  const kept = text[at] ?? ''
  const into = [other, '', kept + kept, kept + other][kind % 4] ?? ''
  return text.slice(0, at) + into + text.slice(at + 1)
}

describe('a poll that is answered from its bytes', { timeout: 120_000 + 100 * rounds }, () => {
  it('has the same bytes as one that Node parses', async () => {
    const { port, poll, tag, parsed, path } = await withProject()
    for (const more of ['', `if-none-match: ${tag}\r\n`, 'accept-encoding: gzip\r\n', 'connection: keep-alive\r\n']) {
      const [quick, slow] = [await answered(port, [poll(more)], true), await answered(port, [`\r\n${poll(more)}`])]

      expect(steady(quick)).toBe(steady(slow))
      expect(quick).toMatch(/^HTTP\/1\.1 (200 OK|304 Not Modified)\r\n/)
      expect(parsed.splice(0)).toEqual([path])
    }
  })

  it('and has been changed, has the answer of the parser', async () => {
    const { port, poll, tag } = await withProject()
    const plain = [poll(), poll(`if-none-match: ${tag}\r\n`)]
    const texts = plain.flatMap((text) => changes.map((change) => change(text)))
    while (texts.length < rounds) texts.push(withOtherByte(plain[texts.length % 2] ?? ''))
    for (let at = 0; at < texts.length; at += 20) {
      const some = texts.slice(at, at + 20)
      const [quick, slow] = await Promise.all([
        Promise.all(some.map((text) => answered(port, [text]))),
        Promise.all(some.map((text) => answered(port, [`\r\n${text}`]))),
      ])
      for (const [index, text] of some.entries()) {
        expect(steady(quick[index] ?? ''), JSON.stringify(text)).toBe(steady(slow[index] ?? ''))
      }
    }
  })

  it('and comes in two pieces, has the same answer', async () => {
    const { port, poll } = await withProject()
    const text = poll()
    const whole = steady(await answered(port, [text]))
    const cuts = Array.from({ length: text.length - 1 }, (_, index) => index + 1)
    for (let at = 0; at < cuts.length; at += 20) {
      const got = await Promise.all(
        cuts.slice(at, at + 20).map((cut) => answered(port, [text.slice(0, cut), text.slice(cut)])),
      )
      for (const one of got) expect(steady(one)).toBe(whole)
    }
  })

  it('is counted in the metrics, and for its address', async () => {
    const { app, port, poll, parsed } = await withProject()
    const texts = [await answered(port, [poll()], true), await answered(port, [poll()], true)]

    const left = texts.map((text) => Number(/^ratelimit-remaining: (\d+)/im.exec(text)?.[1]))
    expect((left[0] ?? 0) - (left[1] ?? 0)).toBe(1)
    // One more, by way of the parser, in the set-up.
    const { payload } = await app.inject({ url: '/-/metrics' })
    expect(payload).toContain('\nsluice_sdk_polls_total{status="200"} 3\n')
    expect(parsed).toEqual([])
  })

  it('ends with the server, which closes its connection', async () => {
    const { app, port, poll } = await withProject()
    const socket = await open(port)
    const closed = new Promise<void>((resolve) => socket.once('close', () => resolve()))
    let came = 0
    socket.on('data', (chunk: Buffer) => {
      came += chunk.length
    })
    socket.write(poll())
    await vi.waitFor(() => expect(came).toBeGreaterThan(2_000), waiting)

    await app.close()
    await closed
  })
})
