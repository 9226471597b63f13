// The processes that serve the flags.
import { expect, it, onTestFinished } from 'vitest'
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

it('GET /api/web/processes shows each process, and which have the position', async () => {
  const [store, hub, logger] = [new MemoryStore(), new MemoryCacheHub(), recordingLogger()]
  const start = async (processName: string) => {
    const options = { root: makeProject(), env: 'test', databaseUrl: 'memory', diskFile: false as const, logger }
    const instance = createInstance(options, {
      author: 'code:test',
      source: 'http',
      watch: false,
      openStores: async ({ address }) => ({ store, cache: new MemoryCache({ hub, address, processName }) }),
    })
    await instance.feature.start()
    onTestFinished(() => instance.feature.stop())
    return instance
  }
  const [one, other] = [await start('web-1:7:a'), await start('web-2:8:b')]
  await one.feature.enable('my_flag')
  await other.feature.refresh()
  const { token } = await createToken(one.tokens, { name: 'ci', scopes: ['read'], expiresAt: null })
  const app = await buildApp({ instance: one, logger })
  onTestFinished(async () => {
    await app.close()
  })
  const { body } = await readAnswer(app, { url, headers: { 'private-token': token } })
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
