// The stream of events for pages, over a real port.
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it, onTestFinished, vi } from 'vitest'
import { StoreUnavailable } from '../../../../lib/errors.js'
import { planEnable } from '../../../../lib/feature/change/plan.js'
import { createInstance } from '../../../../lib/instance/create.js'
import { buildApp } from '../../../../lib/server/app.js'
import { flagColumns } from '../../../../lib/server/web/flag-rows.js'
import { createToken, parseToken } from '../../../../lib/tokens/tokens.js'
import { signIn } from '../../../support/signed-in.js'
import { recordingLogger } from '../../../support/recording-logger.js'
import { type ReadEvent, readEvents } from '../../event-stream.js'
import { makeProject, startApp, type TestApp } from '../../support.js'

type Options = Parameters<typeof startApp>[0]

async function start(options: Options = {}) {
  const app = await startApp(options)
  return { ...app, ...(await listen(app.app, app.admin)) }
}

async function listen(app: TestApp['app'], token: string) {
  const address = await app.listen({ port: 0, host: '127.0.0.1' })
  const open = async (given: Record<string, string | null> = {}, query = '') => {
    const headers = new Headers({ 'private-token': token })
    for (const [name, value] of Object.entries(given)) {
      if (value === null) headers.delete(name)
      else headers.set(name, value)
    }
    const ending = new AbortController()
    onTestFinished(() => ending.abort())
    const response = await fetch(`${address}/api/web/events${query}`, {
      headers,
      signal: ending.signal,
    })
    return { response, next: readEvents(response), end: () => ending.abort() }
  }
  return { open }
}

/** One more server on the same flags, which has just started. */
async function another({ instance, admin }: TestApp) {
  const app = await buildApp({ instance, logger: recordingLogger() })
  onTestFinished(async () => {
    await app.close()
  })
  return listen(app, admin)
}

/** The names of so many changes, from as many events as they come in; with the last event. */
async function changesFrom(next: () => Promise<ReadEvent | null>, count: number) {
  const names: unknown[] = []
  for (;;) {
    const event = await next()
    if (event?.event !== 'flags') throw new Error(`instead of changes: ${JSON.stringify(event)}`)
    names.push(...changesIn(event))
    if (names.length >= count) return { names, event }
  }
}

const at = (value: unknown, ...path: readonly (string | number)[]): unknown =>
  path.reduce(
    (inner, key) => (typeof inner === 'object' && inner !== null ? Reflect.get(inner, key) : undefined),
    value,
  )

/** The names of the changes of an event. */
function changesIn(event: ReadEvent | null): unknown[] {
  const changes = at(event?.data, 'changes')
  return Array.isArray(changes) ? changes.map((change) => at(change, 'name')) : []
}

async function metricsOf({ app }: TestApp): Promise<string[]> {
  return (await app.inject('/-/metrics')).body.split('\n')
}

/** What happens each second happens when the test says so. */
function ticking() {
  vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] })
  onTestFinished(() => void vi.useRealTimers())
  const passed = {
    ms: 0,
    by(ms: number) {
      passed.ms += ms
      vi.advanceTimersByTime(ms)
    },
  }
  return passed
}

const away = new StoreUnavailable('store_unavailable', { problem: 'it is away', remedy: 'wait' })

