// What an instance keeps while it starts, stops and starts again with other options.
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { createFeature, type FeatureFlags, type FeatureOptions } from '../../lib/index.js'
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

describe('a flag that is asked for while nothing is started', () => {
  const warnings = () => logger.lines.filter(({ fields }) => 'code' in fields && fields.code === 'not_started')
  /** A database that nothing opens. */
  const databaseUrl = 'postgres://flags@127.0.0.1:1/flags'

  function make(options: FeatureOptions): FeatureFlags {
    return createFeature({ root: project.root, diskFile: false, logger, databaseUrl, ...options })
  }

  it.each(['production', 'staging', 'development', 'test'])('is said once in the environment %s', (env) => {
    const early = make({ env })
    for (let time = 0; time < 3; time += 1) {
      expect([early.enabled('a_flag'), early.decide('a_flag', user).reason]).toEqual([false, 'default'])
    }
    expect(early.all()).toEqual([])
    expect(warnings()).toEqual([
      {
        level: 'warn',
        fields: { code: 'not_started', flag: 'a_flag' },
        message:
          'feature flags: the flag "a_flag" was asked for, but start() was never called: answers come from the definitions alone, ' +
          'and nothing that is stored counts; await Feature.start() when the application starts',
      },
    ])
  })

  it.each<[string, (early: FeatureFlags) => unknown]>([
    ['get', (early) => early.get('a_flag')],
    ['all', (early) => early.all()],
    ['persisted', (early) => early.persisted('a_flag')],
    ['persistedNames', (early) => early.persistedNames()],
    ['optedOut', (early) => early.optedOut('a_flag', user)],
    ['disabled', (early) => early.disabled('a_flag')],
    ['enabled in a request', (early) => early.withRequest(() => early.enabled('a_flag', user))],
  ])('is said by %s too', (_name, ask) => {
    ask(make({ env: 'production' }))
    expect(warnings()).toHaveLength(1)
  })

  it('is said where production has no database', () => {
    const early = createFeature({ root: project.root, env: 'production', logger })
    early.enabled('a_flag')
    expect(warnings()).toHaveLength(1)
  })

  it.each<FeatureOptions>([{ env: 'test' }, { env: 'production', databaseUrl: 'memory' }])(
    'is not said of a store in memory, which was chosen on purpose: %j',
    (options) => {
      const early = createFeature({ root: project.root, logger, ...options })
      early.enabled('a_flag')
      expect(warnings()).toEqual([])
    },
  )

  it('says why: start() has not ended, it failed, or stop() was called', async () => {
    const said = () => warnings().map(({ message }) => message.replace(/^.*asked for, /, ''))
    const late = createFeature({ root: project.root, env: 'production', logger })
    const starting = late.start()
    late.enabled('a_flag')
    await expect(starting).rejects.toThrow()
    late.enabled('a_flag')
    expect(said()).toEqual([
      'but start() has not ended yet: answers come from the definitions alone, and nothing that is stored counts; ' +
        'await Feature.start() before the first check',
      'but start() has failed: answers come from the definitions alone, and nothing that is stored counts; ' +
        'see its error, and call it again',
    ])
    const stopped = make({ env: 'staging', pollIntervalMs: 60_000 })
    await stopped.start()
    stopped.enabled('a_flag')
    expect(said()).toHaveLength(2)
    await stopped.stop()
    for (let time = 0; time < 3; time += 1) stopped.enabled('a_flag')
    expect(said().slice(2)).toEqual([
      'but stop() was called: answers come from the last snapshot, and no change is heard of; ' +
        'call stop() after the last check, or start() again',
    ])
    await expect(stopped.enable('a_flag')).rejects.toThrow(
      'feature flags were stopped; call stop() after the last change, or await start() again',
    )
  })

  it('answers although the logger throws, or asks for a flag itself', () => {
    let early = make({ env: 'production' })
    logger.warn = () => {
      early.enabled('a_flag')
      throw new Error('disk full')
    }
    early = make({ env: 'production' })
    expect(early.enabled('a_flag')).toBe(false)
  })
})

describe('the log of an instance that is deployed', () => {
  const life = () =>
    logger.lines.filter(({ message }) => /^feature flags: (started|stopped)$/.test(message)).map(({ fields }) => fields)

  it('has one line at its start and one at its stop: source, flags, position', async () => {
    await feature.start()
    await feature.enable('a_flag')
    await feature.stop()
    await feature.stop()
    const position = (version: string) => ({ version, nonce: expect.any(String) })
    const common = { environment: 'production', source: 'memory' }
    const counts = { store: 'memory', degraded: false, flags: 1, defined: 1, stored: 0 }
    expect(life()).toEqual([
      { ...common, ...counts, position: position('0') },
      { ...common, position: position('1') },
    ])
  })

  it.each(['development', 'test'])('has neither in the environment %s', async (env) => {
    const local = createFeature({ root: project.root, env, databaseUrl: 'memory', diskFile: false, logger })
    await local.start()
    await local.stop()
    expect(life()).toEqual([])
  })

  it('does not keep it from starting or stopping where the logger throws', async () => {
    logger.info = () => {
      throw new Error('disk full')
    }
    await feature.start()
    await feature.stop()
    expect(feature.status().position).toMatchObject({ version: '0' })
  })
})
