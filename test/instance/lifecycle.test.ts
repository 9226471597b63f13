// What an instance keeps while it starts, stops and starts again with other options.
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { createFeature, type FeatureFlags } from '../../lib/index.js'
import { createProject, type TestProject } from '../support/project.js'
import { type RecordingLogger, recordingLogger } from '../support/recording-logger.js'

const user = { flipperId: 'User:1' }

let project: TestProject
let feature: FeatureFlags
let logger: RecordingLogger
beforeEach(async () => {
  project = await createProject('a_flag')
  logger = recordingLogger()
  feature = createFeature({ root: project.root, env: 'production', databaseUrl: 'memory', diskFile: false, logger })
})
afterEach(async () => {
  await feature.stop()
  await project.close()
})

describe('an instance that starts', () => {
  it('keeps a listener and a group that are registered before its first start has ended', async () => {
    const seen: string[] = []
    const started = feature.start()
    feature.on('change', ({ name }) => seen.push(name))
    feature.registerGroup('staff', () => true)
    await started
    await feature.enable('a_flag', feature.group('staff'))
    expect([feature.enabled('a_flag', user), seen]).toEqual([true, ['a_flag']])
  })

  it('keeps a listener and a group over a restart', async () => {
    const seen: string[] = []
    await feature.start()
    feature.on('change', ({ name }) => seen.push(name))
    feature.registerGroup('staff', () => true)
    await feature.stop()
    await feature.start()
    await feature.enable('a_flag', feature.group('staff'))
    expect([feature.enabled('a_flag', user), seen]).toEqual([true, ['a_flag']])
  })

  it('reports a predicate that fails to the logger of its newest start', async () => {
    const second = recordingLogger()
    feature.registerGroup('failing', () => {
      throw new Error('no database here')
    })
    await feature.start()
    await feature.stop()
    await feature.start({ logger: second })
    await feature.enable('a_flag', feature.group('failing'))
    expect(feature.enabled('a_flag', user)).toBe(false)
    const failures = ({ lines }: RecordingLogger) => lines.filter(({ message }) => message.includes('no database here'))
    expect([failures(logger).length, failures(second).length]).toEqual([0, 1])
  })
})
