// Hostile and malformed requests to the routes of changes, history, explanations and pages: each is refused with a code, and writes nothing.
import { createHash } from 'node:crypto'
import { rmSync } from 'node:fs'
import type { InjectOptions } from 'fastify'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { errorTable } from '../../../lib/error-table.js'
import { createInstance } from '../../../lib/instance/create.js'
import type { Instance } from '../../../lib/instance/instance.js'
import { buildApp } from '../../../lib/server/app.js'
import { createToken } from '../../../lib/tokens/tokens.js'
import { recordingLogger } from '../../support/recording-logger.js'
import { signIn } from '../../support/signed-in.js'
import { canaryAnswers, canaryIsRight, makeProjectFolder, readAnswer } from '../support.js'

const logger = recordingLogger()
const root = makeProjectFolder()
let instance: Instance
let app: Awaited<ReturnType<typeof buildApp>>
let admin = ''

beforeAll(async () => {
  instance = createInstance(
    { root, env: 'test', databaseUrl: 'memory', diskFile: false, logger },
    { author: 'code:test', source: 'http', watch: false },
  )
  await instance.feature.start()
  await instance.feature.enable('canary', { flipperId: 'Project:1' })
  admin = (await createToken(instance.tokens, { name: 'ci', scopes: ['admin'], expiresAt: null })).token
  const many = 1_000_000
  app = await buildApp({ instance, logger, rateLimits: { requests: many, writes: many, failures: many } })
})
afterAll(async () => {
  await app.close()
  await instance.feature.stop()
  rmSync(root, { recursive: true, force: true })
})
afterEach(async () => {
  expect(canaryAnswers(instance)).toEqual(canaryIsRight)
  expect(instance.feature.persistedNames()).toEqual(['canary'])
})

const enable = { operations: [{ op: 'enable' }] }
const someId = '2f5c5a52-6c0e-4d0f-9d3a-6b1f2f6a9d11'

interface Asked {
  readonly method: 'GET' | 'POST'
  readonly url: string
  readonly payload?: object
}

/** The routes that name a flag. */
const ofFlag = (name: string): readonly Asked[] => {
  const [api, web] = [`/api/v4/features/${name}`, `/api/web/flags/${name}`]
  return [
    { method: 'POST', url: `${api}/changes`, payload: enable },
    { method: 'POST', url: `${api}/changes`, payload: { ...enable, dry_run: true } },
    { method: 'POST', url: `${api}/restore`, payload: { change_id: someId } },
    { method: 'POST', url: `${api}/undo`, payload: { change_id: someId } },
    { method: 'POST', url: `${api}/explain`, payload: { actors: [] } },
    { method: 'GET', url: `${api}/history` },
    { method: 'GET', url: web },
    { method: 'GET', url: `${web}/actors` },
  ]
}

const others: readonly Asked[] = [
  { method: 'POST', url: '/api/web/changes', payload: { flags: [{ name: 'my_flag' }], operation: 'disable' } },
  { method: 'POST', url: '/api/web/explain', payload: { actors: [] } },
  { method: 'POST', url: '/api/web/actors/names', payload: { ids: ['User:1'] } },
  { method: 'GET', url: '/api/web/flags' },
  { method: 'GET', url: '/api/web/history' },
  { method: 'GET', url: '/api/web/processes' },
  { method: 'GET', url: '/api/web/events?topics=none' },
]
const routes = [...ofFlag('my_flag'), ...others]
const writing = routes.filter(({ method }) => method === 'POST')
const changing = writing.filter(({ url }) => /(?:changes|restore|undo)$/.test(url))

const as = (headers: InjectOptions['headers'], { method, url, payload }: Asked, more: InjectOptions = {}) =>
  readAnswer(app, {
    method,
    url,
    ...(payload === undefined ? {} : { payload }),
    ...more,
    headers: { ...headers, ...more.headers },
  })
const ask = (asked: Asked, more: InjectOptions = {}) => as({ 'private-token': admin }, asked, more)
const codeOf = (body: unknown): string => String(Reflect.get(Object(body), 'code'))