describe('GET /api/web/events', () => {
  it('says hello, and tells each change with its flag, its author and a sentence', async () => {
    const { feature, open, call } = await start()
    const { response, next } = await open()
    expect(Object.fromEntries(response.headers)).toMatchObject({
      'content-type': 'text/event-stream',
      'cache-control': 'no-cache, no-transform',
      'x-accel-buffering': 'no',
      'x-content-type-options': 'nosniff',
    })
    const hello = await next()
    const position = at((await call('GET', '/api/web/flags')).body, 'position')
    expect(hello).toMatchObject({
      event: 'hello',
      id: position,
      data: { position, environment: 'test', health: { degraded: false } },
    })
    await feature.enable('my_flag', { flipperId: 'User:1' }, { author: 'cli:sam', reason: 'error rate flat' })
    const told = await next()
    const list = (await call('GET', '/api/web/flags')).body
    expect(told).toEqual({
      event: 'flags',
      id: at(list, 'position'),
      data: {
        position: at(list, 'position'),
        columns: flagColumns,
        rows: [expect.anything()],
        gone: [],
        changes: [
          {
            change_id: expect.stringMatching(/^[0-9a-f-]{36}$/),
            position: at(list, 'position'),
            name: 'my_flag',
            author: 'cli:sam',
            source: 'http',
            reason: 'error rate flat',
            sentence: 'added User:1',
            at: expect.stringMatching(/^\d{4}-.*Z$/),
          },
        ],
      },
    })
    const row = at(told, 'data', 'rows', 0)
    const said = Object.fromEntries(flagColumns.map((column, index) => [column, at(row, index)]))
    expect(said).toMatchObject({
      name: 'my_flag',
      state: 'conditional',
      default_enabled: false,
      stored: true,
      actors: 1,
    })
    expect(said).toMatchObject({ changed_at: expect.stringMatching(/Z$/), changed_by: 'cli:sam' })
    // The end, which says nothing, is left out.
    expect(row).toHaveLength(flagColumns.indexOf('actors') + 1)
  })

  it('has the headers that every other answer to a page has, and those of HTTPS where it came by HTTPS', async () => {
    const publicUrl = 'https://flags.example.com'
    const { open, call } = await start({ feature: { publicUrl, server: { trustedProxies: ['127.0.0.1'] } } })
    const proxied = {
      'x-forwarded-proto': 'https',
      'x-forwarded-for': '203.0.113.9',
      'x-forwarded-host': 'flags.example.com',
    }
    const names = ['referrer-policy', 'cross-origin-opener-policy', 'permissions-policy', 'strict-transport-security']
    const more = [...names, 'x-content-type-options', 'content-security-policy', 'x-request-id']
    for (const given of [{}, proxied]) {
      const { response } = await open(given)
      const other = await call('GET', '/api/web/processes', { headers: given })
      expect([response.status, other.status]).toEqual([200, 200])
      const has = (headers: Headers) => Object.fromEntries(more.map((name) => [name, headers.get(name)]))
      const expected = Object.fromEntries(more.map((name) => [name, other.headers[name] ?? null]))
      expect(has(response.headers)).toEqual({ ...expected, 'x-request-id': expect.any(String) })
      expect(names.filter((name) => response.headers.has(name)).length).toBe(given === proxied ? 4 : 3)
    }
  })

  it('goes on where it was cut, from memory: each change once and in order, and nothing where nothing was missed', async () => {
    const { feature, open } = await start()
    const one = await open()
    const hello = await one.next()
    one.end()
    await feature.enable('my_flag')
    await feature.enable('my_other_flag')
    await feature.enable('removed_long_ago', true, { force: true })
    await feature.remove('removed_long_ago')
    const again = await open({ 'last-event-id': String(hello?.id) })
    expect(await again.next()).toMatchObject({ event: 'hello', id: null })
    const missed = await changesFrom(again.next, 4)
    expect(missed.names).toEqual(['my_flag', 'my_other_flag', 'removed_long_ago', 'removed_long_ago'])
    expect(at(missed.event.data, 'gone')).toEqual(['removed_long_ago'])
    const same = await open({}, `?since=${missed.event.id}`)
    expect(await same.next()).toMatchObject({ event: 'hello' })
    await feature.disable('my_flag')
    expect([changesIn(await same.next()), changesIn(await again.next())]).toEqual([['my_flag'], ['my_flag']])
  })

  it('asks the history once for all that come to a server that has just started, and tells a resync to those it does not know', async () => {
    const first = await startApp()
    await first.app.close()
    for (const name of ['my_flag', 'my_other_flag', 'my_flag', 'canary']) {
      await first.feature.enablePercentageOfActors(
        name,
        first.instance.snapshot.entries.get(name)?.stored === null ? 5 : 6,
      )
    }
    const entries = await first.feature.history({ limit: 100 })
    const ids = [...new Set(entries.map(({ position }) => `${position.version}-${position.nonce.slice(0, 8)}`))]
    const { open } = await another(first)
    const { feed } = first.instance
    const reads = [vi.spyOn(feed, 'changesSince'), vi.spyOn(feed, 'positionBefore')]
    const told = await Promise.all(
      Array.from({ length: 18 }, async (_, index) => {
        const missed = index % 4
        const { next } = await open({ 'last-event-id': ids[missed] ?? '' })
        await next()
        return missed === 0 ? [] : (await changesFrom(next, missed)).names
      }),
    )
    const all = ['my_other_flag', 'my_flag', 'canary']
    expect(told).toEqual(told.map((_, index) => (index % 4 === 0 ? [] : all.slice(-(index % 4)))))
    const foreign = await open({ 'last-event-id': '1-00000000' })
    await foreign.next()
    expect(await foreign.next()).toMatchObject({ event: 'resync', id: ids[0] })
    expect(reads.map(({ mock }) => mock.calls.length)).toEqual([1, 1])
  })

  it('waits for a change that another server has told already, and tells a resync where it does not come', async () => {
    const passes = ticking()
    const { feature, open } = await start({ elapsed: () => passes.ms })
    const one = await open()
    const version = Number(String((await one.next())?.id).split('-')[0])
    const ahead = await open({ 'last-event-id': `${version + 1}-00000000` })
    await ahead.next()
    passes.by(4_000)
    const late = await open({ 'last-event-id': `${version + 2}-00000000` })
    await late.next()
    passes.by(2_000)
    expect(await ahead.next()).toMatchObject({ event: 'resync' })
    await feature.enable('my_flag')
    expect(changesIn(await ahead.next())).toEqual(['my_flag'])
    const { id } = (await one.next()) ?? {}
    await feature.enable('my_other_flag')
    const known = await open({ 'last-event-id': String(id) })
    await known.next()
    expect(changesIn(await known.next())).toEqual(['my_other_flag'])
  })

  it('tells of more than 200 flags at once that the list is to be read again', async () => {
    const { instance, open } = await start()
    const { next } = await open()
    await next()
    const names = Array.from({ length: 201 }, (_, index) => `flag_${index}`)
    await instance.change(
      names.flatMap((name) => planEnable(name, 'everybody')),
      { force: true },
    )
    expect(await next()).toMatchObject({ event: 'resync', data: { position: expect.any(String) } })
    expect(instance.snapshot.entries.get('flag_200')).toBeDefined()
  })

  it('tells flags while the history cannot be read, and the changes once it can', async () => {
    const { feature, instance, open } = await start()
    const { next } = await open()
    await next()
    const reading = vi.spyOn(instance.feed, 'changesSince').mockRejectedValue(away)
    await feature.enable('my_flag')
    expect(await next()).toMatchObject({ event: 'flags', data: { rows: [expect.anything()], changes: [] } })
    reading.mockRestore()
    expect(changesIn(await next())).toEqual(['my_flag'])
  }, 15_000)

  it('tells definitions that were edited, in development', async () => {
    const logger = recordingLogger()
    const options = { root: makeProject(), env: 'development', databaseUrl: 'memory', diskFile: false as const, logger }
    const instance = createInstance(options, { author: 'code:test', source: 'http', watch: true })
    await instance.feature.start()
    onTestFinished(() => instance.feature.stop())
    const { token } = await createToken(instance.tokens, { name: 'ci', scopes: ['read'], expiresAt: null })
    const app = await buildApp({ instance, logger })
    onTestFinished(async () => {
      await app.close()
    })
    const { open } = await listen(app, token)
    const { next } = await open()
    await next()
    const file = join(options.root, 'config/feature_flags/development/my_flag.yml')
    writeFileSync(file, 'name: my_flag\ntype: development\ngroup: group::api\ndefault_enabled: false\n')
    const told = [await next(), await next()]
    expect(told).toMatchObject([
      { event: 'flags', data: { rows: [expect.arrayContaining(['my_flag', 'group::api'])], changes: [] } },
      { event: 'definitions', data: { names: ['my_flag'] } },
    ])
  })

  it('ends with its token', async () => {
    const passes = ticking()
    const { instance, open } = await start()
    const { token } = await createToken(instance.tokens, { name: 'reader', scopes: ['read'], expiresAt: null })
    const { next } = await open({ 'private-token': token })
    await next()
    await instance.tokens.revoke(parseToken(token)?.id ?? '')
    passes.by(10_000)
    expect(await next()).toMatchObject({ event: 'session', data: { ends_at: expect.any(String) } })
    expect(await next()).toBeNull()
  })

  it('of a person who is signed in tells when the sign-in ends, and ends with it', async () => {
    const passes = ticking()
    const { app, admin, open } = await start()
    const { cookie, headers, session } = await signIn(app, { token: admin })
    const { next } = await open({ cookie, 'private-token': null })
    expect([await next(), await next()]).toMatchObject([
      { event: 'hello' },
      { event: 'session', data: { ends_at: session['expires_at'] } },
    ])
    expect((await app.inject({ method: 'DELETE', url: '/api/web/session', headers })).statusCode).toBeLessThan(300)
    passes.by(10_000)
    expect(await next()).toMatchObject({ event: 'session' })
    expect(await next()).toBeNull()
  })

  it('tells when its token ends, and ends then', async () => {
    const passes = ticking()
    const startMs = Date.now()
    const { instance, open } = await start({ now: () => startMs + passes.ms })
    const expiresAt = new Date(startMs + 60_000)
    const { token } = await createToken(instance.tokens, { name: 'reader', scopes: ['read'], expiresAt })
    const { next } = await open({ 'private-token': token })
    const ends = { event: 'session', data: { ends_at: expiresAt.toISOString() } }
    expect([await next(), await next()]).toMatchObject([{ event: 'hello' }, ends])
    passes.by(60_000)
    expect(await next()).toMatchObject({ event: 'session' })
    expect(await next()).toBeNull()
  })

  it('tells that the database is back to one who heard otherwise between two looks', async () => {
    const passes = ticking()
    const { feature, open } = await start()
    passes.by(1_000)
    const status = vi.spyOn(feature, 'status').mockReturnValue({ ...feature.status(), degraded: true, ageMs: 4_000 })
    const { next } = await open({}, '?topics=health')
    expect(await next()).toMatchObject({ event: 'hello', data: { health: { degraded: true } } })
    status.mockRestore()
    passes.by(1_000)
    expect(await next()).toMatchObject({ event: 'health', data: { degraded: false } })
  })

  it('tells when the database is away, and when it is back', async () => {
    const passes = ticking()
    const { feature, open } = await start()
    const { next } = await open({}, '?topics=health')
    await next()
    const status = vi.spyOn(feature, 'status').mockReturnValue({ ...feature.status(), degraded: true, ageMs: 4_000 })
    passes.by(2_000)
    expect(await next()).toEqual({ event: 'health', id: null, data: { degraded: true, age_ms: 4_000 } })
    status.mockRestore()
    passes.by(1_000)
    expect(await next()).toMatchObject({ event: 'health', data: { degraded: false } })
  })

  it('tells how many processes have what was told, where Redis tells it', async () => {
    const { instance, open } = await start()
    const position = { version: '1', nonce: 'n' }
    const of = (isCurrent: boolean) => ({ name: 'web-1:7:a', ageMs: 5, isCurrent })
    vi.spyOn(instance, 'processes').mockResolvedValue({ position, processes: [of(true), of(true), of(false)] })
    const { next } = await open({}, '?topics=processes')
    expect(await next()).toMatchObject({ event: 'hello', data: { processes: null } })
    expect(await next()).toEqual({ event: 'processes', id: null, data: { live: 3, current: 2 } })
    const later = await open()
    expect(await later.next()).toMatchObject({ event: 'hello', data: { processes: { live: 3, current: 2 } } })
  })

  it('takes as many streams as are allowed, in all and of one token, and counts them', async () => {
    const clock = { ms: 0 }
    const app = await start({ streamLimits: { streams: 3, ofHolder: 2 }, elapsed: () => clock.ms })
    const { instance, open } = app
    const streams = [await open(), await open(), await open()]
    expect(streams.map(({ response }) => response.status)).toEqual([200, 200, 429])
    const { token } = await createToken(instance.tokens, { name: 'reader', scopes: ['read'], expiresAt: null })
    const others = [await open({ 'private-token': token }), await open({ 'private-token': token })]
    expect(others.map(({ response }) => response.status)).toEqual([200, 429])
    expect(await metricsOf(app)).toEqual(
      expect.arrayContaining([
        'sluice_web_streams 3',
        'sluice_web_streams_ended_total{reason="refused"} 2',
        'sluice_web_stream_events_total{event="hello"} 3',
      ]),
    )
    for (const { end } of streams) end()
    await vi.waitFor(async () => {
      clock.ms += 1_000
      expect(await metricsOf(app)).toContain('sluice_web_streams 1')
    })
    expect((await open()).response.status).toBe(200)
  })

  it('ends with the server, and refuses a topic that there is not', async () => {
    const { app, open } = await start()
    const { next } = await open({}, '?topics=flags,health')
    await next()
    expect((await open({}, '?topics=weather')).response.status).toBe(400)
    await app.close()
    expect(await next().catch(() => null)).toBeNull()
  })
})
