// Requests with bad input, which are refused and write nothing.
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { targetKinds } from '../../lib/actors/targets.js'
import { canaryAnswers, canaryIsRight, type OpenApp, openApp, startApp } from './support.js'

/** One for all requests that change nothing: the next test sees what one of them has changed. */
let test: OpenApp
beforeAll(async () => {
  const server = { requestsPerMinute: 100_000, changesPerMinute: 100_000, wrongTokensPerMinute: 100_000 }
  test = await openApp({ feature: { server } })
})
afterAll(() => test.close())

const path = '/api/v4/features/my_flag'
const json = { 'content-type': 'application/json' }
const form = { 'content-type': 'application/x-www-form-urlencoded' }

/** Deeper than any recursive parser survives. */
const deep = `${'['.repeat(100_000)}${']'.repeat(100_000)}`

const changes: readonly [string, Record<string, unknown>, string][] = [
  ['no value', {}, 'invalid_request'],
  ['101', { value: 101 }, 'invalid_percentage'],
  ['100.0001', { value: '100.0001', key: 'percentage_of_actors' }, 'invalid_percentage'],
  ['-1', { value: -1 }, 'invalid_value'],
  ['abc', { value: 'abc' }, 'invalid_value'],
  ['25%', { value: '25%' }, 'invalid_value'],
  ['0x10', { value: '0x10' }, 'invalid_value'],
  ['an exponent', { value: '1e1' }, 'invalid_value'],
  ['an empty value', { value: '' }, 'invalid_value'],
  ['a value of null', { value: null }, 'invalid_request'],
  ['a value that is an object', { value: { a: 1 } }, 'invalid_request'],
  ['a value that is a list', { value: ['true', 'false'] }, 'invalid_request'],
  ['a percentage with a target', { value: 25, project: 1 }, 'percentage_with_target'],
  ['a key with a target', { value: 'true', key: 'percentage_of_actors', user: 1 }, 'percentage_with_target'],
  ['an unknown key', { value: 25, key: 'percentage_of_moons' }, 'invalid_value'],
  ['an unknown project', { value: true, project: 'gitlab-org/nothing' }, 'unknown_target'],
  ['one unknown project of two', { value: true, project: 'gitlab-org/gitlab,gitlab-org/nothing' }, 'unknown_target'],
  ['a path where nothing finds paths', { value: true, user: 'root' }, 'unknown_target'],
  ['an empty target', { value: true, project: '' }, 'unknown_target'],
  ['an opt-out without a target', { value: 'opt_out' }, 'invalid_value'],
  ['an opt-out of a group of features', { value: 'opt_out', feature_group: 'beta_testers' }, 'invalid_value'],
  ['removing an opt-out that is not there', { value: 'remove_opt_out', user: 1 }, 'opted_out'],
  ['a misspelt target', { value: true, projcet: 1 }, 'invalid_request'],
  ['a target that is an object', { value: true, user: { $ne: 1 } }, 'invalid_request'],
  ['NUL in a target', { value: true, endpoint: 'a\0b' }, 'invalid_request'],
  ['NUL in the reason', { value: true, reason: 'a\0b' }, 'invalid_request'],
  ['a reason without end', { value: true, reason: 'x'.repeat(1_001) }, 'invalid_request'],
  ['an id that cannot be stored', { value: true, endpoint: 'x'.repeat(2_000) }, 'invalid_actor'],
  ['force that is neither yes nor no', { value: true, force: 'maybe' }, 'invalid_request'],
  ['a token among the parameters', { value: true, private_token: 'x' }, 'invalid_request'],
]

