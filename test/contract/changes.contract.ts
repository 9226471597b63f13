// How every store must apply a change: checks inside, all steps or none.
import { expect, it } from 'vitest'
import { InvalidOperation } from '../../lib/errors.js'
import type { Operation } from '../../lib/state/operations.js'
import type { Current, Step, Store } from '../../lib/store/store.js'
import { here, read, unique } from './changes.js'
import { changeOf } from '../support/change.js'

export function changeContract(the: () => Store): void {
  it('tells a check what is stored, and what it looked for', async () => {
    const feature = unique()
    const seen: Current[] = []
    const step = (operation: Operation): Step => ({
      feature,
      operation,
      lookup: ['User:1', 'User:2', 'nul\0'],
      check: (current) => {
        seen.push(current)
        return null
      },
    })
    const actors = ['User:1', 'User:3']
    await the().apply(changeOf(step({ kind: 'add', gate: 'actors', values: actors })))
    await the().apply(changeOf(step({ kind: 'set', gate: 'percentage_of_time', value: '5' })))
    await the().apply(changeOf(step({ kind: 'enable' })))
    await the().apply(changeOf(step({ kind: 'disable' })))
    const counts = { actorCount: 0, optOutCount: 0 }
    const empty = { persisted: true, boolean: null, percentageOfTime: null, ...counts, actors: new Set() }
    expect(seen).toEqual([
      { ...empty, persisted: false },
      { ...empty, actorCount: 2, actors: new Set(['User:1']) },
      { ...empty, percentageOfTime: '5', actorCount: 2, actors: new Set(['User:1']) },
      { ...empty, boolean: 'true' },
    ])
  })

  it('tells a check how many of the actor rows are opt-outs, those of earlier steps included', async () => {
    const feature = unique()
    const seen: (readonly [actors: number, optOuts: number])[] = []
    const add = (...values: readonly string[]): Step => ({
      feature,
      operation: { kind: 'add', gate: 'actors', values },
      check: ({ actorCount, optOutCount }) => {
        seen.push([actorCount, optOutCount])
        return null
      },
    })
    const look: Step = { ...add(), operation: { kind: 'add', gate: 'groups', values: ['x:opt_out'] } }
    await the().apply(
      changeOf(add('User:1', 'User:2:opt_out'), add('User:3:opt_out', 'User:4:opt-out', ':opt_out'), look),
    )
    await the().apply(changeOf(add('User:2:opt_out:x', 'a:optXout'), look))
    expect(seen).toEqual([
      [0, 0],
      [2, 1],
      [5, 3],
      [5, 3],
      [7, 3],
    ])
  })

  it('writes nothing of a change that one of its checks refuses, and throws the refusal', async () => {
    const [first, second] = [unique(), unique()]
    const before = await here(the())
    const refusal = new InvalidOperation('opted_out', { problem: 'refused', remedy: 'leave it' })
    const refused = changeOf(
      { feature: first, operation: { kind: 'enable' } },
      { feature: second, operation: { kind: 'enable' }, check: () => refusal },
    )
    await expect(the().apply(refused)).rejects.toBe(refusal)
    expect(await read(the(), first)).toBeUndefined()
    expect(await here(the())).toEqual(before)
  })

  it('writes nothing when a check itself fails, and goes on afterwards', async () => {
    const feature = unique()
    const check = () => {
      throw new RangeError('a fault in the check')
    }
    await expect(the().apply(changeOf({ feature, operation: { kind: 'enable' }, check }))).rejects.toThrow(RangeError)
    expect(await read(the(), feature)).toBeUndefined()
    expect((await the().apply(changeOf({ feature, operation: { kind: 'enable' } }))).changed).toBe(true)
  })

  it('does the steps of one feature in the order given', async () => {
    const feature = unique()
    const add: Operation = { kind: 'add', gate: 'groups', values: ['staff'] }
    await the().apply(
      changeOf(
        { feature, operation: { kind: 'enable' } },
        { feature, operation: { kind: 'disable' } },
        { feature, operation: add },
      ),
    )
    expect((await read(the(), feature))?.gates).toEqual(new Map([['groups', ['staff']]]))
  })

  it('loses none of the changes that 16 writers make at once, for a reader that follows the positions', async () => {
    const start = await here(the())
    const features = Array.from({ length: 16 }, unique)
    const writes = features.map((feature, index) => {
      const others = features.filter((_, other) => (other + index) % 5 === 0)
      const steps = [feature, ...others].map(
        (one): Step => ({
          feature: one,
          operation: { kind: 'add', gate: 'actors', values: [`User:${index}`] },
        }),
      )
      return the().apply(changeOf(...steps))
    })
    let applied = 0
    for (const write of writes)
      write.then(
        () => applied++,
        () => applied++,
      )
    const seen = new Set<string>()
    let mine = start
    do {
      await Promise.race(writes)
      const { delta } = await the().readSince(mine)
      for (const step of delta?.via ?? []) seen.add(step.version)
      mine = delta?.position ?? mine
    } while (applied < writes.length || (await here(the())).version !== mine.version)
    const positions = (await Promise.all(writes)).map((result) => result.position?.version ?? '')
    expect(new Set(positions).size).toBe(16)
    expect(positions.filter((version) => !seen.has(version))).toEqual([])
  })
}
