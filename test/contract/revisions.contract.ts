// How every store tells the revision of a flag, and refuses a change that was made for another one.
import fc from 'fast-check'
import { expect, it } from 'vitest'
import { InvalidOperation } from '../../lib/errors.js'
import { digestOf } from '../../lib/state/digest.js'
import { contentDigest, type Revision, revisionOf } from '../../lib/state/revision.js'
import { gatesOf, type RowChange, rowsAfter, rowsBetween, storedFeature } from '../../lib/state/rows-after.js'
import type { Applied, Change, Current, Step, Store } from '../../lib/store/store.js'
import type { Operation } from '../../lib/state/operations.js'
import { changeOf } from '../support/change.js'
import { read, unique } from './changes.js'
import { operations, sequences } from './operations.js'
import { runs } from './runs.js'

const nextOperations = fc.array(operations, { minLength: 1, maxLength: 3 })

export function revisionContract(the: () => Store): void {
  const now = (feature: string) => the().readFeature(feature)
  const apply = (expected: Revision, ...steps: readonly [Step, ...Step[]]): Promise<Applied> =>
    the().apply({ ...changeOf(...steps), expect: new Map([[steps[0].feature, expected]]) })

  it('ends with the rows that rowsAfter computes from the rows before', async () => {
    const property = fc.asyncProperty(sequences, nextOperations, async (sequence, next) => {
      const feature = unique()
      for (const [, operation] of sequence) await the().apply(changeOf({ feature, operation }))
      const before = await now(feature)
      const change = changeOf(...next.map((operation): Step => ({ feature, operation })))
      const { changed } = await the().apply(change)
      const stored = before.stored === null ? null : gatesOf(before.stored)
      const gates = rowsAfter(stored, next)
      const after = await now(feature)
      expect(after.stored).toEqual(gates === null ? null : storedFeature(feature, gates))
      // The history has the difference, and nothing of what the steps did in between.
      const rows = rowsBetween(stored, gates)
      const recorded = await the().history({ changeId: change.id, limit: 1_000 })
      const told = (all: readonly RowChange[]) =>
        all.map(({ gate, value, operation }) => JSON.stringify([gate, value, operation])).sort()
      expect(told(recorded)).toEqual(told(rows))
      expect([changed, after.newest]).toEqual(rows.length > 0 ? [true, after.position] : [false, before.newest])
    })
    await fc.assert(property, { numRuns: runs(the(), 5, 25) })
  })

  it('makes no change of steps that cancel each other out, and says so to who sends them with an id and for a revision', async () => {
    const feature = unique()
    const add: Operation = { kind: 'add', gate: 'actors', values: ['User:1', 'User:2'] }
    const drop: Operation = { kind: 'drop', gate: 'actors', values: ['User:2', 'User:1'] }
    const set = (value: string): Operation => ({ kind: 'set', gate: 'percentage_of_actors', value })
    const inTurn = (...all: readonly Operation[]) => ({
      ...changeOf(...all.map((operation): Step => ({ feature, operation }))),
      mayRepeat: true,
    })
    const never = await now(feature)
    expect(await the().apply(inTurn({ kind: 'enable' }, { kind: 'remove' }))).toEqual({
      changed: false,
      position: null,
    })
    expect(await now(feature)).toEqual(never)
    // Of a flag that was not stored, its own row is left.
    expect((await the().apply(inTurn(add, drop))).changed).toBe(true)
    expect((await the().history({ feature, limit: 10 })).map(({ gate }) => gate)).toEqual([null])
    await the().apply(inTurn(set('25')))
    const before = await now(feature)
    const expected = { expect: new Map([[feature, revisionOf(before)]]) }
    for (const list of [
      [add, drop],
      [set('50'), set('25')],
      [{ kind: 'disable' } as const, set('25')],
    ]) {
      expect(await the().apply({ ...inTurn(...list), ...expected })).toEqual({ changed: false, position: null })
    }
    expect(await now(feature)).toEqual(before)
    const refusal = new InvalidOperation('already_enabled', { problem: 'it is on', remedy: 'leave it' })
    const seen: Current[] = []
    const check = (current: Current) => {
      seen.push(current)
      return refusal
    }
    const steps = [
      { feature, operation: add },
      { feature, operation: drop, lookup: ['User:1', 'User:3'], check },
    ] as const
    await expect(the().apply(changeOf(...steps))).rejects.toBe(refusal)
    expect(seen).toMatchObject([{ persisted: true, actorCount: 2, actors: new Set(['User:1']) }])
  })

  it('reads one flag with the newest row of its history, as everything is read', async () => {
    const [feature, other] = [unique(), unique()]
    const nothing = await now(feature)
    expect(nothing).toEqual({ position: (await the().head(null)).position, stored: null, newest: null })
    expect(revisionOf(nothing)).toEqual({ version: '0', nonce: '00000000', content: 'e3b0c442' })
    const first = await the().apply(changeOf({ feature, operation: { kind: 'disable' } }))
    const bare = await now(feature)
    expect(bare).toMatchObject({ stored: await read(the(), feature), newest: first.position })
    expect(contentDigest(bare.stored)).toBe(await digestOf(bare.stored === null ? [] : [bare.stored]))
    const actors = ['User:1', 'ä', '\u{1f600}', 'User:1:opt_out']
    const second = await the().apply(changeOf({ feature, operation: { kind: 'add', gate: 'actors', values: actors } }))
    const last = await the().apply(changeOf({ feature: other, operation: { kind: 'enable' } }))
    const listed = await now(feature)
    expect(listed).toEqual({ position: last.position, stored: await read(the(), feature), newest: second.position })
    expect(contentDigest(listed.stored)).toBe(await digestOf(listed.stored === null ? [] : [listed.stored]))
  })

  it('applies a change that was made for the revision that the flag has, stored or not', async () => {
    const feature = unique()
    const steps: readonly Step[] = [
      { feature, operation: { kind: 'set', gate: 'percentage_of_actors', value: '25' } },
      { feature, operation: { kind: 'disable' } },
      { feature, operation: { kind: 'disable' } },
      { feature, operation: { kind: 'remove' } },
      { feature, operation: { kind: 'remove' } },
    ]
    const changed: boolean[] = []
    for (const step of steps) changed.push((await apply(revisionOf(await now(feature)), step)).changed)
    expect(changed).toEqual([true, true, false, true, false])
  })

  it('refuses a change that was made for another revision, also where it would write nothing, and writes nothing of it', async () => {
    const [feature, second] = [unique(), unique()]
    const before = revisionOf(await now(feature))
    await the().apply(changeOf({ feature, operation: { kind: 'enable' } }))
    const enabled = await now(feature)
    await the().apply(changeOf({ feature, operation: { kind: 'disable' } }))
    await the().apply(changeOf({ feature, operation: { kind: 'enable' } }))
    const again = await now(feature)
    expect(again.stored).toEqual(enabled.stored)
    const wrong: readonly Revision[] = [
      before,
      revisionOf(enabled),
      { ...revisionOf(again), nonce: '00000000' },
      { ...revisionOf(again), content: '00000000' },
    ]
    for (const revision of wrong) {
      for (const kind of ['enable', 'disable', 'remove'] as const) {
        const other: Step = { feature: second, operation: { kind: 'enable' } }
        await expect(apply(revision, { feature, operation: { kind } }, other)).rejects.toMatchObject({
          code: 'flag_changed',
        })
      }
    }
    expect(await now(feature)).toEqual(again)
    expect((await now(second)).stored).toBeNull()
  })

  it('compares with the rows before the first step of a flag, not with what the change itself has written', async () => {
    const feature = unique()
    const expected = revisionOf(await now(feature))
    const { changed } = await apply(
      expected,
      { feature, operation: { kind: 'enable' } },
      { feature, operation: { kind: 'disable' } },
      { feature, operation: { kind: 'set', gate: 'percentage_of_time', value: '5' } },
    )
    expect(changed).toBe(true)
  })

  it('makes a change once that is sent again under its id, also on condition, twice at once, and where it would be refused by now', async () => {
    const feature = unique()
    const step: Step = { feature, operation: { kind: 'set', gate: 'percentage_of_actors', value: '25' } }
    const sent = { ...changeOf(step), mayRepeat: true, expect: new Map([[feature, revisionOf(await now(feature))]]) }
    const [first, second] = await Promise.all([the().apply(sent), the().apply(sent)])
    const made = first.repeated === true ? second.position : first.position
    expect([first.repeated, second.repeated].filter((one) => one === true)).toHaveLength(1)
    await the().apply(changeOf({ feature, operation: { kind: 'enable' } }))
    const enabled = await now(feature)
    const refusal = new InvalidOperation('already_enabled', { problem: 'it is on', remedy: 'leave it' })
    const { expect: _, ...unconditional } = sent
    for (const again of [sent, unconditional, { ...sent, steps: [{ ...step, check: () => refusal }] }]) {
      expect(await the().apply(again)).toEqual({ changed: true, position: made, repeated: true })
    }
    expect(await now(feature)).toEqual(enabled)
    const nothing = { ...changeOf({ feature, operation: { kind: 'enable' } }), mayRepeat: true }
    expect(await the().apply(nothing)).toEqual({ changed: false, position: null })
  })

  it('refuses the id of a change of another flag, and writes nothing', async () => {
    const [feature, other] = [unique(), unique()]
    const made = changeOf({ feature, operation: { kind: 'enable' } })
    await the().apply(made)
    const stranger = { ...made, mayRepeat: true, steps: [{ ...made.steps[0], feature: other }] } as Change
    await expect(the().apply(stranger)).rejects.toMatchObject({ code: 'invalid_arguments' })
    expect((await now(other)).stored).toBeNull()
  })

  it('gives the history of one change, and of one author', async () => {
    const [one, other] = [unique(), unique()]
    const author = `author of ${one}`
    const made = {
      ...changeOf(...[one, other].map((feature): Step => ({ feature, operation: { kind: 'disable' } }))),
      author,
    }
    await the().apply(made)
    await the().apply(changeOf({ feature: one, operation: { kind: 'enable' } }))
    const ofChange = await the().history({ changeId: made.id, limit: 10 })
    expect(ofChange.map(({ feature }) => feature).sort()).toEqual([one, other].sort())
    expect(await the().history({ author, limit: 10 })).toEqual(ofChange)
    expect(await the().history({ author, feature: one, limit: 10 })).toHaveLength(1)
    expect(await the().history({ changeId: 'of no change', limit: 10 })).toEqual([])
  })
}
