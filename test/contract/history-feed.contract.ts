// What every store must tell those who follow its history.
import { expect, it } from 'vitest'
import type { Store } from '../../lib/store/store.js'
import { changeOf } from '../support/change.js'
import { here, unique } from './changes.js'

const most = { changes: 10, features: 2, rows: 3 }
const ids = (count: number) => Array.from({ length: count }, (_, index) => `User:${index + 1}`)

export function historyFeedContract(the: () => Store): void {
  it('tells the changes since a position, oldest first, each with the rows of its features', async () => {
    const base = unique()
    const [one, other] = [`${base}a`, `${base}b`]
    await the().apply(changeOf({ feature: one, operation: { kind: 'enable' } }))
    const from = await here(the())
    const named = { author: 'ann', source: 'cli', reason: 'why not' }
    const change = {
      ...changeOf({ feature: one, operation: { kind: 'disable' } }, { feature: other, operation: { kind: 'enable' } }),
      ...named,
    }
    const first = await the().apply(change)
    const second = await the().apply(
      changeOf({ feature: other, operation: { kind: 'set', gate: 'percentage_of_actors', value: '25' } }),
    )
    const { position, changes, newest } = await the().feed.changesSince(from, most)
    expect(position).toEqual(second.position)
    expect(changes).toMatchObject([
      { ...named, position: first.position, changeId: change.id },
      { author: 'tester', source: 'code', reason: null, position: second.position },
    ])
    const told = changes?.map(({ features }) =>
      features?.map(({ feature, rows, hidden }) => [
        feature,
        rows.map(({ operation, gate, value }) => [operation, gate, value]),
        hidden,
      ]),
    )
    const nothing = { added: 0, removed: 0 }
    expect(told).toEqual([
      [
        [one, [['removed', 'boolean', 'true']], nothing],
        [
          other,
          [
            ['added', null, null],
            ['added', 'boolean', 'true'],
          ],
          nothing,
        ],
      ],
      [[other, [['added', 'percentage_of_actors', '25']], nothing]],
    ])
    expect(Object.fromEntries(newest.map(({ feature, author }) => [feature, author]))).toEqual({
      [one]: 'ann',
      [other]: 'tester',
    })
    expect(newest.every(({ at }) => at instanceof Date)).toBe(true)
  })

  it('tells a few rows of a long list and how many more there are, and of a change of many features its origin alone', async () => {
    const [feature, from] = [unique(), await here(the())]
    await the().apply(changeOf({ feature, operation: { kind: 'add', gate: 'actors', values: ids(8) } }))
    await the().apply(changeOf({ feature, operation: { kind: 'drop', gate: 'actors', values: ids(5) } }))
    const features = [unique(), unique(), unique()]
    await the().apply(changeOf(...features.map((name) => ({ feature: name, operation: { kind: 'enable' as const } }))))
    const { changes, newest } = await the().feed.changesSince(from, most)
    expect(changes?.map((change) => change.features?.map(({ rows, hidden }) => [rows.length, hidden]) ?? null)).toEqual(
      [[[4, { added: 5, removed: 0 }]], [[3, { added: 0, removed: 2 }]], null],
    )
    expect(newest.map((one) => one.feature).sort()).toEqual([feature, ...features].sort())
  })

  it('tells nothing new at the newest position, and no changes since a position that it does not know, or that is too old', async () => {
    const now = await here(the())
    expect(await the().feed.changesSince(now, most)).toEqual({ position: now, changes: [], newest: [] })
    const foreign = { version: now.version, nonce: '00000000-0000-4000-8000-000000000000' }
    for (const from of [foreign, { version: '999999999999', nonce: now.nonce }, { version: 'x', nonce: 'y' }]) {
      expect(await the().feed.changesSince(from, most)).toEqual({ position: now, changes: null, newest: [] })
    }
    const feature = unique()
    for (let count = 0; count < 3; count++) {
      await the().apply(changeOf({ feature, operation: { kind: 'add', gate: 'actors', values: [`User:${count}`] } }))
    }
    expect((await the().feed.changesSince(now, { ...most, changes: 3 })).changes).toHaveLength(3)
    expect(await the().feed.changesSince(now, { ...most, changes: 2 })).toMatchObject({ changes: null, newest: [] })
  })

  it('tells the position some changes ago, or the oldest that it knows', async () => {
    const feature = unique()
    for (let count = 0; count < 4; count++) {
      await the().apply(changeOf({ feature, operation: { kind: 'add', gate: 'actors', values: [`User:${count}`] } }))
    }
    const before = async (changes: number) => {
      const from = await the().feed.positionBefore(changes)
      return from === null ? null : (await the().feed.changesSince(from, { ...most, changes: 100_000 })).changes?.length
    }
    expect([await before(0), await before(3)]).toEqual([0, 3])
    expect(await before(100_000)).toBeGreaterThanOrEqual(3)
  })

  it('tells who changed each feature last, of deleted ones too', async () => {
    const [kept, deleted] = [unique(), unique()]
    for (const feature of [kept, deleted]) {
      await the().apply({ ...changeOf({ feature, operation: { kind: 'enable' } }), author: 'ann' })
    }
    await the().apply({ ...changeOf({ feature: deleted, operation: { kind: 'remove' } }), author: 'ben' })
    const newest = new Map((await the().feed.newestChanges()).map((one) => [one.feature, one]))
    expect([newest.get(kept)?.author, newest.get(deleted)?.author]).toEqual(['ann', 'ben'])
    const [entry] = await the().history({ feature: kept, limit: 1 })
    expect(newest.get(kept)?.at).toEqual(entry?.at)
  })
}
