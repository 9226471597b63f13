// The routes of health, metrics and the OpenAPI description.
import { describe, expect, it, onTestFinished } from 'vitest'
import { errorTable } from '../../../lib/errors.js'
import { createInstance } from '../../../lib/instance/create.js'
import { buildApp } from '../../../lib/server/app.js'
import type { TokenStore } from '../../../lib/store/store.js'
import { recordingLogger } from '../../support/recording-logger.js'
import { makeProject, readAnswer, startApp } from '../support.js'

/** Nothing listens on this port: every connection is refused at once. */
const nowhere = 'postgres://nobody@127.0.0.1:1/nothing'

async function startWithoutDatabase() {
  const logger = recordingLogger()
  const instance = createInstance({
    root: makeProject(),
    env: 'production',
    databaseUrl: nowhere,
    diskFile: false,
    logger,
  })
  const { feature } = instance
  await feature.start()
  onTestFinished(() => feature.stop())
  const app = await buildApp({ instance, logger })
  onTestFinished(async () => {
    await app.close()
  })
  return { app, feature, instance }
}

describe('health', () => {
  it('is fine while the database is read', async () => {
    const { app } = await startApp()

    expect(await readAnswer(app, { url: '/-/liveness' })).toMatchObject({ status: 200, body: { status: 'ok' } })
    expect(await readAnswer(app, { url: '/-/readiness' })).toMatchObject({ status: 200, body: { status: 'ok' } })
  })

  it('without a database is alive, not ready, and answers every call of the API with 503', async () => {
    const { app } = await startWithoutDatabase()

    expect(await readAnswer(app, { url: '/-/liveness' })).toMatchObject({ status: 200 })
    expect(await readAnswer(app, { url: '/-/readiness' })).toMatchObject({ status: 503, body: { status: 'failed' } })
    const headers = { 'private-token': `slc-0123456789abcdef-${'x'.repeat(43)}` }
    expect(await readAnswer(app, { url: '/api/v4/features', headers })).toMatchObject({
      status: 503,
      body: { code: 'store_unavailable' },
    })
  })

  it('lists no flags as stored before the database has been read once', async () => {
    const { instance } = await startWithoutDatabase()
    const digest = (await import('node:crypto')).createHash('sha256').update('x'.repeat(43)).digest()
    const found = {
      id: '0',
      name: 'a',
      scopes: ['read' as const],
      createdAt: new Date(),
      expiresAt: null,
      lastUsedAt: null,
      revokedAt: null,
      person: null,
      digest,
    }
    const tokens: TokenStore = { ...instance.tokens, find: async () => found, touch: async () => {} }
    const app = await buildApp({ instance, tokens, logger: recordingLogger() })
    onTestFinished(async () => {
      await app.close()
    })

    const headers = { 'private-token': `slc-0123456789abcdef-${'x'.repeat(43)}` }
    expect(await readAnswer(app, { url: '/api/v4/features', headers })).toMatchObject({ status: 503 })
    expect(await readAnswer(app, { url: '/api/v4/features/definitions', headers })).toMatchObject({ status: 200 })
  })
})

