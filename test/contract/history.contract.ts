// What every store must record.
import { expect, it } from 'vitest'
import type { RecordedRowsQuery, Store } from '../../lib/store/store.js'
import { unique } from './changes.js'
import { changeOf } from '../support/change.js'

export function historyContract(the: () => Store): void {
  it('records every row of a change, newest first, with author, source and reason', async () => {
    const feature = unique()
    const enable = {
      ...changeOf({ feature, operation: { kind: 'enable' } }),
      author: 'ann',
      source: 'cli',
      reason: 'why not',
    }
    const enabled = await the().apply(enable)
    const disabled = await the().apply(changeOf({ feature, operation: { kind: 'disable' } }))
    const entries = await the().history({ feature, limit: 10 })
    expect(entries.map(({ at: _, changeId: __, ...entry }) => entry)).toEqual([
      {
        feature,
        gate: 'boolean',
        value: 'true',
        operation: 'removed',
        author: 'tester',
        source: 'code',
        reason: null,
        position: disabled.position,
      },
      {
        feature,
        gate: 'boolean',
        value: 'true',
        operation: 'added',
        author: 'ann',
        source: 'cli',
        reason: 'why not',
        position: enabled.position,
      },
      {
        feature,
        gate: null,
        value: null,
        operation: 'added',
        author: 'ann',
        source: 'cli',
        reason: 'why not',
        position: enabled.position,
      },
    ])
    expect(entries[1]?.changeId).toBe(enable.id)
    expect(entries.every((entry) => entry.at instanceof Date && !Number.isNaN(entry.at.getTime()))).toBe(true)
  })

  it('gives the rows of one flag up to a version, of all its gates or of one value', async () => {
    const [feature, other] = [unique(), unique()]
    const positions = []
    const add = (values: readonly string[], key = feature) =>
      the().apply(changeOf({ feature: key, operation: { kind: 'add', gate: 'actors', values } }))
    positions.push((await add(['User:1', 'User:2'])).position)
    await add(['User:1'], other)
    const drop = changeOf({ feature, operation: { kind: 'drop', gate: 'actors', values: ['User:1'] } })
    positions.push((await the().apply(drop)).position)
    const [first = '', last = ''] = positions.map((position) => position?.version)
    const rows = async (query: Omit<RecordedRowsQuery, 'feature' | 'limit'>, limit = 10) =>
      (await the().recordedRows({ feature, limit, ...query })).map(({ operation, value }) => [operation, value])
    const of = { gate: 'actors', value: 'User:1' }
    expect(await rows({ until: last, of })).toEqual([
      ['removed', 'User:1'],
      ['added', 'User:1'],
    ])
    expect(await rows({ until: first, of })).toEqual([['added', 'User:1']])
    expect(await rows({ until: last, of: { gate: 'groups', value: 'User:1' } })).toEqual([])
    expect(await rows({ until: last })).toHaveLength(4)
    expect(await rows({ until: last }, 1)).toEqual([['removed', 'User:1']])
    expect(await rows({ until: '0' })).toEqual([])
  })

  it('gives at most as many entries as asked for, of all features or of one', async () => {
    const [one, other] = [unique(), unique()]
    await the().apply(changeOf({ feature: one, operation: { kind: 'enable' } }))
    await the().apply(changeOf({ feature: other, operation: { kind: 'enable' } }))
    expect((await the().history({ limit: 3 })).map((entry) => entry.feature)).toEqual([other, other, one])
    expect((await the().history({ feature: one, limit: 1 })).map((entry) => entry.gate)).toEqual(['boolean'])
    expect(await the().history({ limit: 0 })).toEqual([])
    await expect(the().history({ limit: -1 })).rejects.toMatchObject({ code: 'invalid_arguments' })
  })
}