describe('a name that no flag has', () => {
  it.each([
    ['SQL', "'; drop table features;--"],
    ['a path', '../../etc/passwd'],
    ['an encoded path', '..%2f..%2fetc%2fpasswd'],
    ['a look-up', '$' + '{jndi:ldap://evil.example/a}'],
    ['a command', '$(reboot)'],
    ['markup', '<img src=x onerror=alert(1)>'],
    ['a line of a log', 'ok\n{"level":"info","message":"forged"}'],
    ['a name of every object', '__proto__'],
    ['text that runs backwards', 'a\u202eb'],
  ])('is refused by each route that takes one, and shown as text: %s', async (_, name) => {
    for (const asked of ofFlag(encodeURIComponent(name))) {
      const { status, body, headers } = await ask(asked)
      expect([asked.url, [400, 404].includes(status), codeOf(body) in errorTable]).toEqual([asked.url, true, true])
      expect(headers['content-type']).toMatch(/^application\/json/)
    }
    const joint = { flags: [{ name }], operation: 'delete' }
    const answer = await ask({ method: 'POST', url: '/api/web/changes', payload: { ...joint, dry_run: true } })
    expect([200, 400, 404]).toContain(answer.status)
    const paths = logger.lines.flatMap(({ fields }) => ('path' in fields ? [String(fields.path)] : []))
    expect(paths.filter((path) => /[\n\u202e<]/.test(path))).toEqual([])
  })

  it.each([
    ['with NUL', 'a%00b'],
    ['that is not UTF-8', 'a%FFb'],
    ['of half an escape', 'a%zz'],
    ['of 256 characters', 'x'.repeat(256)],
  ])('is refused where no flag can have it: %s', async (_, name) => {
    for (const asked of ofFlag(name)) {
      const { status, body } = await ask(asked)
      expect([asked.url, [400, 404].includes(status), codeOf(body) in errorTable]).toEqual([asked.url, true, true])
    }
  })
})

describe('the body of a change', () => {
  const share = (value: string) => `{"operations":[{"op":"percentage_of_actors","value":${value}}]}`
  const add = (ids: string) => `{"operations":[{"op":"add","list":"actors","ids":[${ids}]}]}`
  const deep = `${'['.repeat(100_000)}${']'.repeat(100_000)}`
  const json = 'application/json'
  const url = '/api/v4/features/my_flag/changes'

  it.each<[string, string | Buffer, number, string?]>([
    ...['-1', '101', '100.0001', '"25%"', '"0x10"', '1e309', '1e400', 'null', 'NaN', 'Infinity', '"50"'].map(
      (value) => [`a share of ${value}`, share(value), 400] as [string, string, number],
    ),
    ['an actor without a class', add('"7"'), 400],
    ['an actor that is a number', add('7'), 400],
    ['an actor that is nothing', add('null'), 400],
    ['an actor that is an object', add('{"flipperId":"User:1"}'), 400],
    ['an actor whose id is an opt-out', add('"User:1:opt_out"'), 400],
    ['an actor with NUL', add('"User:\\u0000"'), 400],
    ['an actor of a megabyte', add(`"User:${'x'.repeat(1_000_000)}"`), 400],
    ['an actor of 2,000 characters', add(`"User:${'x'.repeat(2_000)}"`), 400],
    ['10,001 actors', add(Array.from({ length: 10_001 }, (_, index) => `"User:${index}"`).join()), 400],
    ['51 operations', `{"operations":[${Array(51).fill('{"op":"enable"}').join()}]}`, 400],
    ['100,000 levels', deep, 400],
    ['100,000 levels in it', `{"operations":${deep}}`, 400],
    ['__proto__ as a key', `{"operations":[{"op":"enable"}],"__proto__":{"polluted":1}}`, 400],
    ['__proto__ as a key of an operation', `{"operations":[{"op":"enable","__proto__":{"polluted":1}}]}`, 400],
    ['UTF-16', Buffer.from(JSON.stringify(enable), 'utf16le'), 400],
    [
      'bytes that are no UTF-8',
      Buffer.concat([Buffer.from('{"reason":"'), Buffer.from([0xff]), Buffer.from('"}')]),
      400,
    ],
    ['half of an object', '{"operations":[', 400],
    ['nothing', '', 400],
    ['one byte over the limit', `{"reason":"${'x'.repeat(1_048_576 - 12)}"}`, 413],
    ['a form', 'operations=1', 400, 'application/x-www-form-urlencoded; charset=utf-8'],
    ['plain text', JSON.stringify(enable), 415, 'text/plain'],
    ['a multipart form', '--x--', 415, 'multipart/form-data; boundary=x'],
    ['a type that is none', JSON.stringify(enable), 415, ';;'],
  ])('is refused: %s', async (_, payload, status, type = json) => {
    for (const more of [{}, { 'if-match': '*' }]) {
      const answer = await ask({ method: 'POST', url }, { payload, headers: { 'content-type': type, ...more } })
      expect([answer.status, codeOf(answer.body) in errorTable]).toEqual([status, true])
    }
  })

  it('is refused compressed, by each route that reads one: a bomb is not unpacked', async () => {
    for (const { url: target } of writing) {
      for (const encoding of ['gzip', 'br', 'gzip, gzip', 'deflate']) {
        const headers = { 'private-token': admin, 'content-type': json, 'content-encoding': encoding }
        const answer = await readAnswer(app, {
          method: 'POST',
          url: target,
          headers,
          payload: Buffer.alloc(1_000, 0x1f),
        })
        expect([target, encoding, answer.status]).toEqual([target, encoding, 415])
      }
    }
  })

  it('may have ids with any of the characters that other ids are made of, which stay as they are, and the smallest share', async () => {
    const ids = ['User:1;2', 'User:1:2', 'Ci::Runner:3', 'Project:1', 'User:<img src=x onerror=alert(1)>', 'User:漢']
    const operations = [
      { op: 'add', list: 'actors', ids },
      { op: 'percentage_of_actors', value: 0.0001 },
    ]
    const answer = await ask({ method: 'POST', url, payload: { operations, dry_run: true } })
    expect(answer).toMatchObject({
      status: 200,
      headers: { 'content-type': expect.stringMatching(/^application.json/) },
    })
    const gates: readonly { readonly gate: string }[] = Reflect.get(Object(answer.body), 'gates')
    expect(gates.find(({ gate }) => gate === 'percentage_of_actors')).toMatchObject({ after: 0.0001 })
    expect(JSON.stringify(gates.find(({ gate }) => gate === 'actors'))).toContain(JSON.stringify(ids[4]).slice(1, -1))
  })

  it('may have spaces, a byte order mark, -0 and the same key twice, of which the last counts', async () => {
    const texts = [`\ufeff ${share('-0')}`, `{"operations":[],${share('0').slice(1)}`]
    const answers = await Promise.all(
      texts.map((text) =>
        ask(
          { method: 'POST', url },
          {
            payload: text.replace('}]}', '}],"dry_run":true}'),
            headers: { 'content-type': json },
          },
        ),
      ),
    )
    expect(answers.map(({ status }) => status)).toEqual([200, 200])
  })
})

