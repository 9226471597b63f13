// The entries of a snapshot, beside a map that holds the same.
import fc from 'fast-check'
import { expect, it } from 'vitest'
import { Entries } from '../../lib/replica/entries.js'

interface Named {
  readonly name: string
}

const entryOf = (name: string): Named => ({ name })

const change = fc.dictionary(fc.constantFrom('a', 'b', 'c', 'd', '__proto__'), fc.boolean(), { maxKeys: 3 })
const step = fc.oneof(change, fc.constant('compact' as const))
const names = ['a', 'b', 'c', 'd', '__proto__', 'toString']

it('entries after any changes hold what a map would hold, and leave what was before as it was', () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 30 }), (steps) => {
      let entries = new Entries(new Map([['a', entryOf('a')]]))
      let model = new Map([['a', entries.get('a')]])
      for (const one of steps) {
        if (one === 'compact') entries.compact()
        else {
          const changed = new Map(Object.entries(one).map(([name, there]) => [name, there ? entryOf(name) : null]))
          const [before, modelBefore] = [entries, new Map(model)]
          entries = entries.with(changed)
          model = new Map(model)
          for (const [name, entry] of changed) entry === null ? model.delete(name) : model.set(name, entry)
          expect(new Map([...before.values()].map((entry) => [entry.name, entry]))).toEqual(modelBefore)
        }
        expect([...entries.keys()].sort()).toEqual([...model.keys()].sort())
        for (const name of names) expect(entries.get(name)).toBe(model.get(name))
      }
    }),
  )
})

it('entries stay right beyond the number of changes that are kept apart', () => {
  let entries = new Entries<Named>(new Map())
  for (let number = 0; number < 1_000; number++) {
    const gone = number >= 500 ? [[`flag_${number - 500}`, null] as const] : []
    entries = entries.with(new Map<string, Named | null>([[`flag_${number}`, entryOf(`flag_${number}`)], ...gone]))
  }
  expect([...entries.keys()]).toHaveLength(500)
  expect(entries.get('flag_499')).toBeUndefined()
  expect(entries.get('flag_500')?.name).toBe('flag_500')
})

it('entries keep one whose name is empty', () => {
  const entries = new Entries(new Map(['', 'a'].map((name) => [name, entryOf(name)])))
  const next = entries.with(new Map([['c', entryOf('c')]]))
  next.compact()
  expect([next.get('')?.name, [...next.keys()]]).toEqual(['', ['', 'a', 'c']])
})
