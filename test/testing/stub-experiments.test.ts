// Pinned variants of experiments: in which test they are seen, and which are refused.
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { createFeature, type FeatureFlags } from '../../lib/index.js'
import { expectInvalidFlag, setUpFeatureFlags, stubExperiments, stubFeatureFlags } from '../../lib/testing/index.js'
import { createProject, type TestProject } from '../support/project.js'
import { asTest, makeGate } from './as-test.js'

let project: TestProject
let feature: FeatureFlags
const anna = { flipperId: 'User:1' }

beforeEach(async () => {
  project = await createProject('a_flag')
  await project.define('colours', { type: 'experiment' })
  feature = createFeature({ root: project.root, env: 'test', logger: false })
  await feature.start()
})
afterEach(async () => {
  setUpFeatureFlags({ defaults: 'definitions' })
  await feature.stop()
  await project.close()
})

const ask = async (options: object = {}) => {
  const { variant } = await feature.experiment('colours', { actor: anna, variants: ['red', 'blue'], ...options })
  return variant
}

describe('a pinned variant', () => {
  it('counts while the flag is off, tells each exposure, and is gone after the test', async () => {
    const told: string[] = []
    await asTest('one', async () => {
      stubExperiments({ colours: 'blue' })
      const onExposure = ({ variant }: { readonly variant: string }) => told.push(variant)
      expect([await ask({ onExposure }), await ask({ onExposure })]).toEqual(['blue', 'blue'])
      stubExperiments({ colours: 'red' })
      expect(await ask()).toBe('red')
      expect(await ask({ exclude: true })).toBe('control')
    })
    expect(told).toEqual(['blue', 'blue'])
    expect(await ask()).toBe('control')
  })

  it('is seen by its own test alone of two that run at once', async () => {
    const [first, second] = [makeGate(), makeGate()]
    const answers = await Promise.all([
      asTest('one', async () => {
        stubExperiments({ colours: 'red' })
        first.open()
        await second.pass()
        return ask()
      }),
      asTest('two', async () => {
        await first.pass()
        stubExperiments({ colours: 'blue' })
        second.open()
        return ask()
      }),
    ])
    expect(answers).toEqual(['red', 'blue'])
  })

  it('must be one that the code gives', async () => {
    await asTest('one', async () => {
      stubExperiments({ colours: 'green' })
      expect((await expectInvalidFlag(() => ask())).message).toContain('the pinned variant is "green"')
    })
  })

  it('need not be there: a flag that a stub or the setup file turns on lets everybody in', async () => {
    await asTest('one', async () => {
      stubFeatureFlags({ colours: anna })
      expect(['red', 'blue']).toContain(await ask())
    })
    setUpFeatureFlags({ defaults: 'on' })
    await asTest('two', async () => {
      expect(['red', 'blue']).toContain(await ask())
    })
  })

  it.each([
    ['an unknown experiment', { colour: 'red' }, 'unknown_flag'],
    ['a flag of another type', { a_flag: 'red' }, 'flag_type_mismatch'],
    ['a variant that is no name', { colours: 'red one' }, 'invalid_arguments'],
    ['a variant that is no text', { colours: true }, 'invalid_arguments'],
    ['a list', ['colours'], 'invalid_arguments'],
  ])('is refused: %s', async (_, stubs, code) => {
    await asTest('one', () => {
      expect(() => Reflect.apply(stubExperiments, undefined, [stubs])).toThrow(expect.objectContaining({ code }))
    })
  })

  it('is refused outside of a test', () => {
    expect(() => stubExperiments({ colours: 'red' })).toThrow(expect.objectContaining({ code: 'no_test_scope' }))
  })
})
