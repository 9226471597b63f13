// Which values are actors.
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

describe('isActor', () => {
  it.each([
    ['an object with an id', { flipperId: 'User:1' }],
    ['an object with an empty id', { flipperId: '' }],
    ['an object with separators in its id', { flipperId: 'Experiment;a:b::c' }],
    ['an object with an id of a megabyte', { flipperId: 'a'.repeat(1_048_576) }],
    ['an object without a prototype', Object.assign(Object.create(null), { flipperId: 'User:1' })],
    ['an object that inherits its id', Object.create({ flipperId: 'User:1' })],
    ['an object with a getter', withGetter(() => 'User:1')],
    ['a frozen object', Object.freeze({ flipperId: 'User:1' })],
    ['a function with an id', Object.assign(() => {}, { flipperId: 'User:1' })],
    ['a proxy of an object with an id', new Proxy({ flipperId: 'User:1' }, {})],
  ])('takes %s for an actor', (_name, value) => {
    expect(isActor(value)).toBe(true)
  })

  it.each([
    ['undefined', undefined],
    ['null', null],
    ['an empty object', {}],
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
  ])('takes %s for no actor, and does not throw', (_name, value) => {
    expect(isActor(value)).toBe(false)
  })
})