describe('a change', () => {
  it.each(changes)('is refused as 400 and writes nothing: %s', async (_name, payload, code) => {
    const { status, body } = await test.call('POST', path, { payload })

    expect({ status, body }).toEqual({ status: 400, body: { code, message: expect.stringMatching(/.{10}/) } })
    expect(test.feature.persistedNames()).toEqual(['canary'])
    expect(canaryAnswers(test)).toEqual(canaryIsRight)
  })

  it('that is refused names what was wrong and what to do instead', async () => {
    const typo = await test.call('POST', path, { payload: { value: true, projcet: 1 } })
    const kind = await test.call('POST', path, { payload: { value: [] } })
    const flag = await test.call('POST', '/api/v4/features/my_flga', { payload: { value: true } })

    expect(typo.body).toMatchObject({ message: 'there is no parameter "projcet"; did you mean "project"?' })
    expect(kind.body).toMatchObject({
      message: expect.stringContaining('"value" has a value that cannot be used; give true, false, a percentage'),
    })
    expect(flag).toMatchObject({
      status: 400,
      body: { code: 'unknown_flag', message: expect.stringContaining('"my_flag"') },
    })
  })

  const kinds = targetKinds.flatMap((kind) =>
    ['1234567890123456789', '9007199254740992', '9007199254740993', '1e21'].map((number) => [kind, number] as const),
  )

  it.each(kinds)('is refused where %s is the number %s, which is rounded when it is read', async (kind, number) => {
    const { status, body } = await test.call('POST', path, {
      headers: json,
      payload: `{"value":true,"${kind}":${number}}`,
    })

    expect({ status, body }).toMatchObject({
      status: 400,
      body: { code: 'invalid_request', message: expect.stringMatching(`"${kind}".*send it as text`) },
    })
    expect(test.feature.persistedNames()).toEqual(['canary'])
    expect(canaryAnswers(test)).toEqual(canaryIsRight)
  })

  it.each(['-1234567890123456789', '-1', '1.5', '[1234567890123456789]', '{"id":1}', 'true', '[null]'])(
    'is refused where a user is %s',
    async (user) => {
      const { status } = await test.call('POST', path, { headers: json, payload: `{"value":true,"user":${user}}` })

      expect(status).toBe(400)
      expect(test.feature.persistedNames()).toEqual(['canary'])
    },
  )

  it.each([
    ['in a JSON text', { headers: json, payload: '{"value":true,"user":"1234567890123456789"}' }, ''],
    ['in a form', { headers: form, payload: 'value=true&user=1234567890123456789' }, ''],
    ['in the query', {}, '?value=true&user=1234567890123456789'],
  ])('keeps every digit where the id is written %s', async (_where, rest, query) => {
    const { call, feature } = await startApp()

    const { status } = await call('POST', path + query, rest)

    expect(status).toBe(201)
    expect(feature.get('my_flag').gates).toContainEqual({ key: 'actors', value: ['User:1234567890123456789'] })
  })

  it('is made where the number is the largest that is not rounded', async () => {
    const { call, feature } = await startApp()

    await call('POST', path, { headers: json, payload: '{"value":true,"user":9007199254740991}' })

    expect(feature.get('my_flag').gates).toContainEqual({ key: 'actors', value: ['User:9007199254740991'] })
  })

  it('is refused where a resolver finds a number that was rounded', async () => {
    const actors = { Project: { findByPath: () => 1e17 } }
    const { call, feature } = await startApp({ feature: { actors } })

    const { status, body } = await call('POST', path, { payload: { value: true, project: 'a/b' } })

    expect({ status, body }).toMatchObject({
      status: 400,
      body: { code: 'invalid_actor', message: expect.stringContaining('send it as text') },
    })
    expect(feature.persistedNames()).toEqual(['canary'])
  })

  it('is refused where a percentage is set on a flag that is fully on', async () => {
    const test = await startApp()
    await test.feature.enable('my_flag')

    const { status, body } = await test.call('POST', path, { payload: { value: 25, key: 'percentage_of_actors' } })

    expect({ status, body }).toMatchObject({ status: 400, body: { code: 'already_enabled' } })
    expect(test.feature.get('my_flag').gates).toEqual([{ key: 'boolean', value: true }])
    expect(canaryAnswers(test)).toEqual(canaryIsRight)
  })

  it('is refused where an opted-out actor is enabled', async () => {
    const test = await startApp()
    await test.feature.optOut('my_flag', { flipperId: 'User:1' })

    const { status, body } = await test.call('POST', path, { payload: { value: true, user: '2,1' } })

    expect({ status, body }).toMatchObject({ status: 400, body: { code: 'opted_out' } })
    expect(test.feature.get('my_flag').gates).toContainEqual({ key: 'actors', value: ['User:1:opt_out'] })
  })
})

describe('a name that is no flag', () => {
  const names: readonly [string, string, string][] = [
    ['__proto__', '__proto__', 'unknown_flag'],
    ['constructor', 'constructor', 'unknown_flag'],
    ['toString', 'toString', 'unknown_flag'],
    ['only spaces', '%20%20', 'unknown_flag'],
    ['of 255 characters', 'x'.repeat(255), 'unknown_flag'],
    ['of 256 characters', 'x'.repeat(256), 'invalid_name'],
    ['of 12,000 characters', 'x'.repeat(12_000), 'invalid_name'],
    ['with NUL', 'a%00b', 'invalid_name'],
    ['with control characters', 'a%0Ab%09%E2%80%A8%E2%80%AE', 'unknown_flag'],
    ['with an encoded slash', '..%2F..%2Fetc%2Fpasswd', 'unknown_flag'],
    ['SQL', "';%20drop%20table%20features;--", 'unknown_flag'],
    ['markup', '%3Cimg%20src=x%20onerror=alert(1)%3E', 'unknown_flag'],
    ['in another case', 'MY_FLAG', 'unknown_flag'],
    ['that is not UTF-8', 'a%FFb', 'invalid_request'],
    ['a lone surrogate', '%ED%A0%80', 'invalid_request'],
    ['broken percent-encoding', 'a%zz', 'invalid_request'],
  ]

  it.each(names)('is refused as 400: %s', async (_name, encoded, code) => {
    const { status, body } = await test.call('POST', `/api/v4/features/${encoded}`, { payload: { value: true } })

    expect({ status, body }).toMatchObject({ status: 400, body: { code } })
    expect(test.feature.persistedNames()).toEqual(['canary'])
    expect(canaryAnswers(test)).toEqual(canaryIsRight)
  })

  it('is removable all the same, once stored', async () => {
    const { call, feature } = await startApp()
    for (const name of ['__proto__', 'a\nb', '../x']) await feature.enable(name, true, { force: true })

    const list = await call('GET', '/api/v4/features')
    for (const name of ['__proto__', 'a\nb', '../x'])
      await call('DELETE', `/api/v4/features/${encodeURIComponent(name)}`)

    expect(list.body).toMatchObject([{ name: '../x' }, { name: '__proto__' }, { name: 'a\nb' }, { name: 'canary' }])
    expect(feature.persistedNames()).toEqual(['canary'])
  })
})

