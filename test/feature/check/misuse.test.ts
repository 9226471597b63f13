// Reports and errors of invalid use.
import { afterEach, beforeEach, describe, expect, it, onTestFinished } from 'vitest'
import { InvalidFeatureFlagError } from '../../../lib/errors.js'
import { Misuse } from '../../../lib/feature/check/misuse.js'
import { createFeature, type FeatureFlags } from '../../../lib/index.js'
import { expectInvalidFlag } from '../../../lib/testing/index.js'
import { createProject, type TestProject } from '../../support/project.js'
import { recordingLogger } from '../../support/recording-logger.js'
import { settle } from '../../support/manual-clock.js'

/** Collects what would end the process, in place of the test runner. */
function uncaught(): unknown[] {
  const errors: unknown[] = []
  const runners = process.listeners('uncaughtException')
  process.removeAllListeners('uncaughtException')
  process.on('uncaughtException', (error) => errors.push(error))
  onTestFinished(() => {
    process.removeAllListeners('uncaughtException')
    for (const runner of runners) process.on('uncaughtException', runner)
  })
  return errors
}

describe('a report', () => {
  it('is logged once for each code and flag', () => {
    const logger = recordingLogger()
    const misuse = new Misuse(logger, false)
    for (let time = 0; time < 3; time++) {
      misuse.once('unknown_flag', 'a_flag', () => 'first')
      misuse.once('unknown_flag', 'b_flag', () => 'second')
      misuse.once('recursion', 'a_flag', () => 'third')
    }
    expect(logger.lines).toEqual([
      { level: 'error', fields: { code: 'unknown_flag', flag: 'a_flag' }, message: 'first' },
      { level: 'error', fields: { code: 'unknown_flag', flag: 'b_flag' }, message: 'second' },
      { level: 'error', fields: { code: 'recursion', flag: 'a_flag' }, message: 'third' },
    ])
  })

  it('is worded only when it is logged', () => {
    const misuse = new Misuse(recordingLogger(), false)
    let worded = 0
    for (let time = 0; time < 3; time++) misuse.once('recursion', 'a_flag', () => `${worded++}`)
    expect(worded).toBe(1)
  })

  it('never throws, whatever the logger, the wording or the name does', () => {
    const failing = {
      ...recordingLogger(),
      error: () => {
        throw new Error('disk full')
      },
    }
    const broken = new Misuse(failing, false)
    expect(() => broken.once('recursion', 'a_flag', () => 'text')).not.toThrow()
    const misuse = new Misuse(recordingLogger(), false)
    const wording = () => {
      throw new Error('no words')
    }
    expect(() => misuse.once('recursion', 'a_flag', wording)).not.toThrow()
    const names: unknown[] = [Symbol('x'), Object.create(null), undefined]
    for (const name of names)
      expect(() => Reflect.apply(misuse.once, misuse, ['recursion', name, () => 'text'])).not.toThrow()
  })

  it('is not repeated where the logger itself causes one', () => {
    let lines = 0
    const asking = {
      ...recordingLogger(),
      error: () => {
        lines++
        misuse.once('recursion', 'a_flag', () => 'again')
      },
    }
    const misuse = new Misuse(asking, false)
    misuse.once('recursion', 'a_flag', () => 'text')
    expect(lines).toBe(1)
  })

  it('is made for 10,000 different flags at most', () => {
    const logger = recordingLogger()
    const misuse = new Misuse(logger, false)
    for (let index = 0; index < 10_100; index++) misuse.once('invalid_actor', `flag_${index}`, () => 'text')
    expect(logger.lines).toHaveLength(10_000)
  })

  it('of a very long name is kept by its beginning', () => {
    const logger = recordingLogger()
    const misuse = new Misuse(logger, false)
    misuse.once('unknown_flag', `${'x'.repeat(300)}1`, () => 'one')
    misuse.once('unknown_flag', `${'x'.repeat(300)}2`, () => 'two')
    expect(logger.lines).toHaveLength(1)
  })
})

describe('invalid use', () => {
  let project: TestProject
  let feature: FeatureFlags
  beforeEach(async () => {
    project = await createProject('a_flag')
    feature = createFeature({ root: project.root, env: 'test', databaseUrl: 'memory', logger: recordingLogger() })
    await feature.start()
  })
  afterEach(async () => {
    await feature.stop()
    await project.close()
  })

  it('is thrown in tests, and thrown again where no catch of the code under test can hide it', async () => {
    const errors = uncaught()
    let caught: unknown
    try {
      feature.enabled('unknown_one')
    } catch (error) {
      caught = error
    }
    await settle()
    expect(caught).toBeInstanceOf(InvalidFeatureFlagError)
    expect(errors).toEqual([caught])
  })

  it('is thrown outside of tests, and not a second time', async () => {
    const errors = uncaught()
    const misuse = new Misuse(recordingLogger(), false)
    const error = new InvalidFeatureFlagError('unknown_flag', { problem: 'no such flag', remedy: 'define it' })
    expect(() => misuse.throw(error)).toThrow(error)
    await settle()
    expect(errors).toEqual([])
  })

  it('can be expected in a test, and is returned then', async () => {
    const errors = uncaught()
    const error = expectInvalidFlag(() => feature.enabled('unknown_one'))
    expect(error).toMatchObject({ code: 'unknown_flag', message: expect.stringContaining('"unknown_one"') })
    await settle()
    expect(errors).toEqual([])
  })

  it('can be expected of asynchronous code, after it has waited too', async () => {
    const errors = uncaught()
    const error = await expectInvalidFlag(async () => {
      await settle()
      return feature.enabled('a_flag', { type: 'ops' })
    })
    expect(error.code).toBe('flag_type_mismatch')
    await settle()
    expect(errors).toEqual([])
  })

  it('is expected inside of the call only, and counts before, beside and after it', async () => {
    const errors = uncaught()
    let leave = (): void => {}
    const waiting = new Promise<void>((resolve) => {
      leave = resolve
    })
    const expected = expectInvalidFlag(async () => {
      await waiting
      feature.enabled('inside')
    })
    expect(() => feature.enabled('beside')).toThrow(InvalidFeatureFlagError)
    leave()
    await expected
    expect(() => feature.enabled('after')).toThrow(InvalidFeatureFlagError)
    await settle()
    expect(errors.map(String)).toEqual([expect.stringContaining('"beside"'), expect.stringContaining('"after"')])
  })

  it('that is expected and does not come is an error, and so is another error', async () => {
    expect(() => expectInvalidFlag(() => feature.enabled('a_flag'))).toThrow('but nothing was thrown')
    await expect(expectInvalidFlag(async () => feature.enabled('a_flag'))).rejects.toThrow('but nothing was thrown')
    const other = new TypeError('something else')
    const throwOther = () => {
      throw other
    }
    expect(() => expectInvalidFlag(throwOther)).toThrow(expect.objectContaining({ cause: other }))
    await expect(expectInvalidFlag(async () => throwOther())).rejects.toMatchObject({ cause: other })
  })
})
