// Stubs of flags: what they stand for, in which test they are seen, and which are refused.
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { createFeature, type FeatureFlags, FeatureGate } from '../../lib/index.js'
import {
  bothStates,
  setUpFeatureFlags,
  stubFeatureFlagGate,
  stubFeatureFlags,
  withFeatureFlags,
} from '../../lib/testing/index.js'
import { createProject, type TestProject } from '../support/project.js'
import { asTest, makeGate } from './as-test.js'

let project: TestProject
let feature: FeatureFlags
const anna = { flipperId: 'User:1' }
const ben = { flipperId: 'User:2' }
const carl = { flipperId: 'User:3' }
class Project extends FeatureGate('Project') {}

beforeEach(async () => {
  project = await createProject('a_flag', 'b_flag')
  await project.define('read_only', { type: 'ops' })
  await project.define('for_projects', { actor: 'project' })
  feature = createFeature({ root: project.root, env: 'test', logger: false })
  await feature.start()
})
afterEach(async () => {
  setUpFeatureFlags({ defaults: 'definitions' })
  await feature.stop()
  await project.close()
})

describe('a stub', () => {
  it.each([
    ['true', true, [true, true]],
    ['false', false, [false, false]],
    ['an actor', anna, [true, false]],
    ['actors', [anna, ben], [true, true]],
    ['no actors', [], [false, false]],
  ] as const)('of %s stands for all that is stored of the flag', async (_name, stub, answers) => {
    await feature.enable('a_flag', carl)
    await feature.enablePercentageOfActors('a_flag', 100)
    await asTest('one', () => {
      stubFeatureFlags({ a_flag: stub })
      expect([anna, ben].map((actor) => feature.enabled('a_flag', actor))).toEqual(answers)
      expect(feature.enabled('a_flag', carl)).toBe(stub === true)
      expect(feature.disabled('a_flag', anna)).toBe(!answers[0])
      expect(feature.decide('a_flag', anna).value).toBe(answers[0])
    })
    expect(feature.enabled('a_flag', carl)).toBe(true)
  })

  it('is seen in what is told of the flag, and a flag that is on by default is stored for that reason no more than before', async () => {
    setUpFeatureFlags({ defaults: 'on' })
    await asTest('one', () => {
      stubFeatureFlags({ a_flag: anna })
      expect(feature.get('a_flag')).toMatchObject({ state: 'conditional' })
      expect(feature.persistedNames()).toEqual(['a_flag'])
      expect(feature.decide('b_flag')).toEqual({ value: true, reason: 'default' })
      expect(feature.get('b_flag')).toMatchObject({ state: 'off', definition: { defaultEnabled: false } })
    })
    expect(feature.persistedNames()).toEqual([])
  })

  it('is replaced by the next one of the flag, and leaves others alone', async () => {
    await asTest('one', () => {
      stubFeatureFlags({ a_flag: true, b_flag: true })
      stubFeatureFlags({ a_flag: anna })
      expect([feature.enabled('a_flag'), feature.enabled('b_flag')]).toEqual([false, true])
    })
  })

  it('counts in a request that began before it, and in the request of another instance', async () => {
    const other = createFeature({ root: project.root, env: 'production', databaseUrl: 'memory', logger: false })
    await asTest('one', () =>
      feature.withRequest(() => {
        stubFeatureFlags({ a_flag: true })
        expect(feature.enabled('a_flag')).toBe(true)
        expect(other.withRequest(() => other.enabled('a_flag'))).toBe(true)
      }),
    )
  })

  it.each([
    ['another type', () => feature.enabled('read_only'), 'flag_type_mismatch'],
    ['no definition', () => feature.enabled('no_flag'), 'unknown_flag'],
    ['an actor of another kind', () => feature.enabled('for_projects', anna), 'actor_kind_mismatch'],
    ['a value that is no actor', () => Reflect.apply(feature.enabled, feature, ['a_flag', 'anna']), 'invalid_actor'],
  ])('lets a check with %s fail as ever', async (_name, check, code) => {
    const test = asTest('one', () => {
      stubFeatureFlags({ a_flag: true, read_only: true, for_projects: new Project(5) })
      check()
    })
    await expect(test).rejects.toMatchObject({ code })
  })
})

