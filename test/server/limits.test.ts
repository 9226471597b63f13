// Limits of requests, the headers and log lines of every answer, and failures of the server.
import { describe, expect, it } from 'vitest'
import { FeatureError, OutcomeUnknown } from '../../lib/errors.js'
import { createToken } from '../../lib/tokens/tokens.js'
import { readAnswer, startApp } from './support.js'

const url = '/api/v4/features'
const change = { payload: { value: true } }

describe('too many requests', () => {
  it('to change flags with one token are answered 429 with Retry-After, and write nothing', async () => {
    const { app, call, feature, instance } = await startApp({ rateLimits: { writes: 2 } })
    const { token } = await createToken(instance.tokens, { name: 'b', scopes: ['admin'], expiresAt: null })
    await call('POST', `${url}/my_flag`, change)
    await call('DELETE', `${url}/my_flag`)

    const third = await call('POST', `${url}/my_flag`, change)
    const read = await call('GET', url)
    const headers = { 'private-token': token }
    const another = await readAnswer(app, { method: 'DELETE', url: `${url}/my_flag`, headers })

    expect(third).toMatchObject({ status: 429, body: { code: 'rate_limited' } })
    expect(Number(third.headers['retry-after'])).toBeGreaterThan(0)
    expect(feature.persisted('my_flag')).toBe(false)
    expect(read.status).toBe(200)
    expect(another.status).toBe(204)
  })

  it('from one address are answered 429', async () => {
    const { app, call } = await startApp({ rateLimits: { requests: 2 } })
    await call('GET', url)
    await call('GET', url)

    const third = await call('GET', url)
    const elsewhere = await call('GET', url, { remoteAddress: '10.0.0.2' })
    const health = await readAnswer(app, { url: '/-/liveness' })

    expect(third).toMatchObject({
      status: 429,
      body: {
        code: 'rate_limited',
        message: expect.stringMatching(/^more than 2 requests a minute; try again in \d+ s$/),
      },
    })
    expect([elsewhere.status, health.status]).toEqual([200, 200])
  })

  it('with wrong tokens end the guessing from that address; a token that is known there still works', async () => {
    const { app, call, instance } = await startApp({ rateLimits: { failures: 2 } })
    const { token: unknown } = await createToken(instance.tokens, { name: 'b', scopes: ['admin'], expiresAt: null })
    const guess = (token: string, remoteAddress = '10.0.0.1') =>
      readAnswer(app, { url, remoteAddress, headers: { 'private-token': token } })
    await call('GET', url)

    const statuses = [await guess('a'), await guess('b'), await guess('c'), await guess(unknown)].map(
      (one) => one.status,
    )

    expect(statuses).toEqual([401, 401, 429, 429])
    expect((await call('GET', url, { remoteAddress: '10.0.0.1' })).status).toBe(200)
    expect((await guess(unknown, '10.0.0.2')).status).toBe(200)
  })
})

describe('every answer', () => {
  it('forbids sniffing, framing and caching, and carries the id of its request', async () => {
    const { app, call } = await startApp()

    const answers = [
      await call('GET', url),
      await call('POST', `${url}/my_flag`, change),
      await readAnswer(app, { url }),
      await readAnswer(app, { url: '/nothing' }),
      await readAnswer(app, { url: '/%zz' }),
      await readAnswer(app, { url: '/-/liveness' }),
    ]

    for (const { headers } of answers) {
      expect(headers).toMatchObject({
        'cache-control': 'no-store',
        'content-security-policy': "default-src 'none'; frame-ancestors 'none'",
        'x-content-type-options': 'nosniff',
        'x-request-id': expect.stringMatching(/^[0-9a-f-]{36}$/),
      })
    }
  })

  it('is logged once, without the query', async () => {
    const { call, log } = await startApp()

    await call('POST', `${url}/my_flag?value=true&reason=hush`)

    const lines = log.filter(({ message }) => message === 'http')
    expect(lines).toEqual([
      {
        level: 'info',
        message: 'http',
        fields: expect.objectContaining({ method: 'POST', path: `${url}/my_flag`, status: 201, token: 'ci' }),
      },
    ])
  })

  it('keeps a line break in a path out of the log', async () => {
    const { app, log } = await startApp()

    await readAnswer(app, { url: '/a%0A{"level":"info"}' })

    expect(log.find(({ message }) => message === 'http')?.fields).toMatchObject({
      path: '/a%0A%7B%22level%22:%22info%22%7D',
    })
  })
})

describe('a failure of ours', () => {
  it('is a plain 500 whose details stand in the log only', async () => {
    const secret = `slc-0123456789abcdef-${'x'.repeat(43)}`
    const test = await startApp({
      feature: {
        actors: {
          Project: {
            findByPath: () => {
              throw new Error(`no route to postgres://app:hunter2@10.0.0.1/main with ${secret}`)
            },
          },
        },
      },
    })

    const answer = await test.call('POST', `${url}/my_flag`, { payload: { value: true, project: 'a/b' } })

    expect(answer).toMatchObject({
      status: 500,
      body: { code: 'internal', message: 'an unforeseen error; the log has the details' },
    })
    const [line] = test.log.filter(({ level }) => level === 'error')
    expect(line?.fields).toMatchObject({
      requestId: answer.headers['x-request-id'],
      error: 'no route to postgres://[hidden]@10.0.0.1/main with slc-0123456789abcdef-[hidden]',
      stack: expect.stringContaining('limits.test'),
    })
    expect(JSON.stringify(test.log)).not.toMatch(/hunter2|x{43}/)
    expect(test.feature.persisted('my_flag')).toBe(false)
  })

  it.each([
    [new OutcomeUnknown({ problem: 'lost the connection to 10.0.0.1', remedy: 'look' }), 503, 'outcome_unknown'],
    [new FeatureError('store_rejected', { problem: 'relation "x" is gone', remedy: 'look' }), 500, 'store_rejected'],
  ])('keeps its code and loses its details: %s', async (error, status, code) => {
    const test = await startApp({ feature: { actors: { Project: { findByPath: () => Promise.reject(error) } } } })

    const answer = await test.call('POST', `${url}/my_flag`, { payload: { value: true, project: 'a/b' } })

    expect(answer).toMatchObject({ status, body: { code } })
    expect(JSON.stringify(answer.body)).not.toContain(error.message)
    expect(JSON.stringify(test.log)).toContain(JSON.stringify(error.message).slice(1, -1))
  })
})
