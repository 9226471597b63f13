// A poll that is answered from its bytes has, to the byte, the answer that it has by way of Node's parser; and bytes that are no simple
// poll have the parser's answer, wherever they are cut. An empty line before a request is allowed, changes nothing, and sends it to the
// parser: the same bytes are sent with one and without. `POLL_BYTES_ROUNDS=2000` tries more of them.
import { rmSync } from 'node:fs'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { createInstance } from '../../../lib/instance/create.js'
import { silentLogger } from '../../../lib/log.js'
import { buildApp } from '../../../lib/server/app.js'
import { type Random, seededRandom } from '../../support/random.js'
import { listenOn, open, request, talk } from '../http.js'
import { makeProjectFolder } from '../support.js'

const by = { author: 'test', source: 'code' }
const usualRounds = 50
const rounds = Number(process.env['POLL_BYTES_ROUNDS'] ?? usualRounds)
const atOnce = 20
const whileMs = 20
const waiting = { timeout: 30_000, interval: 2 }
const last = request('/-/liveness', { last: true })

let project: Awaited<ReturnType<typeof withProject>>
beforeAll(async () => {
  project = await withProject()
})
afterAll(() => project.close())

async function withProject() {
  const many = 1_000_000
  const root = makeProjectFolder()
  const server = { pollsPerMinute: many, requestsPerMinute: many, wrongInstanceIdsPerMinute: many, trustedProxies: [] }
  const settings = { root, env: 'test', databaseUrl: 'memory', diskFile: false, logger: silentLogger, server } as const
  const instance = createInstance(settings, { author: 'code:test', source: 'http', watch: false })
  await instance.feature.start()
  const projects = await instance.projects()
  const { id } = await projects.createProject({ path: 'group/shop', name: 'shop' }, by)
  const strategies = [{ name: 'default', parameters: {}, scopes: [{ environmentScope: '*' }] }]
  for (let flag = 0; flag < 8; flag++) {
    await projects.createFlag(id, { name: `flag_${flag}`, description: 'x'.repeat(250), strategies }, by)
  }
  const [first] = await projects.instanceIds(id)
  const secret = first?.secret ?? ''
  const path = `/api/v4/feature_flags/unleash/${id}/client/features`
  const app = await buildApp({ instance, logger: silentLogger })
  const port = await listenOn(app)
  /** The targets of requests that Node has parsed, but for the last one of each connection. */
  const parsed: (string | undefined)[] = []
  app.server.on('request', ({ url }) => {
    if (url !== '/-/liveness') parsed.push(url)
  })
  const headers = `unleash-appname: production\r\nunleash-instanceid: ${secret}\r\n`
  const poll = (more = '') => request(path, { headers: `${headers}${more}` })
  return {
    app,
    id,
    secret,
    port,
    path,
    poll,
    parsed,
    async close() {
      await app.close()
      await instance.feature.stop()
      rmSync(root, { recursive: true, force: true })
    },
  }
}

async function tagOfNow(): Promise<string> {
  const [known] = await talk(project.port, project.poll() + last)
  return /^etag: (.*)$/im.exec(known?.headers ?? '')?.[1] ?? ''
}

/**
 * All that comes after these pieces and a last request. Each is written when something has come of the one before, so that the server
 * has not read both at once; or after a while, because nothing comes of a part.
 */
async function answered(pieces: readonly string[]): Promise<string> {
  const socket = await open(project.port)
  socket.setNoDelay(true)
  const chunks: Buffer[] = []
  let came = () => {}
  socket.on('data', (chunk: Buffer) => {
    chunks.push(chunk)
    came()
  })
  const closed = new Promise<void>((resolve) => socket.once('close', () => resolve()))
  void closed.then(() => came())
  for (const piece of [...pieces, last]) {
    if (!socket.writable) break
    socket.write(piece, 'latin1')
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, whileMs)
      came = () => {
        clearTimeout(timer)
        resolve()
      }
    })
  }
  await closed
  return Buffer.concat(chunks).toString('latin1')
}

/** Without what is new in each answer. */
function steady(text: string): string {
  return text.replaceAll(/^(date|ratelimit-remaining|ratelimit-reset|x-request-id): .*$/gim, '$1')
}

/** Fails for pieces that are answered in another way than by the parser. Gives how many requests Node has parsed, both times. */
async function compare(all: readonly (readonly string[])[]): Promise<{ quick: number; slow: number }> {
  const counts = { quick: 0, slow: 0 }
  project.parsed.length = 0
  for (let at = 0; at < all.length; at += atOnce) {
    const some = all.slice(at, at + atOnce)
    const quick = await Promise.all(some.map((pieces) => answered(pieces)))
    counts.quick += project.parsed.splice(0).length
    const slow = await Promise.all(some.map(([first = '', ...rest]) => answered([`\r\n${first}`, ...rest])))
    counts.slow += project.parsed.splice(0).length
    for (const [index, pieces] of some.entries()) {
      expect(steady(quick[index] ?? ''), JSON.stringify(pieces)).toBe(steady(slow[index] ?? ''))
    }
  }
  return counts
}

