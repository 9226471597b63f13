// A change is committed before this process reads it back: what goes wrong with the reading must not make it look refused.
import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { FeatureGate } from '../../lib/actors/feature-gate.js'
import type { FeatureFlags } from '../../lib/feature/feature.js'
import { application, createInstance } from '../../lib/instance/create.js'
import { changeOf } from '../support/change.js'
import { FaultyStore } from '../support/faulty-store.js'
import { createProject, type TestProject } from '../support/project.js'
import { type RecordingLogger, recordingLogger } from '../support/recording-logger.js'

class User extends FeatureGate('User') {}

let project: TestProject
let store: FaultyStore
let logger: RecordingLogger
let feature: FeatureFlags

beforeEach(async () => {
  project = await createProject('a_flag')
  store = new FaultyStore()
  logger = recordingLogger()
  const options = { root: project.root, env: 'production', databaseUrl: 'memory', diskFile: false, logger } as const
  feature = createInstance(options, { ...application, openStores: async () => ({ store, cache: null }) }).feature
  await feature.start()
})
afterEach(async () => {
  vi.useRealTimers()
  store.release()
  await feature.stop()
  await project.close()
})

const warnings = () => logger.lines.filter(({ message }) => message.includes('could not be read back')).length

it('a read-back that hangs is waited for two seconds, and goes on after that', async () => {
  store.hold()
  const startedAt = performance.now()
  await feature.enable('a_flag')
  expect(performance.now() - startedAt).toBeGreaterThanOrEqual(1_990)
  expect([feature.enabled('a_flag'), warnings()]).toEqual([false, 1])
  store.release()
  await feature.refresh()
  expect(feature.enabled('a_flag')).toBe(true)
})

it('a flag of many actors has more time to be read back, so that its writer sees the write', async () => {
  const actors = Array.from({ length: 10_000 }, (_, id) => `User:${id}`)
  await store.apply(changeOf({ feature: 'a_flag', operation: { kind: 'add', gate: 'actors', values: actors } }))
  await feature.refresh()
  const user = new User(7)
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
  store.reads.length = 0
  store.hold()
  const written = feature.disable('a_flag', user)
  while (store.reads.length === 0) await new Promise((resume) => setImmediate(resume))
  await vi.advanceTimersByTimeAsync(2_150)
  expect(feature.enabled('a_flag', user)).toBe(true)
  store.release()
  await written
  expect([feature.enabled('a_flag', user), warnings()]).toEqual([false, 0])
})

it('a read-back that fails leaves the change stored, and a warning', async () => {
  store.down = true
  await feature.enable('a_flag')
  expect([feature.enabled('a_flag'), warnings()]).toEqual([false, 1])
  store.down = false
  await feature.refresh()
  expect(feature.enabled('a_flag')).toBe(true)
})