describe('a condition', () => {
  const statusWith = async (tag: string) =>
    (await ask({ method: 'GET', url: '/api/web/flags' }, { headers: { 'if-none-match': tag } })).status

  it.each(['*', '"a", W/"b"', `"${'x'.repeat(8_000)}"`, 'half of a "tag', '""'])(
    'If-None-Match that names no list of flags that there was is answered with the list, or with nothing new: %s',
    async (tag) => {
      expect([200, 304]).toContain(await statusWith(tag))
    },
  )

  it('If-None-Match with the tag of the list, weak and among others too, is answered with nothing new', async () => {
    const own = String((await ask({ method: 'GET', url: '/api/web/flags' })).headers['etag'])
    for (const tag of [own, `W/${own}`, `"a", ${own}`]) expect([tag, await statusWith(tag)]).toEqual([tag, 304])
  })
})

describe('the address', () => {
  it('may have parameters that no route knows, ten thousand of them too', async () => {
    const many = Array.from({ length: 10_000 }, (_, index) => `p${index}=1`).join('&')
    for (const { url } of routes.filter(({ method }) => method === 'GET')) {
      for (const query of ['prefix[]=a&prefix[__proto__]=b', 'flag[__proto__][polluted]=1', many]) {
        const { status } = await ask({ method: 'GET', url: `${url}${url.includes('?') ? '&' : '?'}${query}` })
        expect([url, status < 500]).toEqual([url, true])
      }
    }
  })

  it.each([
    ['POST', '/api/v4/features/my_flag/../my_flag/nothing', 404],
    ['POST', '/api/v4/features/my_flag%2Fchanges', 400],
    ['POST', '/api/v4/features//changes', 400],
    ['GET', '/api/web/../v4/features/my_falg', 404],
    ['GET', '/api/v4/features/my_flag/changes', 404],
    ['DELETE', '/api/v4/features/my_flag/undo', 404],
    ['PUT', '/api/v4/features/my_flag/changes', 404],
    ['OPTIONS', '/api/v4/features/my_flag/changes', 404],
    ['TRACE', '/api/v4/features/my_flag/changes', 404],
    ['POST', '/api/web/history', 404],
    ['DELETE', '/api/web/events', 404],
  ] as const)('%s %s leads nowhere', async (method, url, status) => {
    const answer = await readAnswer(app, {
      method: method as 'GET',
      url,
      headers: { 'private-token': admin },
      ...(method === 'POST' ? { payload: enable } : {}),
    })
    expect([url, answer.status]).toEqual([url, status])
  })
})

