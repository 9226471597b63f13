import fc from 'fast-check'
import { expect, it } from 'vitest'
import { Flag } from '../../lib/replica/flag.js'
import { Flags, nobodysFlag } from '../../lib/replica/flags.js'
import { definitionsSnapshot, redefinedSnapshot, wholeSnapshot } from '../../lib/replica/snapshot.js'
import { definition } from './definition.js'

const flagOf = (name: string) => new Flag(name, null, { key: name, gates: new Map() })

const change = fc.dictionary(fc.constantFrom('a', 'b', 'c', 'd', '__proto__'), fc.boolean(), { maxKeys: 3 })
const step = fc.oneof(change, fc.constantFrom('settle', 'remember'))
const names = ['a', 'b', 'c', 'd', '__proto__', 'toString']

it('after any changes hold what a map would hold, and leave what was before as it was', () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 30 }), (steps) => {
      let flags = new Flags(new Map([['a', flagOf('a')]]))
      let model = new Map([['a', flags.get('a')]])
      for (const one of steps) {
        if (one === 'settle') flags.settle()
        else if (typeof one === 'string') for (const name of names) flags.remember(name)
        else {
          const changed = new Map(Object.entries(one).map(([name, there]) => [name, there ? flagOf(name) : null]))
          const [before, modelBefore] = [flags, new Map(model)]
          flags = flags.with(changed)
          model = new Map(model)
          for (const [name, flag] of changed) flag === null ? model.delete(name) : model.set(name, flag)
          expect(new Map([...before.values()].map((flag) => [flag.name, flag]))).toEqual(modelBefore)
        }
        expect([...flags.keys()].sort()).toEqual([...model.keys()].sort())
        for (const name of names) {
          expect(flags.get(name)).toBe(model.get(name))
          const found = flags.find(name)
          expect(found === nobodysFlag ? undefined : found).toBe(model.get(name))
        }
      }
    }),
  )
})

it('stay right beyond the number of changes that are kept apart', () => {
  let flags = new Flags(new Map())
  for (let number = 0; number < 1_000; number++) {
    const gone = number >= 500 ? [[`flag_${number - 500}`, null] as const] : []
    flags = flags.with(new Map<string, Flag | null>([[`flag_${number}`, flagOf(`flag_${number}`)], ...gone]))
  }
  expect([...flags.keys()]).toHaveLength(500)
  expect(flags.get('flag_499')).toBeUndefined()
  expect(flags.get('flag_500')?.name).toBe('flag_500')
})

it('keep a flag without a name apart from those that nobody has', () => {
  const flags = new Flags(new Map(['', 'a'].map((name) => [name, flagOf(name)])))
  flags.remember('b')
  const next = flags.with(new Map([['c', flagOf('c')]]))
  next.settle()
  expect([next.get('')?.name, [...next.keys()]]).toEqual(['', ['', 'a', 'c']])
})

it('find a name that was remembered as nobody’s at once, until somebody has it', () => {
  const before = new Flags(new Map([['a', flagOf('a')]]))
  before.remember('a')
  before.remember('b')
  expect([before.find('a'), before.find('b')]).toEqual([before.get('a'), nobodysFlag])
  const after = before.with(new Map([['b', flagOf('b')]]))
  before.remember('c')
  const later = after.with(new Map([['c', flagOf('c')]]))
  before.remember('c')
  expect([later.find('c')?.name, after.find('c'), before.find('c')]).toEqual(['c', nobodysFlag, nobodysFlag])
  after.settle()
  expect([after.find('b')?.name, before.find('b')]).toEqual(['b', nobodysFlag])
  expect([...before.keys()]).toEqual(['a'])
})

it('forget what was remembered in every snapshot that is made anew', () => {
  const before = definitionsSnapshot(new Map())
  for (const name of ['defined', 'stored']) before.flags.remember(name)
  const redefined = redefinedSnapshot(before, new Map([['defined', definition('defined', true)]]))
  expect([redefined.flags.find('defined')?.quick, redefined.flags.find('stored')]).toEqual([true, undefined])
  const features = [{ key: 'stored', gates: new Map() }]
  const state = { features, position: null, identity: null, inRecovery: false }
  const whole = wholeSnapshot(before, state, new Map(), 'postgres', () => {})
  expect([whole.flags.find('stored')?.name, whole.flags.find('defined')]).toEqual(['stored', undefined])
})
