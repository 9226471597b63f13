// The processes that serve the flags.
import { describe, expect, it, onTestFinished, vi } from 'vitest'
import { MemoryCache } from '../../../../lib/cache/memory/cache.js'
import { MemoryCacheHub } from '../../../../lib/cache/memory/hub.js'
import { createInstance } from '../../../../lib/instance/create.js'
import { buildApp } from '../../../../lib/server/app.js'
import { MemoryStore } from '../../../../lib/store/memory/store.js'
import { createToken } from '../../../../lib/tokens/tokens.js'
import { recordingLogger } from '../../../support/recording-logger.js'
import { makeProject, readAnswer, startApp } from '../../support.js'

const url = '/api/web/processes'

it('GET /api/web/processes is null where processes share no Redis', async () => {
  const { call } = await startApp()
  const { status, body } = await call('GET', url)
  expect([status, body]).toEqual([200, { position: expect.stringMatching(/^1-/), processes: null }])
})

/** Two processes that share a store and what stands for Redis. */
async function startTwo() {
  const [store, hub, logger] = [new MemoryStore(), new MemoryCacheHub(), recordingLogger()]
  const caches: MemoryCache[] = []
  const start = async (processName: string) => {
    const options = { root: makeProject(), env: 'test', databaseUrl: 'memory', diskFile: false as const, logger }
    const instance = createInstance(options, {
      author: 'code:test',
      source: 'http',
      watch: false,
      openStores: async ({ address }) => {
        const cache = new MemoryCache({ hub, address, processName })
        caches.push(cache)
        return { store, cache }
      },
    })
    await instance.feature.start()
    onTestFinished(() => instance.feature.stop())
    return instance
  }
  const [one, other] = [await start('web-1:7:a'), await start('web-2:8:b')]
  const { token } = await createToken(one.tokens, { name: 'ci', scopes: ['write'], expiresAt: null })
  const app = await buildApp({ instance: one, logger })
  onTestFinished(async () => {
    await app.close()
  })
  return { one, other, app, caches, headers: { 'private-token': token } }
}

it('GET /api/web/processes shows each process, and which have the position', async () => {
  const { one, other, app, headers } = await startTwo()
  await one.feature.enable('my_flag')
  await other.feature.refresh()
  const { body } = await readAnswer(app, { url, headers })
  const { position } = body as { position: string }
  const process = { version: null, position, age_ms: expect.any(Number) }
  expect(body).toEqual({
    position: expect.stringMatching(/^1-/),
    processes: [
      { id: 'web-1:7:a', host: 'web-1', ...process },
      { id: 'web-2:8:b', host: 'web-2', ...process },
    ],
  })
})

describe('a change that waits for the processes', () => {
  const changes = '/api/v4/features/my_flag/changes'
  const operations = (percent: number) => [{ op: 'percentage_of_actors', value: percent }]

  it('tells how many have it', async () => {
    const { app, headers } = await startTwo()
    const change = async (payload: object) => {
      const { status, body } = await readAnswer(app, { method: 'POST', url: changes, headers, payload })
      return [status, body]
    }
    expect(await change({ operations: operations(25), wait: true })).toEqual([
      200,
      expect.objectContaining({ processes: { live: 2, confirmed: 2, lagging: [] } }),
    ])
    expect(await change({ operations: operations(30) })).toEqual([
      200,
      expect.not.objectContaining({ processes: expect.anything() }),
    ])
  })

  it('is made all the same, and tells which do not have it', async () => {
    const { app, headers, caches } = await startTwo()
    for (const cache of caches) {
      vi.spyOn(cache, 'waitForAll').mockResolvedValue({ confirmed: 0, lagging: ['web-2:8:b'] })
    }
    const payload = { operations: operations(25), wait: true }
    const { status, body } = await readAnswer(app, { method: 'POST', url: changes, headers, payload })
    expect([status, body]).toEqual([
      200,
      expect.objectContaining({
        change: expect.objectContaining({ id: expect.any(String) }),
        processes: { live: 2, confirmed: 1, lagging: ['web-2:8:b'] },
      }),
    ])
  })

  it('knows of none without Redis', async () => {
    const { call } = await startApp()
    const { status, body } = await call('POST', changes, { payload: { operations: operations(25), wait: true } })
    expect([status, body]).toEqual([200, expect.objectContaining({ processes: null })])
  })
})