describe('a token', () => {
  it('that is missing, empty, wrong, expired, revoked or contradicted opens no route', async () => {
    const made = (name: string) => createToken(instance.tokens, { name, scopes: ['admin'], expiresAt: null })
    const [revoked, other] = [await made('revoked'), await made('other')]
    await instance.tokens.revoke(revoked.id)
    // `createToken` makes none that has ended already.
    const [id, secret] = ['0123456789abcdef', 'y'.repeat(43)]
    const digest = createHash('sha256').update(secret).digest()
    await instance.tokens.create({ id, name: 'old', digest, scopes: ['admin'], expiresAt: new Date(0) })
    const wrong = [
      {},
      { 'private-token': '' },
      { authorization: 'Bearer' },
      { authorization: `Basic ${admin}` },
      { 'private-token': `${admin.slice(0, 21)}${'x'.repeat(43)}` },
      { 'private-token': 'x'.repeat(10_000) },
      { 'private-token': revoked.token },
      { 'private-token': `slc-${id}-${secret}` },
      { 'private-token': [admin, other.token] },
      { 'private-token': admin, authorization: `Bearer ${other.token}` },
      { cookie: `token=${admin}; sluice=${admin}` },
    ]
    for (const asked of routes) {
      for (const headers of wrong) {
        const { status, body } = await as(headers, asked)
        expect([asked.url, status, codeOf(body)]).toEqual([asked.url, 401, 'unauthorized'])
      }
    }
    expect(JSON.stringify(logger.lines)).not.toContain(admin.slice(-43))
  })

  it('that may only look changes nothing by any route, and one without any right sees nothing', async () => {
    const { token: reader } = await createToken(instance.tokens, { name: 'reader', scopes: ['read'], expiresAt: null })
    const { token: foreign } = await createToken(instance.tokens, {
      name: 'shop',
      scopes: ['project:7:write'],
      expiresAt: null,
    })
    const isChange = (asked: Asked) => changing.includes(asked) && !('dry_run' in (asked.payload ?? {}))
    for (const asked of routes) {
      const own = await as({ 'private-token': reader }, asked)
      expect([asked.url, own.status === 403]).toEqual([asked.url, isChange(asked)])
      expect([asked.url, (await as({ 'private-token': foreign }, asked)).status]).toEqual([asked.url, 403])
    }
  })
})

describe('a cookie', () => {
  it('opens no route once it is signed out, and changes nothing from another origin, or from one that is not told', async () => {
    const person = await signIn(app, { token: admin })
    const { 'sec-fetch-site': _, ...rest } = person.headers
    const elsewhere = [
      rest,
      { ...rest, origin: 'null' },
      { ...rest, origin: 'https://evil.example' },
      { ...rest, 'sec-fetch-site': 'cross-site' },
    ]
    for (const asked of writing) {
      for (const headers of elsewhere) {
        const { status, body } = await as(headers, asked)
        expect([asked.url, status, codeOf(body)]).toEqual([asked.url, 403, 'csrf'])
      }
    }
    for (const asked of changing.filter(({ payload }) => !('dry_run' in (payload ?? {})))) {
      const { status } = await as(person.headers, asked)
      // Whether the change is there is said before it has to be confirmed.
      expect([asked.url, [404, 428].includes(status)]).toEqual([asked.url, true])
    }
    expect((await app.inject({ method: 'DELETE', url: '/api/web/session', headers: person.headers })).statusCode).toBe(
      204,
    )
    for (const asked of routes) expect([asked.url, (await as(person.headers, asked)).status]).toEqual([asked.url, 401])
  })
})