describe('without a stub', () => {
  it('every defined flag is on after the setup file of a runner, whatever its type, unless something is stored of it', async () => {
    setUpFeatureFlags({ defaults: 'on' })
    await feature.enable('b_flag', anna)
    await asTest('one', () => {
      expect(feature.enabled('a_flag', ben)).toBe(true)
      expect(feature.enabled('read_only', { type: 'ops' })).toBe(true)
      expect([feature.enabled('b_flag', anna), feature.enabled('b_flag', ben)]).toEqual([true, false])
    })
    expect(feature.enabled('a_flag')).toBe(false)
  })

  it('a flag that the test changes in the store has what is stored', async () => {
    setUpFeatureFlags({ defaults: 'on' })
    await asTest('one', async () => {
      await feature.disable('a_flag')
      expect(feature.enabled('a_flag')).toBe(false)
    })
  })

  it('flags answer by their definitions where the tests say so, and without a setup file', async () => {
    await asTest('one', () => expect(feature.enabled('a_flag')).toBe(false))
    const wrong = () => Reflect.apply(setUpFeatureFlags, null, [{ defaults: 'off' }])
    expect(wrong).toThrow(/given the defaults "off"; give \{ defaults: 'on' \}/)
  })
})

describe('withFeatureFlags', () => {
  it('needs no test, and ends with what it runs', async () => {
    expect(withFeatureFlags({ a_flag: true }, () => feature.enabled('a_flag'))).toBe(true)
    const later = withFeatureFlags({ a_flag: true }, async () => {
      await null
      return feature.enabled('a_flag')
    })
    expect(await later).toBe(true)
    await expect(withFeatureFlags({ a_flag: true }, () => Promise.reject(new Error('no')))).rejects.toThrow('no')
    const failing = () => {
      throw new Error('no')
    }
    expect(() => withFeatureFlags({ a_flag: true }, failing)).toThrow('no')
    expect(feature.enabled('a_flag')).toBe(false)
  })

  it('inside another, and inside a test, has their stubs beside its own', async () => {
    await asTest('one', async () => {
      stubFeatureFlags({ a_flag: anna })
      await withFeatureFlags({ b_flag: true }, async () => {
        stubFeatureFlags({ read_only: true })
        withFeatureFlags({ b_flag: false }, () => expect(feature.enabled('b_flag')).toBe(false))
        expect([feature.enabled('a_flag', anna), feature.enabled('b_flag')]).toEqual([true, true])
        expect(feature.enabled('read_only', { type: 'ops' })).toBe(true)
      })
      expect([feature.enabled('a_flag', anna), feature.enabled('b_flag')]).toEqual([true, false])
      expect(feature.enabled('read_only', { type: 'ops' })).toBe(false)
    })
  })
})

describe('what is awaited and is no promise of its own, such as a request of Fastify', () => {
  /** Asks when it is awaited, and answers later. */
  const request = () => {
    const answer = async () => {
      await new Promise(setImmediate)
      return feature.enabled('a_flag')
    }
    // biome-ignore lint/suspicious/noThenProperty: that is what is tested
    return { then: (...both: Parameters<Promise<boolean>['then']>) => answer().then(...both) }
  }

  it('has the stubs of withFeatureFlags and of bothStates to its end, and an error of it is told', async () => {
    expect(await withFeatureFlags({ a_flag: true }, request)).toBe(true)
    expect(feature.enabled('a_flag')).toBe(false)
    const answers: boolean[] = []
    await bothStates('a_flag', () => request().then((answer) => answers.push(answer)))
    expect(answers).toEqual([true, false])
    // biome-ignore lint/suspicious/noThenProperty: as above
    const failing = { then: (_: unknown, fail: (error: Error) => void) => fail(new Error('away')) }
    await expect(bothStates('a_flag', () => failing)).rejects.toThrow('with the flag "a_flag" on: away')
  })

  it('belongs to the test that gives it to its runner', async () => {
    const [one, two] = await Promise.all(
      [true, false].map((a_flag) =>
        asTest(String(a_flag), () => {
          stubFeatureFlags({ a_flag })
          return request()
        }),
      ),
    )
    expect([one, two]).toEqual([true, false])
  })
})

describe('bothStates', () => {
  it('runs with the flag on, then off, also where each takes time', async () => {
    const seen: unknown[] = []
    const look = (isOn: boolean) => seen.push([isOn, feature.enabled('a_flag')])
    bothStates('a_flag', look)
    await bothStates('a_flag', async (isOn) => {
      await null
      look(isOn)
    })
    expect(seen).toEqual([
      [true, true],
      [false, false],
      [true, true],
      [false, false],
    ])
  })

  it('says in which state it failed, in the error that was thrown', async () => {
    const error = new TypeError('no')
    const failing = (isOn: boolean) => {
      if (!isOn) throw error
    }
    expect(() => bothStates('a_flag', failing)).toThrow(error)
    expect(error.message).toBe('with the flag "a_flag" off: no')
    expect(error.stack).toContain('with the flag "a_flag" off: no')
    const late = bothStates('a_flag', async () => Promise.reject(new Error('late')))
    await expect(late).rejects.toThrow('with the flag "a_flag" on: late')
  })
})

