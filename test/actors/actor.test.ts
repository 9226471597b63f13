import { describe, expect, it } from 'vitest'
import { isActor } from '../../lib/actors/actor.js'

function withGetter(get: () => unknown): object {
  return Object.defineProperty({}, 'flipperId', { get })
}

function revoked(): object {
  const { proxy, revoke } = Proxy.revocable({ flipperId: 'User:1' }, {})
  revoke()
  return proxy
}

describe('what is an actor', () => {
  it.each([
    ['an object with an id', { flipperId: 'User:1' }],
    ['one with an empty id', { flipperId: '' }],
    ['one with separators in its id', { flipperId: 'Experiment;a:b::c' }],
    ['one with an id of a megabyte', { flipperId: 'a'.repeat(1_048_576) }],
    ['one without a prototype', Object.assign(Object.create(null), { flipperId: 'User:1' })],
    ['one that inherits its id', Object.create({ flipperId: 'User:1' })],
    ['one with a getter', withGetter(() => 'User:1')],
    ['a frozen one', Object.freeze({ flipperId: 'User:1' })],
    ['a function with an id', Object.assign(() => {}, { flipperId: 'User:1' })],
    ['a proxy of one', new Proxy({ flipperId: 'User:1' }, {})],
  ])('%s is', (_name, value) => {
    expect(isActor(value)).toBe(true)
  })

  it.each([
    ['undefined', undefined],
    ['null', null],
    ['nothing', {}],
    ['a text', 'User:1'],
    ['a number', 5],
    ['a bigint', 5n],
    ['a symbol', Symbol('User:1')],
    ['a list', [{ flipperId: 'User:1' }]],
    ['a promise of an actor', Promise.resolve({ flipperId: 'User:1' })],
    ['an object whose id is null', { flipperId: null }],
    ['an object whose id is a number', { flipperId: 5 }],
    ['an object whose id is a text object', { flipperId: Object('User:1') }],
    ['an object whose id is a method', { flipperId: () => 'User:1' }],
    [
      'an object whose getter throws',
      withGetter(() => {
        throw new Error('not saved')
      }),
    ],
    ['a revoked proxy', revoked()],
    [
      'a proxy that throws',
      new Proxy(
        {},
        {
          get() {
            throw new Error('trapped')
          },
        },
      ),
    ],
  ])('%s is none, and asking does not throw', (_name, value) => {
    expect(isActor(value)).toBe(false)
  })
})
