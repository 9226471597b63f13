// Whatever is sent to the addresses of SDKs, as bytes over a real port: a status below 500 soon, no secret in answers and logs, and the
// SDKs of others go on.
import { connect } from 'node:net'
import { expect, it } from 'vitest'
import { canaryAnswers, canaryIsRight, startApp } from '../support.js'

const by = { author: 'test', source: 'code' }
const strategies = [{ name: 'default', parameters: {}, scopes: [{ environmentScope: '*' }] }]

async function withProjects() {
  const test = await startApp({ feature: { server: { wrongInstanceIdsPerMinute: 1_000 } } })
  const projects = await test.instance.projects()
  const made = async (path: string) => {
    const { id } = await projects.createProject({ path, name: path }, by)
    await projects.createFlag(id, { name: 'seen', strategies }, by)
    const [first] = await projects.instanceIds(id)
    return { id, secret: first?.secret ?? '' }
  }
  const [shop, other] = [await made('group/shop'), await made('group/other')]
  const port = Number(new URL(await test.app.listen({ port: 0, host: '127.0.0.1' })).port)
  return { ...test, projects, shop, other, port }
}

interface Raw {
  readonly status: number
  readonly text: string
  readonly ms: number
}

/** Sends these bytes, and reads until the server closes; a stream is left after its first event. */
function send(port: number, bytes: string): Promise<Raw> {
  const startedMs = performance.now()
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1')
    let text = ''
    const end = () =>
      resolve({ status: Number(/^HTTP\/1\.1 (\d+)/.exec(text)?.[1] ?? 0), text, ms: performance.now() - startedMs })
    socket.setEncoding('utf8').on('data', (piece: string) => {
      text += piece
      if (text.includes('event: unleash-connected')) socket.destroy()
    })
    socket.on('error', () => {}) // The server may close while we still write.
    socket.on('close', end)
    socket.write(bytes)
  })
}

const root = '/api/v4/feature_flags/unleash'
const head = 'host: localhost\r\nconnection: close\r\n'
const get = (path: string, headers = '') => `GET ${path} HTTP/1.1\r\n${head}${headers}\r\n`