describe('a body', () => {
  const bodies: readonly [string, Record<string, string>, string | Buffer, number, string][] = [
    ['broken JSON', json, '{"value": true', 400, 'invalid_request'],
    ['a JSON list', json, '[true]', 400, 'invalid_request'],
    ['a JSON text', json, '"true"', 400, 'invalid_request'],
    ['100,000 levels', json, deep, 400, 'invalid_request'],
    ['100,000 levels as the value', json, `{"value":${deep}}`, 400, 'invalid_request'],
    ['__proto__ as a key', json, '{"value":true,"__proto__":{"polluted":1}}', 400, 'invalid_request'],
    ['constructor as a key', json, '{"value":true,"constructor":{"prototype":{"polluted":1}}}', 400, 'invalid_request'],
    ['a number beyond all', json, '{"value":1e400}', 400, 'invalid_request'],
    ['UTF-16', json, Buffer.from('{"value":true}', 'utf16le'), 400, 'invalid_request'],
    ['__proto__ in a form', form, 'value=true&__proto__=1&__proto__[polluted]=1', 400, 'invalid_request'],
    ['the same key twice in a form', form, 'value=true&value=false', 400, 'invalid_request'],
    [
      '10,000 parameters in a form',
      form,
      `value=true&${Array.from({ length: 10_000 }, (_, i) => `p${i}=1`).join('&')}`,
      400,
      'invalid_request',
    ],
    ['an empty form', form, '', 400, 'invalid_request'],
    ['plain text', { 'content-type': 'text/plain' }, 'value=true', 415, 'unsupported_media_type'],
    ['a multipart form', { 'content-type': 'multipart/form-data; boundary=x' }, '--x--', 415, 'unsupported_media_type'],
    ['a content type that is none', { 'content-type': ';;' }, '{"value":true}', 415, 'unsupported_media_type'],
    [
      'compressed JSON',
      { ...json, 'content-encoding': 'gzip' },
      Buffer.from([0x1f, 0x8b, 8, 0]),
      415,
      'unsupported_media_type',
    ],
    ['one byte over the limit', json, `{"value":"${'x'.repeat(1_048_576 - 11)}"}`, 413, 'payload_too_large'],
  ]

  it.each(bodies)(
    'that is no set of parameters is refused and writes nothing: %s',
    async (_name, headers, payload, status, code) => {
      const answer = await test.call('POST', path, { headers, payload })

      expect(answer).toMatchObject({ status, body: { code } })
      expect(test.feature.persistedNames()).toEqual(['canary'])
      expect(canaryAnswers(test)).toEqual(canaryIsRight)
    },
  )

  it('is read up to exactly one mebibyte', async () => {
    const { status, body } = await test.call('POST', path, {
      headers: json,
      payload: `{"value":"${'x'.repeat(1_048_576 - 12)}"}`,
    })

    expect({ status, body }).toMatchObject({ status: 400, body: { code: 'invalid_value' } })
  })
})

describe('the router', () => {
  const addresses: readonly ['GET' | 'POST' | 'DELETE', string, number][] = [
    ['GET', '/', 404],
    ['GET', '/api/v4/features/my_falg', 404],
    ['GET', '//-/metrics', 404],
    ['GET', '/\\/api/v4/features', 404],
    ['GET', '/api/v4/%2Ffeatures', 404],
    ['POST', '/api/v4/features', 404],
    ['POST', '/api/v4/features//', 404],
    ['DELETE', '/api/v4/features/', 404],
    ['DELETE', '/api/v4/features/a/b', 404],
  ]

  it.each(addresses)('answers %s %s, which no route takes, with %i', async (method, url, status) => {
    expect(await test.call(method, url)).toMatchObject({ status, body: { code: 'not_found' } })
  })

  it('ignores parameters that it does not know in the query of a list', async () => {
    const { status } = await test.call('GET', '/api/v4/features?prefix[]=a&prefix[__proto__]=b')

    expect(status).toBe(200)
    expect(Reflect.get({}, 'a')).toBeUndefined()
  })
})
