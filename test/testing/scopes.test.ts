// Which test's flags are in force where: in tests that run at once, in code that belongs to none, in what a test has left behind.
import { AsyncLocalStorage } from 'node:async_hooks'
import { once } from 'node:events'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { createFeature, type FeatureFlags } from '../../lib/index.js'
import { ScopeSlot } from '../../lib/feature/scope/scope.js'
import { ownScope, scopeInForce } from '../../lib/feature/scope/scopes.js'
import { expectInvalidFlag, stubFeatureFlags, withFeatureFlags } from '../../lib/testing/index.js'
import { createProject, type TestProject } from '../support/project.js'
import { asTest, type Gate, makeGate } from './as-test.js'

let project: TestProject
let feature: FeatureFlags
beforeEach(async () => {
  project = await createProject('a_flag', 'b_flag')
  feature = createFeature({ root: project.root, env: 'test', logger: false })
})
afterEach(() => project.close())

/** A test that stubs a flag, and then waits inside. */
function waiting(name: string, a_flag: boolean, gate: Gate): Promise<void> {
  return asTest(name, async () => {
    stubFeatureFlags({ a_flag })
    await gate.pass()
    expect(feature.enabled('a_flag')).toBe(a_flag)
  })
}

describe('code outside of every test', () => {
  it('has the stubs of the only test that runs, those of the call inside of it first, and none before and after', async () => {
    const [outer, inner] = [makeGate(), makeGate()]
    const test = asTest('one', async () => {
      stubFeatureFlags({ a_flag: true })
      await outer.pass()
      await withFeatureFlags({ a_flag: false, b_flag: true }, () => inner.pass())
    })
    await outer.ready
    const ask = () => [feature.enabled('a_flag'), feature.enabled('b_flag')]
    expect(ask()).toEqual([true, false])
    outer.open()
    await inner.ready
    expect(ask()).toEqual([false, true])
    inner.open()
    await test
    expect(ask()).toEqual([false, false])
  })

  it('is answered while two tests want the same of the flag', async () => {
    const gates = [makeGate(), makeGate()]
    const tests = gates.map((gate, index) => waiting(`test ${index}`, true, gate))
    await Promise.all(gates.map(({ ready }) => ready))
    expect(feature.enabled('a_flag')).toBe(true)
    expect(feature.persistedNames()).toEqual(['a_flag'])
    expect(feature.decide('b_flag').value).toBe(false)
    for (const { open } of gates) open()
    await Promise.all(tests)
  })

  it.each([
    ['a check', () => feature.enabled('a_flag'), 'the flag "a_flag"'],
    ['a decision', () => feature.decide('a_flag'), 'the flag "a_flag"'],
    ['a list', () => feature.persistedNames(), 'the list of flags'],
  ])('gets an error at %s where two tests disagree, which names both and fails both', async (_name, ask, what) => {
    const gates = [makeGate(), makeGate()]
    const tests = gates.map((gate, index) => waiting(`test ${index}`, index === 0, gate))
    await Promise.all(gates.map(({ ready }) => ready))
    const message =
      `${what} was asked for by code that belongs to no test, while the test "test 0" and the test "test 1" were running, ` +
      'which want different answers; let these tests run one after the other, or let each have a server of its own'
    expect(ask).toThrow(expect.objectContaining({ code: 'tests_disagree', message }))
    for (const { open } of gates) open()
    for (const test of tests) await expect(test).rejects.toMatchObject({ code: 'tests_disagree', message })
  })
})

describe('what a test has left behind', () => {
  it('keeps its flags while no test runs, and has those of the one that does', async () => {
    const [left, next] = [makeGate(), makeGate()]
    const [answers] = await asTest('one', () => {
      stubFeatureFlags({ a_flag: true })
      return [left.pass().then(() => feature.enabled('a_flag'))]
    })
    left.open()
    expect(await answers).toBe(true)

    const again = makeGate()
    const [late] = await asTest('two', () => {
      stubFeatureFlags({ a_flag: true })
      return [again.pass().then(() => feature.enabled('a_flag'))]
    })
    const third = waiting('three', false, next)
    await next.ready
    again.open()
    expect(await late).toBe(false)
    next.open()
    await third
  })
})

