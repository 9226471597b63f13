// What every store must do with the variants that actors of experiments have.
import { createHash } from 'node:crypto'
import { expect, it } from 'vitest'
import type { Assignment, Store } from '../../lib/store/store.js'
import { changeOf } from '../support/change.js'
import { unique } from './changes.js'

export function assignmentContract(the: () => Store): void {
  const actor = (name: string) => createHash('sha256').update(name).digest('hex').slice(0, 32)
  const stored = async () => {
    const feature = unique()
    await the().apply(changeOf({ feature, operation: { kind: 'enable' } }))
    return feature
  }
  const sorted = (assignments: readonly Assignment[]) =>
    [...assignments].sort((a, b) => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1))

  it('keeps the first variant of an actor, and gives the kept one to the second', async () => {
    const experiment = await stored()
    const [ann, bob] = [actor(`ann ${experiment}`), actor(`bob ${experiment}`)]
    const first = { actor: ann, experiment, variant: 'candidate' }
    expect(await the().assignments.keep([first])).toEqual([first])
    const second = [
      { actor: ann, experiment, variant: 'control' },
      { actor: bob, experiment, variant: 'control' },
    ]
    const kept = [first, { actor: bob, experiment, variant: 'control' }]
    expect(sorted(await the().assignments.keep(second))).toEqual(sorted(kept))
    expect(sorted(await the().assignments.find([bob, ann]))).toEqual(sorted(kept))
  })

  it('finds all experiments of an actor, and nothing of another actor', async () => {
    const [one, two] = [await stored(), await stored()]
    const ann = actor(`ann ${one}`)
    const both = [
      { actor: ann, experiment: one, variant: 'candidate' },
      { actor: ann, experiment: two, variant: 'blue' },
    ]
    await the().assignments.keep(both)
    expect(sorted(await the().assignments.find([ann]))).toEqual(sorted(both))
    expect(await the().assignments.find([actor(`bob ${one}`)])).toEqual([])
    expect(await the().assignments.find([])).toEqual([])
  })

  it('keeps nothing of a flag that is not stored', async () => {
    const experiment = unique()
    expect(await the().assignments.keep([{ actor: actor('ann'), experiment, variant: 'control' }])).toEqual([])
    expect([...(await the().assignments.count(experiment))]).toEqual([])
  })

  it('counts the actors of each variant, and deletes them in slices', async () => {
    const [experiment, other] = [await stored(), await stored()]
    const many = Array.from({ length: 7 }, (_, index) => ({
      actor: actor(`${index} ${experiment}`),
      experiment,
      variant: index < 5 ? 'candidate' : 'control',
    }))
    await the().assignments.keep([...many, { actor: actor('ann'), experiment: other, variant: 'candidate' }])
    expect(Object.fromEntries(await the().assignments.count(experiment))).toEqual({ candidate: 5, control: 2 })
    expect(await the().assignments.remove(experiment, 4)).toBe(4)
    expect(await the().assignments.remove(experiment, 4)).toBe(3)
    expect(await the().assignments.remove(experiment, 4)).toBe(0)
    expect(Object.fromEntries(await the().assignments.count(other))).toEqual({ candidate: 1 })
  })

  it('gives the same variant to all of several that keep the same actors at once', async () => {
    const experiment = await stored()
    const actors = Array.from({ length: 50 }, (_, index) => actor(`${index} ${experiment}`))
    const given = ['red', 'green', 'blue'].map((variant, turn) =>
      (turn === 1 ? [...actors].reverse() : actors).map((one) => ({ actor: one, experiment, variant })),
    )
    const kept = await Promise.all(given.map((one) => the().assignments.keep(one)))
    const found = sorted(await the().assignments.find(actors))
    expect(found).toHaveLength(50)
    for (const one of kept) expect(sorted(one)).toEqual(found)
  })
}
