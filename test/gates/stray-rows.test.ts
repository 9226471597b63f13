// Rows that Flipper does not write and other programs may.
import { describe, expect, it } from 'vitest'
import { compileGates } from '../../lib/gates/compile.js'
import { decide, decisions } from '../../lib/gates/decide.js'
import { gateState, gateValues } from '../../lib/gates/flag-state.js'

const scope = { random: () => 0, inGroup: () => true }
const compile = (rows: Record<string, readonly string[]>) => compileGates('some_feature', new Map(Object.entries(rows)))

describe('rows that Flipper does not write', () => {
  it.each(['boolean', 'percentage_of_actors', 'percentage_of_time'])(
    'mean the same in whatever order two of %s come',
    (gate) => {
      const values = ['40', '5', 'true', '60.5']
      const one = compile({ [gate]: values })
      const other = compile({ [gate]: values.toReversed() })
      expect(other).toEqual(one)
    },
  )

  it('never open the gate of another version, and leave the other gates alone', () => {
    const gates = compile({ expression: ['{"Equal":[1,1]}'], percentage_of_moons: ['100'], Boolean: ['true'] })
    expect(gates.kind).toBe('off')
    expect(gateState(gates)).toBe('off')
    expect(gateValues(gates)).toEqual([{ key: 'boolean', value: false }])
    expect(decide(gates, 'User:1', { flipperId: 'User:1' }, scope)).toBe(decisions.closed)
  })

  it.each([
    ['no rows at all', {}],
    ['a value that was NULL', { boolean: [''], percentage_of_actors: [''], percentage_of_time: [''] }],
    ['text for a number', { percentage_of_actors: ['abc'], percentage_of_time: ['0x10'] }],
    ['numbers below 0', { percentage_of_actors: ['-5'], percentage_of_time: ['-0.5'] }],
    ['other words for true', { boolean: ['TRUE'] }],
    ['lists without a value', { actors: [], groups: [] }],
  ])('keep the flag closed for everybody: %s', (_name, rows) => {
    const gates = compile(rows)
    expect(gates.kind).toBe('off')
    expect(gateState(gates)).toBe('off')
    expect(decide(gates, 'User:1', { flipperId: 'User:1' }, scope)).toBe(decisions.closed)
  })

  it('open for everybody with over 100 % of time, and are conditional as Flipper says', () => {
    const gates = compile({ percentage_of_time: ['150'] })
    expect(decide(gates, null, null, { ...scope, random: () => 1 - Number.EPSILON })).toBe(decisions.percentageOfTime)
    expect(gateState(gates)).toBe('conditional')
    expect(gateState(compile({ percentage_of_time: ['100.0'] }))).toBe('on')
  })

  it('open for every actor with over 100 % of actors, and never for a check without one', () => {
    const gates = compile({ percentage_of_actors: ['150'] })
    expect(decide(gates, '', { flipperId: '' }, scope)).toBe(decisions.percentageOfActors)
    expect(decide(gates, null, null, scope)).toBe(decisions.closed)
    expect(gateState(gates)).toBe('conditional')
  })

  it('compile and answer with 100,000 actors and their opt-outs', () => {
    const ids = Array.from({ length: 100_000 }, (_, index) => `User:${index}`)
    const gates = compile({ actors: [...ids, ...ids.filter((id) => id.endsWith('7')).map((id) => `${id}:opt_out`)] })
    expect(decide(gates, 'User:99998', { flipperId: 'User:99998' }, scope)).toBe(decisions.actor)
    expect(decide(gates, 'User:99997', { flipperId: 'User:99997' }, scope)).toBe(decisions.optOut)
    expect(decide(gates, 'User:100000', { flipperId: 'User:100000' }, scope)).toBe(decisions.closed)
  })

  it.each(['__proto__', 'constructor', 'toString', 'hasOwnProperty'])(
    'take the id and group %s for ordinary text',
    (name) => {
      const gates = compile({ actors: ['User:1'], groups: ['staff'] })
      const nobody = { ...scope, inGroup: () => false }
      expect(decide(gates, name, { flipperId: name }, nobody)).toBe(decisions.closed)
      expect(decide(compile({ actors: [name] }), name, { flipperId: name }, nobody)).toBe(decisions.actor)
    },
  )
})