it('is answered with a status below 500, and leaves the SDKs of others and the flags of this process as they were', async () => {
  const test = await withProjects()
  const { shop, other, port } = test
  const good = `unleash-instanceid: ${shop.secret}\r\nunleash-appname: production\r\n`
  const at = `${root}/${shop.id}`
  const features = `${at}/client/features`
  /** What is sent, and the status. */
  const rows: readonly (readonly [string, string, number])[] = [
    ['a tag of 8 kB', get(features, `${good}if-none-match: "${'x'.repeat(8_000)}"\r\n`), 200],
    ['a tag without quotes and a list of nothing', get(features, `${good}if-none-match: ,,, ,\r\n`), 200],
    ...['*', 'W/"1"', '"1", "2"', '-1', '99999999999999999999', '"NaN"', '1e3', ''].map(
      (tag) => [`a delta since ${tag}`, get(`${at}/client/delta`, `${good}if-none-match: ${tag}\r\n`), 200] as const,
    ),
    ...['*', '-1', 'a', '99999999999999999999'].map(
      (id) => [`a stream since ${id}`, get(`${at}/client/streaming`, `${good}last-event-id: ${id}\r\n`), 200] as const,
    ),
    ['brackets in the query', get(`${features}?prefix[]=a&prefix[__proto__]=b&__proto__[polluted]=1`, good), 200],
    ['10,000 parameters', get(`${features}?${'a=1&'.repeat(3_500)}`, good), 200],
    ['a bad instance ID beside a good one', get(`${features}?instance_id=${shop.secret}&instance_id=b`), 200],
    ['an instance ID with brackets', get(`${features}?instance_id[]=${shop.secret}&instance_id[__proto__]=1`), 401],
    ['dots', get(`${root}/../unleash/${shop.id}/client/features`, good), 404],
    ['encoded dots', get(`${root}/%2e%2e/client/features`, good), 401],
    ['doubled slashes', get(`//api//v4/feature_flags//unleash/${shop.id}//client/features//`, good), 200],
    ['an encoded slash too many', get(`${root}/group%2Fshop%2F/client/features`, good), 401],
    ['a slash that is not encoded', get(`${root}/group/shop/client/features`, good), 404],
    ['NUL', get(`${root}/%00/client/features`, good), 401],
    ['no UTF-8', get(`${root}/%ff%fe/client/features`, good), 400],
    ['half an escape', get(`${root}/%/client/features`, good), 400],
    ['a project of all objects', get(`${root}/__proto__/client/features`, good), 401],
    ['a project beyond all numbers', get(`${root}/99999999999999999999/client/features`, good), 401],
    ['a number with a sign', get(`${root}/-${shop.id}/client/features`, good), 401],
    ['an address of 12,000 letters', get(`${root}/${'a'.repeat(12_000)}/client/features`, good), 401],
    ['what no SDK asks', get(`${at}/client/segments`, good), 404],
    ...['PUT', 'DELETE', 'PATCH', 'OPTIONS', 'TRACE'].map(
      (method) => [method, `${method} ${features} HTTP/1.1\r\n${head}${good}\r\n`, 404] as const,
    ),
    ['a method that is none', `BREW ${features} HTTP/1.1\r\n${head}${good}\r\n`, 400],
    ['no instance ID', get(features), 401],
    ['an empty one', get(features, 'unleash-instanceid: \r\n'), 401],
    ['Bearer alone', get(features, 'authorization: Bearer\r\n'), 401],
    ['Bearer and blanks', get(features, 'authorization: Bearer    \r\n'), 401],
    ['two of a header', get(features, `unleash-instanceid: a\r\nunleash-instanceid: b\r\n`), 401],
    ['one of 20,000 letters', get(features, `unleash-instanceid: ${'x'.repeat(20_000)}\r\n`), 431],
    ['one of 10,000 letters', get(features, `unleash-instanceid: ${'x'.repeat(10_000)}\r\n`), 401],
    ['the right beginning', get(features, `unleash-instanceid: ${shop.secret.slice(0, -1)}\r\n`), 401],
    ['the right one in capitals', get(features, `unleash-instanceid: ${shop.secret.toUpperCase()}\r\n`), 401],
    ['the one of another project', get(features, `unleash-instanceid: ${other.secret}\r\n`), 401],
    ['one as PRIVATE-TOKEN', get(features, `private-token: ${shop.secret}\r\n`), 401],
    ['a token of the HTTP API', get(features, `authorization: Bearer ${test.admin}\r\n`), 401],
    ['a token of the HTTP API for a stream', get(`${at}/client/streaming`, `authorization: ${test.admin}\r\n`), 401],
    ['bytes above 127', get(features, `unleash-instanceid: ${shop.secret}\u00e4\r\n`), 401],
    ['a good one beside bad ones', get(features, `${good}authorization: none\r\ninstance_id: x\r\n`), 200],
  ]
  await test.projects.changeSettings(shop.id, { streaming: true }, by)
  for (const [what, bytes, status] of rows) {
    const answer = await send(port, bytes)
    expect([what, answer.status, answer.text.slice(0, 300)]).toEqual([what, status, expect.any(String)])
    expect(answer.ms, what).toBeLessThan(10_000)
    if (status >= 400) for (const { secret } of [shop, other]) expect(answer.text, what).not.toContain(secret.slice(7))
    expect(answer.text.toLowerCase(), what).not.toContain('access-control')
  }
  // The server closes while much of it is not read: the system may then drop the answer, too.
  const huge = await send(port, get(features, `unleash-instanceid: ${'x'.repeat(1_000_000)}\r\n`))
  expect([0, 431]).toContain(huge.status)
  const left = await send(
    port,
    get(`${root}/${other.id}/client/features`, `unleash-instanceid: ${other.secret}\r\napp_name: x\r\n`),
  )
  expect([left.status, left.text]).toEqual([200, expect.stringContaining('"name":"seen"')])
  expect(canaryAnswers(test)).toEqual(canaryIsRight)
  for (const { secret } of [shop, other]) expect(JSON.stringify(test.log)).not.toContain(secret.slice(7))
})

it('an instance ID that is retired between two polls of one connection is refused at the second', async () => {
  const { shop, port, projects } = await withProjects()
  const { id, secret } = await projects.addInstanceId(shop.id, { name: 'second', environment: null }, by)
  const poll = `GET ${root}/${shop.id}/client/features HTTP/1.1\r\nhost: localhost\r\nunleash-instanceid: ${secret}\r\n\r\n`
  const socket = connect(port, '127.0.0.1')
  const statuses: string[] = []
  socket.setEncoding('utf8').on('data', (text: string) => {
    for (const [, status] of text.matchAll(/HTTP\/1\.1 (\d+)/g)) statuses.push(status ?? '')
  })
  socket.write(poll)
  await expect.poll(() => statuses).toEqual(['200'])
  await projects.retireInstanceId(shop.id, id, by, true)
  socket.write(poll)
  await expect.poll(() => statuses).toEqual(['200', '401'])
  socket.destroy()
})