describe('stubFeatureFlagGate', () => {
  it('makes another actor at each call, with an id of its class', () => {
    const [one, other] = [stubFeatureFlagGate('Project'), stubFeatureFlagGate('Project')]
    expect([one.flipperId, other.flipperId]).toEqual([
      expect.stringMatching(/^Project:\d+$/),
      expect.stringMatching(/^Project:\d+$/),
    ])
    expect(one.flipperId).not.toBe(other.flipperId)
    withFeatureFlags({ for_projects: one }, () => {
      expect([one, other].map((actor) => feature.enabled('for_projects', actor))).toEqual([true, false])
    })
    expect(stubFeatureFlagGate('Customer;{id}').flipperId).toMatch(/^Customer;\d+$/)
  })

  it('writes the id as the configuration says', async () => {
    const shop = createFeature({ root: project.root, env: 'test', actors: { Customer: { id: 'Customer;{id}' } } })
    shop.status()
    expect(stubFeatureFlagGate('Customer').flipperId).toMatch(/^Customer;\d+$/)
    expect(stubFeatureFlagGate('customer').flipperId).toMatch(/^Customer;\d+$/)
  })
})

describe('a stub is refused', () => {
  const promise = Promise.resolve(anna)
  it.each([
    ['an unknown flag', { no_flag: true }, 'unknown_flag', /stubFeatureFlags: flag "no_flag" has no definition/],
    ['a flag with a slip', { a_flg: true }, 'unknown_flag', /did you mean "a_flag"/],
    [
      'a hash',
      { a_flag: { users: true } },
      'invalid_actor',
      /the stub of "a_flag" is an object without a flipperId \(its keys: "users"\)/,
    ],
    ['a promise', { a_flag: promise }, 'invalid_actor', /the stub of "a_flag" is a Promise; await it first/],
    ['a list with a hash', { a_flag: [anna, {}] }, 'invalid_actor', /an object without a flipperId;/],
    ['a text', { a_flag: 'User:1' }, 'invalid_actor', /is "User:1"; give true, false, an actor/],
    ['nothing', { a_flag: undefined }, 'invalid_actor', /is "undefined"/],
    ['an actor without an id', { a_flag: new Project() }, 'invalid_actor', /this Project has no id yet/],
    [
      'an actor of the wrong kind',
      { for_projects: anna },
      'actor_kind_mismatch',
      /"User:1" was given as the actor, but .*for_projects.yml says "actor: project"/,
    ],
  ])('for %s', async (_name, stubs, code, message) => {
    const test = asTest('one', () => Reflect.apply(stubFeatureFlags, null, [stubs]))
    await expect(test).rejects.toMatchObject({ code, message: expect.stringMatching(message) })
    expect(() => Reflect.apply(withFeatureFlags, null, [stubs, () => {}])).toThrow()
  })

  it.each([[true], [null], [[]], ['a_flag'], [promise]])('that is no object of stubs: %j', async (stubs) => {
    const test = asTest('one', () => Reflect.apply(stubFeatureFlags, null, [stubs]))
    await expect(test).rejects.toMatchObject({ code: 'invalid_arguments' })
  })

  it('with all stubs of the call, where one is wrong', async () => {
    await asTest('one', () => {
      expect(() => Reflect.apply(stubFeatureFlags, null, [{ a_flag: true, b_flag: 5 }])).toThrow(
        /the stub of "b_flag" is "5"/,
      )
      expect(feature.enabled('a_flag')).toBe(false)
    })
  })

  it('outside of a test, naming the setup files', () => {
    expect(() => stubFeatureFlags({ a_flag: true })).toThrow(
      /called outside of a test; .*sluice\/testing\/vitest.*withFeatureFlags/,
    )
  })

  it('in work that a test has left behind', async () => {
    const gate = makeGate()
    const left = await asTest('one', () => [gate.pass().then(() => stubFeatureFlags({ a_flag: true }))])
    gate.open()
    await expect(left[0]).rejects.toThrow(/by code of a test that has ended; await in the test/)
  })
})
