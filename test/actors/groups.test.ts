// The registration of groups, and what a predicate may answer.
import { describe, expect, it } from 'vitest'
import { FeatureGroup, type GroupPredicate, Groups } from '../../lib/actors/groups.js'
import { FeatureError, InvalidOperation } from '../../lib/errors.js'

const actor = { flipperId: 'User:1' }

function make() {
  const faults: [string, string][] = []
  const groups = new Groups((name, error) => faults.push([name, error instanceof Error ? error.message : `${error}`]))
  /** As untyped code may write it: the answer can be anything. */
  const register = (name: string, predicate: (actor: { flipperId: string }) => unknown) =>
    Reflect.apply(groups.register, groups, [name, predicate])
  return { groups, faults, register }
}

describe('groups', () => {
  it('hold the actors of which their predicate is true', () => {
    const { groups, register } = make()
    register('admins', ({ flipperId }) => flipperId === 'User:1')
    expect(groups.test('admins', actor)).toBe(true)
    expect(groups.test('admins', { flipperId: 'User:2' })).toBe(false)
  })

  it('hold no actor when they are not registered', () => {
    const { groups } = make()
    expect(groups.has('admins')).toBe(false)
    for (const name of ['admins', '__proto__', 'constructor', 'toString']) expect(groups.test(name, actor)).toBe(false)
  })

  it.each([
    [1, true],
    ['yes', true],
    [{}, true],
    [0, false],
    ['', false],
    [null, false],
    [undefined, false],
  ])('take the answer %j of a predicate as %s', (answer, expected) => {
    const { groups, faults, register } = make()
    register('some', () => answer)
    expect(groups.test('some', actor)).toBe(expected)
    expect(faults).toEqual([])
  })

  it('hold no actor when the predicate throws, and the log says so', () => {
    const { groups, faults, register } = make()
    register('broken', () => {
      throw new Error('no session')
    })
    expect(groups.test('broken', actor)).toBe(false)
    expect(faults).toEqual([['broken', 'no session']])
  })

  it('hold no actor when the predicate answers with a promise, even one that is rejected', async () => {
    const { groups, faults, register } = make()
    const rejected: unknown[] = []
    const onRejection = (reason: unknown) => rejected.push(reason)
    process.on('unhandledRejection', onRejection)
    register('async', async () => true)
    register('failing', async () => {
      throw new Error('too late')
    })
    expect(groups.test('async', actor)).toBe(false)
    expect(groups.test('failing', actor)).toBe(false)
    // Unhandled rejections are told after the microtasks, before the next turn of the event loop.
    await new Promise((resolve) => setImmediate(resolve))
    process.off('unhandledRejection', onRejection)
    expect(rejected).toEqual([])
    expect(faults.map(([name]) => name)).toEqual(['async', 'failing'])
    expect(faults[0]?.[1]).toMatch(/promise; a check cannot wait/)
  })

  it('hold no actor when the answer cannot be looked at', () => {
    const { groups, faults, register } = make()
    const { proxy, revoke } = Proxy.revocable({}, {})
    revoke()
    register('revoked', () => proxy)
    const has = () => {
      throw new Error('trapped')
    }
    register('trap', () => new Proxy({}, { has }))
    expect(groups.test('revoked', actor)).toBe(false)
    expect(groups.test('trap', actor)).toBe(false)
    expect(faults).toHaveLength(2)
  })

  it('are listed in the order of their names', () => {
    const { groups, register } = make()
    for (const name of ['b', 'a', 'C']) register(name, () => true)
    expect(groups.names()).toEqual(['C', 'a', 'b'])
  })

  it('cannot be registered twice under one name', () => {
    const { groups, register } = make()
    register('admins', () => true)
    expect(() => register('admins', () => false)).toThrow(InvalidOperation)
    expect(() => register('admins', () => false)).toThrow(/"admins" is registered already/)
    expect(groups.test('admins', actor)).toBe(true)
  })

  it.each([undefined, null, true, 'admins', {}])('are not registered with %j for a predicate', (predicate) => {
    const { groups } = make()
    expect(() => Reflect.apply(groups.register, groups, ['admins', predicate])).toThrow(
      expect.objectContaining({ code: 'invalid_arguments' }),
    )
    expect(groups.has('admins')).toBe(false)
  })

  it.each(['', 'a'.repeat(256), 'a\0', 'a\nb', '\u007f', '\u0085', '\ud800'])('cannot be called %j', (name) => {
    const predicate: GroupPredicate = () => true
    const { groups } = make()
    expect(() => new FeatureGroup(name)).toThrow(expect.objectContaining({ code: 'invalid_name' }))
    expect(() => new FeatureGroup(name)).toThrow(/^[^\p{Cc}]+$/u)
    expect(() => groups.register(name, predicate)).toThrow(FeatureError)
  })

  it.each([undefined, null, 5, Symbol('a'), Object.create(null)])('cannot be called %s by untyped code', (name) => {
    expect(() => Reflect.construct(FeatureGroup, [name])).toThrow(expect.objectContaining({ code: 'invalid_name' }))
  })

  it.each(['gitlab_team_members', 'Team A', '日本', '__proto__'])('can be called %s', (name) => {
    expect(new FeatureGroup(name).name).toBe(name)
  })
})
