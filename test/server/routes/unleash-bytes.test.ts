// A poll or a report that is answered from its bytes has, to the byte, the answer that it has by way of Node's parser; and bytes that are
// neither have the parser's answer, wherever they are cut. An empty line before a request is allowed, changes nothing, and sends it to the
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
const patientlyMs = 1_000
/** Where an answer is certain to come. */
const untilMs = 20_000
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
  const limits = {
    pollsPerMinute: many,
    reportsPerMinute: many,
    requestsPerMinute: many,
    wrongInstanceIdsPerMinute: many,
  }
  const server = { ...limits, trustedProxies: [] }
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
  const reports = `/api/v4/feature_flags/unleash/${id}/client/`
  const report = (body: string, more = '', kind = 'metrics') => {
    const lines = `${headers}content-type: application/json\r\ncontent-length: ${Buffer.byteLength(body, 'latin1')}\r\n${more}`
    return request(`${reports}${kind}`, { method: 'POST', headers: lines }) + body
  }
  return {
    app,
    id,
    secret,
    port,
    path,
    poll,
    report,
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
async function answered(pieces: readonly string[], longestMs = whileMs): Promise<string> {
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
      const timer = setTimeout(resolve, longestMs)
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
      if (steady(quick[index] ?? '') === steady(slow[index] ?? '')) continue
      // A busy machine may have let the server read two pieces at once: with more patience it does not.
      const [first = '', ...rest] = pieces
      const patient = [await answered(pieces, patientlyMs), await answered([`\r\n${first}`, ...rest], patientlyMs)]
      expect(steady(patient[0] ?? ''), JSON.stringify(pieces)).toBe(steady(patient[1] ?? ''))
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

const counts = '{"appName":"production","bucket":{"toggles":{"flag_0":{"yes":2,"no":1}}}}'

const changesOfReports: readonly ((text: string) => string)[] = [
  ...changes,
  inside('POST', 'PUT'),
  inside('POST', 'GET'),
  inside('POST', 'post'),
  inside('/client/metrics', '/client/register'),
  inside('/client/metrics', '/client/metrics/'),
  inside('/client/metrics', '/metrics'),
  inside('/client/metrics', '/client/metrics?a=b'),
  inside('content-length: ', 'content-length: 0'),
  inside('content-length: ', 'content-length: +'),
  inside('content-length: ', 'content-length: -'),
  inside('content-length: ', 'content-length: \t '),
  inside('content-length: ', 'CONTENT-LENGTH:'),
  inside('content-length: ', 'x: '),
  (text) => text.replace(/content-length: (\d+)/, 'content-length: $1, $1'),
  (text) => text.replace(/content-length: (\d+)/, 'content-length: $1\r\ncontent-length: $1'),
  (text) => text.replace(/content-length: \d+/, 'content-length: 0x40'),
  (text) => text.replace(/content-length: \d+/, 'content-length: 5'),
  (text) => text.replace(/content-length: \d+/, 'content-length: 99999999999999999999'),
  inside('content-type: application/json', 'content-type: text/html; charset=utf-7'),
  inside('content-type: application/json\r\n', ''),
  withLine('content-encoding: gzip'),
  withLine('content-encoding: identity'),
  inside('"production"', '"\xe9\xff\xc0"'),
  inside('{"appName"', '["appName"'),
  inside('{"appName"', '{"__proto__":{"a":1},"appName"'),
]

const strange = '\0\t\n\r :;,"()\x7f\x80\xff/%Aa1'

/** One byte replaced, removed, doubled or added. */
function withOtherByte(text: string, random: Random): string {
  const at = random.below(text.length)
  const kept = text[at] ?? ''
  const other = random.pick([...strange])
  return text.slice(0, at) + random.pick([other, '', kept + kept, kept + other]) + text.slice(at + 1)
}

/**
 * Whether another request may follow this report. The rest of a body that is longer than what is there would be waited for until the
 * server gives up; after one that is shorter Node keeps the connection as long; and on a connection that ends with the request, it
 * answers the one that follows, perhaps before it.
 */
function mayBeFollowed(text: string): boolean {
  const length = Number(/^content-length: *(\d+)/im.exec(text)?.[1] ?? 0)
  const isWhole = length === text.length - text.indexOf('\r\n\r\n') - 4 || length > Number.MAX_SAFE_INTEGER
  return isWhole && text.includes(' HTTP/1.1') && !/^connection: (close|upgrade)/im.test(text)
}

/**
 * Those after which the connection goes on. Where the parser refuses one it closes the connection, and whether what was asked before has its
 * answer by then is a matter of time.
 */
async function goingOn(texts: readonly string[]): Promise<readonly string[]> {
  const answers = await Promise.all(texts.filter(mayBeFollowed).map(async (text) => [text, await answered([text])]))
  return answers.flatMap(([text = '', answer = '']) =>
    (answer.match(/^HTTP\/1\.1 /gm) ?? []).length === 2 ? [text] : [],
  )
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
      const quick = await answered([poll(more)], untilMs)
      const slow = await answered([`\r\n${poll(more)}`], untilMs)

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

  it('a report has the same bytes, and is counted as one that Node parses', async () => {
    const { app, report, parsed } = project
    const taken = async () => {
      const { payload } = await app.inject({ url: '/-/metrics' })
      return Number(/^sluice_sdk_reports_total\{.*"taken".*\} (\d+)$/m.exec(payload)?.[1])
    }
    const before = await taken()
    parsed.length = 0
    for (const text of [report(counts), report('{}', '', 'register'), report('{'), report(''), report('7')]) {
      const quick = await answered([text], untilMs)
      const wasParsed = parsed.splice(0).length
      const slow = await answered([`\r\n${text}`], untilMs)

      expect(steady(quick)).toBe(steady(slow))
      expect(quick).toMatch(/^HTTP\/1\.1 202 Accepted\r\n/)
      expect([wasParsed, parsed.splice(0).length]).toEqual([0, 1])
    }
    // They are made anew once a second.
    await vi.waitFor(async () => expect((await taken()) - before).toBe(6), waiting)
  })

  it('a report that has been changed has the answer of the parser', async () => {
    const random = seededRandom()
    const { report } = project
    const plain = [report(counts), report('{"sdkVersion":"x"}', '', 'register')]
    const texts = changesOfReports.map((change) => change(report(counts)))
    for (let round = 0; round < rounds; round++) texts.push(withOtherByte(random.pick(plain), random))
    await compare(texts.filter(mayBeFollowed).map((text) => [text]))
  })

  it('and comes among other requests, cut anywhere, has its answer in its turn', async () => {
    const random = seededRandom()
    const { poll, report } = project
    const plain = [poll(), report(counts), poll(`if-none-match: ${await tagOfNow()}\r\n`)]
    const others = [request('/-/liveness'), report('{', 'content-encoding: br\r\n'), request('/nothing')]
    const changed = await goingOn(Array.from({ length: rounds }, () => withOtherByte(random.pick(plain), random)))
    const all = Array.from({ length: rounds }, () => {
      const requests = Array.from({ length: 1 + random.below(5) }, () => {
        const kind = random.below(10)
        if (kind < 7) return random.pick(plain)
        return random.pick(kind < 9 ? others : [...changed, ...others])
      })
      // Some come whole, one by one, and begin before the parser.
      return random.below(2) === 0 ? requests : cut(requests.join(''), random)
    })

    const { quick, slow } = await compare(all)

    expect(quick).toBeLessThan(slow)
  })

  it('and comes in two pieces, has the same answer', async () => {
    const random = seededRandom()
    const { poll, report } = project
    const text = random.pick([poll(), report(counts)])
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
    const texts = [await answered([poll()], untilMs), await answered([poll()], untilMs)]

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