describe('metrics', () => {
  it('tell the position, the age, the refreshes, the flags by state and how requests went', async () => {
    const { app, call, feature } = await startApp()
    await feature.enable('my_flag')
    await call('GET', '/api/v4/features')
    await call('GET', '/nothing/at/all')

    const { status, headers, body } = await readAnswer(app, { url: '/-/metrics' })

    expect(status).toBe(200)
    expect(headers['content-type']).toMatch(/^text\/plain; version=0\.0\.4/)
    const text = String(body)
    const value = (name: string) =>
      Number(
        text
          .split('\n')
          .find((line) => line.startsWith(`${name} `))
          ?.split(' ')
          .at(-1),
      )
    expect(value('sluice_position_version')).toBe(Number(feature.status().position?.version))
    expect(value('sluice_snapshot_age_seconds')).toBeGreaterThanOrEqual(0)
    expect(value('sluice_degraded')).toBe(0)
    expect(value('sluice_refreshes_total{kind="whole"}')).toBe(feature.counts().refreshes.whole)
    expect(value('sluice_refreshes_total{kind="delta"}')).toBe(feature.counts().refreshes.delta)
    expect(value('sluice_hints_total')).toBe(feature.counts().hints)
    expect(value('sluice_flags{state="on"}')).toBe(1)
    expect(value('sluice_flags{state="conditional"}')).toBe(1)
    expect(value('sluice_flags{state="default_on"}')).toBe(1)
    expect(value('sluice_flags{state="default_off"}')).toBe(1)
    expect(value('process_resident_memory_bytes')).toBeGreaterThan(0)
    expect(text).toContain(
      'sluice_http_request_duration_seconds_count{method="GET",route="/api/v4/features",status="200"} 1',
    )
    expect(text).toContain('sluice_http_request_duration_seconds_count{method="GET",route="none",status="404"} 1')
  })

  it('are of one app each', async () => {
    const [one, other] = [await startApp(), await startApp()]
    await one.call('GET', '/api/v4/features')

    const { body } = await readAnswer(other.app, { url: '/-/metrics' })

    expect(body).not.toContain('route="/api/v4/features"')
  })

  it('are absent where nothing is known, instead of wrong', async () => {
    const { app } = await startWithoutDatabase()

    const { body } = await readAnswer(app, { url: '/-/metrics' })

    expect(body).toContain('sluice_degraded 1')
    expect(body).not.toMatch(/^sluice_snapshot_age_seconds /m)
  })
})

describe('the OpenAPI description', () => {
  it('describes every route, each with its answers, and asks for a token where one is needed', async () => {
    const { app } = await startApp()

    const { status, body } = await readAnswer(app, { url: '/api/v4/openapi.json' })

    expect(status).toBe(200)
    const operation = (security?: unknown[]) =>
      expect.objectContaining({ operationId: expect.any(String), ...(security && { security }) })
    expect(body).toMatchObject({
      openapi: '3.1.0',
      security: [{ privateToken: [] }, { bearer: [] }],
      paths: {
        '/api/v4/features': { get: operation() },
        '/api/v4/features/definitions': { get: operation() },
        '/api/v4/features/{name}': { get: operation(), post: operation(), delete: operation() },
        '/api/v4/openapi.json': { get: operation([]) },
        '/-/liveness': { get: operation([]) },
        '/-/readiness': { get: operation([]) },
        '/-/metrics': { get: operation([]) },
      },
    })
    const paths: Readonly<Record<string, Readonly<Record<string, unknown>>>> = Reflect.get(Object(body), 'paths')
    const ofProjects = Object.keys(paths).filter((path) => path.startsWith('/api/v4/projects'))
    const ofPages = Object.keys(paths).filter((path) => path.startsWith('/api/web/'))
    expect(Object.keys(paths)).toHaveLength(12 + ofProjects.length + ofPages.length)
    expect(ofProjects).toHaveLength(15)
    const ids = Object.values(paths).flatMap((path) =>
      Object.values(path).map((one) => Reflect.get(Object(one), 'operationId')),
    )
    expect(ids.filter((id) => typeof id !== 'string')).toEqual([])
    expect(new Set(ids).size).toBe(ids.length)
  })

  it('says of a change what it takes and what it answers', async () => {
    const { app } = await startApp()

    const { body } = await readAnswer(app, { url: '/api/v4/openapi.json' })

    const post = Reflect.get(Object(body), 'paths')['/api/v4/features/{name}'].post
    expect(Object.keys(post.requestBody.content)).toEqual(['application/json', 'application/x-www-form-urlencoded'])
    expect(Object.keys(post.requestBody.content['application/json'].schema.properties)).toEqual(
      expect.arrayContaining(['value', 'key', 'project', 'user', 'force', 'reason']),
    )
    expect(Object.keys(post.responses)).toEqual(expect.arrayContaining(['201', '4XX', '5XX']))
    const error = post.responses['4XX'].content['application/json'].schema
    expect(error.properties.code.enum).toEqual(Object.keys(errorTable))
  })
})