const withLine = (line: string) => (text: string) => text.replace('\r\n\r\n', `\r\n${line}\r\n\r\n`)
const inside = (from: string, to: string) => (text: string) => text.replace(from, to)

const changes: readonly ((text: string) => string)[] = [
  inside('GET', 'HEAD'),
  inside('GET', 'get'),
  inside('GET', 'OPTIONS'),
  inside('GET ', 'GET  '),
  inside('HTTP/1.1', 'HTTP/1.0'),
  (text) => withLine('connection: keep-alive')(text.replace('HTTP/1.1', 'HTTP/1.0')),
  inside('HTTP/1.1', 'HTTP/2.0'),
  inside('client', 'Client'),
  inside('client', '%63lient'),
  inside('/client', '//client'),
  inside('/features', '/features/'),
  inside('/client/features', '/client/delta'),
  inside('/client/features', '/..%2fclient/features'),
  inside(' HTTP', '?a=b HTTP'),
  (text) => text.replace(' HTTP', `?instance_id=${project.secret} HTTP`).replace('instanceid: ', 'instanceid: no'),
  (text) => text.replace(`/${project.id}/`, '/group%2Fshop/'),
  (text) => text.replace(`/${project.id}/`, '/group%2fSHOP/'),
  inside('GET /', 'GET http://other/'),
  inside('\r\n', '\n'),
  (text) => text.replaceAll('\r\n', '\n'),
  (text) => text.replace(/host: .*\r\n/, ''),
  inside('host: localhost', 'host:'),
  inside('host: localhost', 'host: a b/"<>@'),
  inside('host: localhost', 'HOST:other.example:99999'),
  withLine('host: other'),
  withLine('content-length: 0'),
  (text) => `${withLine('content-length: 3')(text)}abc`,
  withLine('content-length: x'),
  withLine('Content-Length : 3'),
  withLine('content-length:'),
  (text) => `${withLine('transfer-encoding: chunked')(text)}0\r\n\r\n`,
  (text) => `${withLine('content-length: 5\r\ntransfer-encoding: chunked')(text)}0\r\n\r\n`,
  (text) => `${withLine('Transfer-Encoding: xchunked')(text)}0\r\n\r\n`,
  withLine('connection: keep-alive'),
  withLine('CONNECTION:KEEP-ALIVE'),
  withLine('connection: keep-alive\r\nconnection: close'),
  withLine('connection: keep-alive, unleash-instanceid'),
  withLine('connection: close'),
  withLine('connection: upgrade\r\nupgrade: x'),
  withLine('connection: upgrade, http2-settings\r\nupgrade: h2c\r\nhttp2-settings: AAMAAABkAAQAoAAAAAIAAAAA'),
  withLine('expect: x'),
  withLine('expect: 100-continue'),
  withLine('keep-alive: timeout=1, max=1'),
  withLine(' folded'),
  withLine('\tfolded'),
  withLine('a line without a colon'),
  withLine(': no name'),
  withLine('x.y: unusual'),
  withLine('__proto__: x'),
  inside('unleash-instanceid: ', 'unleash-instanceid : '),
  inside('unleash-instanceid: ', 'unleash-instanceid:\t '),
  inside('unleash-instanceid: ', 'Unleash-InstanceID:    '),
  inside('unleash-instanceid: ', 'unleash-instanceid: \xe9'),
  inside('unleash-instanceid: ', 'unleash-instanceid: x, '),
  inside('unleash-instanceid: ', 'authorization: Bearer '),
  inside('unleash-instanceid: ', 'authorization: '),
  inside('unleash-instanceid: ', 'instance_id: '),
  inside('unleash-instanceid: ', 'instance-id: '),
  withLine('authorization: none'),
  (text) => text.replace('unleash-instanceid: ', 'unleash-instanceid: wrong\r\nauthorization: '),
  withLine('unleash-instanceid: other'),
  withLine('UNLEASH-APPNAME: staging'),
  inside('unleash-appname: production', 'app_name: production'),
  inside('unleash-appname: production\r\n', ''),
  withLine('accept-encoding: gzip'),
  withLine('accept-encoding: gzip;q=0, *'),
  withLine('accept-encoding: identity;q=0'),
  withLine('if-none-match: *'),
  withLine(`if-none-match: ${'"x", '.repeat(1_600)}"y"`),
  (text) => withLine(text.includes('if-none-match') ? 'x: y' : 'if-none-match: "a"')(text),
  (text) => text.replace('if-none-match: "', 'if-none-match: W/"'),
  (text) => text.replace('if-none-match: "', 'if-none-match: "a", W/"b",,"'),
  (text) => text.replace(/(if-none-match: ".*)"\r/, '$1-gzip"\r'),
  (text) => text.replace(/(if-none-match: ".*)"\r/, '$1-p"\r'),
  withLine('unleash-sdk: unleash-node-sdk:6.12.1'),
  withLine('x-forwarded-for: 10.0.0.1'),
  withLine('x-forwarded-for: 10.0.0.1\r\nx-forwarded-for: 10.0.0.2'),
  withLine('x-http-method-override: DELETE'),
  (text) => withLine(`x: ${'y'.repeat(4_096 - text.length - 5)}`)(text),
  (text) => withLine(`x: ${'y'.repeat(4_096 - text.length - 4)}`)(text),
  withLine(`x: ${'y'.repeat(17_000)}`),
  (text) => text + text,
  (text) => text.repeat(5),
  (text) => `${text}\r\n${text}`,
  (text) => `${text}nonsense`,
  (text) => `${text}\0`,
]

const strange = '\0\t\n\r :;,"()\x7f\x80\xff/%Aa1'

/** One byte replaced, removed, doubled or added. */
function withOtherByte(text: string, random: Random): string {
  const at = random.below(text.length)
  const kept = text[at] ?? ''
  const other = random.pick([...strange])
  return text.slice(0, at) + random.pick([other, '', kept + kept, kept + other]) + text.slice(at + 1)
}

/** Cut at a few random places. */
function cut(text: string, random: Random): readonly string[] {
  const places = Array.from({ length: random.below(5) }, () => random.below(text.length)).toSorted((a, b) => a - b)
  return [0, ...places].map((from, index) => text.slice(from, places[index])).filter((piece) => piece !== '')
}

describe('a poll that is answered from its bytes', { timeout: 60_000 + 500 * rounds }, () => {
  it('has the same bytes as one that Node parses', async () => {
    const { poll, parsed, path } = project
    const tag = await tagOfNow()
    parsed.length = 0
    for (const more of ['', `if-none-match: ${tag}\r\n`, 'accept-encoding: gzip\r\n', 'connection: keep-alive\r\n']) {
      const [quick, slow] = [await answered([poll(more)]), await answered([`\r\n${poll(more)}`])]

      expect(steady(quick)).toBe(steady(slow))
      expect(quick).toMatch(/^HTTP\/1\.1 (200 OK|304 Not Modified)\r\n/)
      expect(parsed.splice(0)).toEqual([path])
    }
  })

  it('and has been changed, has the answer of the parser', async () => {
    const random = seededRandom()
    const plain = [project.poll(), project.poll(`if-none-match: ${await tagOfNow()}\r\n`)]
    const texts: string[] = []
    for (let round = 0; round < rounds; round += usualRounds) {
      texts.push(...changes.map((change) => change(random.pick(plain))))
    }
    for (let round = 0; round < rounds; round++) texts.push(withOtherByte(random.pick(plain), random))
    await compare(texts.map((text) => [text]))
  })

  it('and comes among other requests, cut anywhere, has its answer in its turn', async () => {
    const random = seededRandom()
    const { poll } = project
    const plain = [poll(), poll(), poll(`if-none-match: ${await tagOfNow()}\r\n`)]
    const body = '{"toggles":{}}'
    const report = request(`/api/v4/feature_flags/unleash/${project.id}/client/metrics`, {
      method: 'POST',
      headers: `unleash-instanceid: ${project.secret}\r\ncontent-type: application/json\r\ncontent-length: ${body.length}\r\n`,
    })
    const others = [request('/-/liveness'), report + body, request('/nothing')]
    const all = Array.from({ length: rounds }, () => {
      const requests = Array.from({ length: 1 + random.below(5) }, () => {
        const kind = random.below(10)
        if (kind < 7) return random.pick(plain)
        return kind < 9 ? random.pick(others) : withOtherByte(random.pick(plain), random)
      })
      // Some come whole, one by one, and begin before the parser.
      return random.below(2) === 0 ? requests : cut(requests.join(''), random)
    })

    const { quick, slow } = await compare(all)

    expect(quick).toBeLessThan(slow)
  })

  it('and comes in two pieces, has the same answer', async () => {
    const { poll } = project
    const text = poll()
    const whole = steady(await answered([text]))
    const step = Math.max(1, Math.floor((5 * usualRounds) / rounds))
    const cuts = Array.from({ length: Math.floor((text.length - 1) / step) }, (_, index) => index * step + 1)
    for (let at = 0; at < cuts.length; at += atOnce) {
      const some = cuts.slice(at, at + atOnce)
      const got = await Promise.all(some.map((place) => answered([text.slice(0, place), text.slice(place)])))
      for (const one of got) expect(steady(one)).toBe(whole)
    }
  })

  it('is counted in the metrics, and for its address', async () => {
    const { app, poll, parsed } = project
    const polls = async () => {
      const { payload } = await app.inject({ url: '/-/metrics' })
      return Number(/^sluice_sdk_polls_total\{status="200"\} (\d+)$/m.exec(payload)?.[1])
    }
    const before = await polls()
    parsed.length = 0
    const texts = [await answered([poll()]), await answered([poll()])]

    const left = texts.map((text) => Number(/^ratelimit-remaining: (\d+)/im.exec(text)?.[1]))
    expect((left[0] ?? 0) - (left[1] ?? 0)).toBe(1)
    // They are made anew once a second.
    await vi.waitFor(async () => expect((await polls()) - before).toBe(2), waiting)
    expect(parsed).toEqual([])
  })

  // The last one: it closes the app of all.
  it('ends with the server, which closes its connection', async () => {
    const { app, port, poll } = project
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