describe('an invalid use that the code of a test catches', () => {
  const swallow = () => {
    try {
      feature.enabled('no_flag')
    } catch {
      // As code under test does.
    }
  }

  it('fails the test, with its name, the use and what to do where it is expected', async () => {
    const error = await asTest('one', swallow).catch((thrown: unknown) => thrown)
    expect(error).toMatchObject({
      code: 'unknown_flag',
      message: expect.stringMatching(
        /^the test "one" used a feature flag in an invalid way, and the error was caught: flag "no_flag" has no definition; .* calls expectInvalidFlag\(\(\) => …\) of sluice\/testing in place of toThrow\(\)$/,
      ),
      stack: expect.stringContaining('scopes.test.ts'),
    })
  })

  it('fails it where the code belongs to no test, and no other test runs', async () => {
    const gate = makeGate()
    const test = asTest('one', () => gate.pass())
    await gate.ready
    swallow()
    gate.open()
    await expect(test).rejects.toThrow('the test "one" used')
  })

  it('is told once where the test lets the error through, also as the cause of another', async () => {
    const invalid = asTest('one', () => feature.enabled('no_flag'))
    await expect(invalid).rejects.toThrow(/^flag "no_flag" has no definition/)
    const wrapped = asTest('two', () => {
      try {
        feature.enabled('no_flag')
      } catch (cause) {
        throw new Error('wrapped', { cause })
      }
    })
    await expect(wrapped).rejects.toThrow('wrapped')
  })

  it('is none where it is expected', async () => {
    await asTest('one', async () => {
      expectInvalidFlag(() => feature.enabled('no_flag'))
      await expectInvalidFlag(async () => feature.enabled('no_flag'))
    })
  })

  it('of several, names them all', async () => {
    const twice = asTest('one', () => withFeatureFlags({ a_flag: true }, () => [swallow(), swallow()]))
    await expect(twice).rejects.toMatchObject({ errors: [{ code: 'unknown_flag' }, { code: 'unknown_flag' }] })
  })

  it.each([
    [
      'after its end',
      async (gate: Gate) => {
        await asTest('one', () => void gate.pass().then(swallow))
        gate.open()
      },
      'the test "one" had ended, and its code used a feature flag in an invalid way: flag "no_flag"',
    ],
    [
      'while two tests run',
      async (gate: Gate) => {
        const tests = [asTest('one', () => gate.pass()), asTest('two', () => gate.pass())]
        await gate.ready
        swallow()
        gate.open()
        await Promise.all(tests)
      },
      'the test "one" or the test "two" used a feature flag in an invalid way: flag "no_flag"',
    ],
  ])('is thrown past every catch %s', async (_name, act, message) => {
    const others = process.listeners('uncaughtException')
    process.removeAllListeners('uncaughtException')
    try {
      const uncaught = once(process, 'uncaughtException')
      await act(makeGate())
      expect(await uncaught).toContainEqual(expect.objectContaining({ message: expect.stringContaining(message) }))
    } finally {
      for (const other of others) process.on('uncaughtException', other)
    }
  })
})

describe('a slot', () => {
  it('keeps a value for each scope, and reads that of the nearest one', async () => {
    const slot = new ScopeSlot<{ readonly variant: string }>()
    const here = () => {
      const scope = ownScope()
      if (scope === null) throw new Error('no scope')
      return scope
    }
    await asTest('one', () => {
      expect(slot.get(here())).toBeUndefined()
      slot.set(here(), { variant: 'control' })
      withFeatureFlags({}, () => {
        expect(slot.get(here())).toEqual({ variant: 'control' })
        slot.set(here(), { variant: 'candidate' })
        expect(slot.get(here())).toEqual({ variant: 'candidate' })
      })
      expect(slot.get(here())).toEqual({ variant: 'control' })
    })
  })
})

describe('a check', () => {
  const contextReads = (check: () => void): number => {
    const read = vi.spyOn(AsyncLocalStorage.prototype, 'getStore')
    try {
      check()
      return read.mock.calls.length
    } finally {
      read.mockRestore()
    }
  }

  it('looks at its context only while several tests run, and has its own answer in each of them', async () => {
    const gate = makeGate()
    const reads = (a_flag: boolean) => contextReads(() => expect(feature.enabled('a_flag')).toBe(a_flag))
    await asTest('one', async () => {
      stubFeatureFlags({ a_flag: true })
      expect(reads(true)).toBe(0)
      const other = waiting('two', false, gate)
      await gate.ready
      expect(reads(true)).toBeGreaterThan(0)
      gate.open()
      await other
      expect(reads(true)).toBe(0)
      withFeatureFlags({ a_flag: false }, () => expect(reads(false)).toBeGreaterThan(0))
    })
  })
})

describe('a process without a test', () => {
  it('makes no AsyncLocalStorage for checks', async () => {
    vi.resetModules()
    const { createFeature: create } = await import('../../lib/index.js')
    const { asyncContext } = await import('../../lib/feature/request-scope.js')
    const scopes = await import('../../lib/feature/scope/scopes.js')
    const fresh = create({ root: project.root, env: 'test', logger: false })
    await fresh.start()
    const read = vi.spyOn(AsyncLocalStorage.prototype, 'getStore')
    expect(fresh.enabled('a_flag')).toBe(false)
    expect(fresh.decide('a_flag').value).toBe(false)
    expect(fresh.persistedNames()).toEqual([])
    expect(read).not.toHaveBeenCalled()
    read.mockRestore()
    expect([asyncContext.used, scopes.hasScopes()]).toEqual([false, false])
    expect(scopes.scopeInForce('anything', () => false)).toBeNull()
    await fresh.stop()
  })

  it('has no scope in force', () => {
    expect(scopeInForce('anything', () => false)).toBeNull()
  })
})

it('200 tests at once, each with stubs of its own, have their own answers in all of 20 checks', async () => {
  const actors = Array.from({ length: 200 }, (_, index) => ({ flipperId: `User:${index}` }))
  const answers = await Promise.all(
    actors.map((actor, index) =>
      asTest(`test ${index}`, async () => {
        stubFeatureFlags({ a_flag: index % 2 === 0, b_flag: actor })
        let right = 0
        for (let check = 0; check < 20; check++) {
          await new Promise((resolve) => setImmediate(resolve))
          const other = actors[(index + 1 + check) % actors.length]
          right += Number(
            feature.enabled('a_flag') === (index % 2 === 0) &&
              feature.enabled('b_flag', actor) &&
              !feature.enabled('b_flag', other),
          )
        }
        return right
      }),
    ),
  )
  expect(answers).toEqual(actors.map(() => 20))
})
