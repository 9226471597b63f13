// The past where the history cannot tell all of it: rows were written past the triggers, or rows of the history are gone.
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { PastPoint } from '../../../lib/state/past.js'
import type { Operation } from '../../../lib/state/operations.js'
import type { Past } from '../../../lib/store/store.js'
import { changeOf } from '../../support/change.js'
import { type Guarded, guardedPostgres, mainLosses } from '../triggers/losses.js'

const actors = (...values: readonly string[]): Operation => ({ kind: 'add', gate: 'actors', values })

describe('the past in Postgres', () => {
  let guarded: Guarded
  beforeEach(async () => {
    guarded = await guardedPostgres()
  })
  afterEach(() => guarded.close())

  /** One change a version. */
  const apply = async (...made: readonly (readonly [feature: string, operation: Operation])[]) => {
    for (const [feature, operation] of made) await guarded.store.apply(changeOf({ feature, operation }))
  }
  const read = (point: PastPoint, feature = 'a'): Promise<Past> => guarded.store.readPast({ point, feature })
  const at = (version: number, feature?: string) => read({ kind: 'version', version: String(version) }, feature)
  const ago = (feature?: string) => read({ kind: 'ago', ms: 0 }, feature)
  const valuesOf = ({ features }: Past, feature = 'a') => features.get(feature)?.gates.get('actors') ?? []
  const gapIn = (version: number, feature?: string) =>
    expect(at(version, feature)).rejects.toMatchObject({ code: 'not_in_history' })
  const pastTriggers = (sql: string) => guarded.sql(`set session_replication_role = replica; ${sql}`)

  it.each(mainLosses)('marks a row that was added or removed while %s', async (_title, loss) => {
    await apply(['a', actors('User:1')], ['b', { kind: 'enable' }])
    await guarded.sql(loss)
    await guarded.sql(`insert into feature_gates (feature_key, key, value) values ('a', 'actors', 'User:2');
      delete from feature_gates where value = 'User:1'`)
    const rows = [
      { feature: 'a', gate: 'actors', value: 'User:1', isStored: false, since: '1', until: null },
      { feature: 'a', gate: 'actors', value: 'User:2', isStored: true, since: null, until: null },
    ]
    expect((await at(2)).uncertain).toEqual(rows)
    expect((await ago()).uncertain).toEqual(rows)
    expect((await guarded.store.readPast({ point: { kind: 'version', version: '2' } })).uncertain).toEqual(rows)
    // What the first change has left is certain at its own moment, and what came without a trace is not.
    const first = await at(1)
    expect(first.uncertain).toEqual([rows[1]])
    expect(valuesOf(first)).toEqual(['User:1', 'User:2'])
    expect((await at(0)).uncertain).toEqual([rows[1]])
    expect((await at(2, 'b')).uncertain).toEqual([])
  })

  it('marks what happened between two operations that do not agree, and nothing before and after it', async () => {
    await apply(['a', actors('User:1')], ['b', { kind: 'enable' }])
    await pastTriggers(`delete from feature_gates where feature_key = 'a'`)
    await apply(['a', actors('User:1')], ['b', { kind: 'disable' }])
    const marks = []
    for (const version of [0, 1, 2, 3, 4]) marks.push((await at(version)).uncertain.length)
    expect(marks).toEqual([0, 0, 1, 0, 0])
    expect((await at(2)).uncertain).toEqual([
      { feature: 'a', gate: 'actors', value: 'User:1', isStored: false, since: '1', until: '3' },
    ])
  })

  it('knows the rows from before the history by their age, and those that other programs store without a flag', async () => {
    await pastTriggers(
      `insert into feature_gates (feature_key, key, value, created_at) values ('a', 'actors', 'User:1', '2020-01-01')`,
    )
    await apply(['b', { kind: 'enable' }])
    await guarded.sql(`insert into feature_gates (feature_key, key, value) values ('a', 'actors', 'User:2')`)
    await guarded.sql(`delete from feature_gates where feature_key = 'a'`)
    expect(valuesOf(await at(1))).toEqual(['User:1'])
    expect(valuesOf(await at(2))).toEqual(['User:1', 'User:2'])
    expect((await at(3)).features.size).toBe(0)
    for (const version of [0, 1, 2, 3]) expect((await at(version)).uncertain).toEqual([])
  })

  it('finds back over TRUNCATE, and over a key that was changed', async () => {
    await apply(['a', actors('User:1', 'User:2')], ['b', { kind: 'enable' }])
    await guarded.sql('truncate features; truncate feature_gates')
    await guarded.sql(`insert into features (key) values ('a')`)
    await guarded.sql(`update features set key = 'c' where key = 'a'`)
    expect(valuesOf(await at(2))).toEqual(['User:1', 'User:2'])
    expect((await at(3)).features.size).toBe(0)
    expect([...(await at(4)).features.keys(), ...(await at(5, 'c')).features.keys()]).toEqual(['a', 'c'])
    expect((await at(5)).features.size).toBe(0)
  })

  it('does not reach over a gap, and says from when on it is known', async () => {
    await apply(['a', actors('User:1')], ['a', actors('User:2')], ['b', { kind: 'enable' }], ['a', actors('User:3')])
    await guarded.sql('delete from feature_history where version = 2')
    const [{ made } = { made: null }] = await guarded.sql(
      'select max(at) as made from feature_history where version = 3',
    )
    for (const version of [0, 1]) await gapIn(version)
    await expect(at(1)).rejects.toMatchObject({ earliest: made })
    expect(valuesOf(await at(2))).toEqual(['User:1', 'User:2'])
    // Pruned: of the oldest change that is left some rows may be gone.
    await guarded.sql('delete from feature_history where version < 3')
    for (const version of [0, 1, 2]) await gapIn(version)
    expect(valuesOf(await at(3))).toEqual(['User:1', 'User:2'])
    await guarded.sql('delete from feature_history')
    for (const version of [0, 3]) await gapIn(version)
    await expect(at(3)).rejects.toMatchObject({ earliest: null })
    expect(valuesOf(await at(4))).toHaveLength(3)
  })

  it('takes no row that was added before the oldest change that is left for one that left no trace', async () => {
    await apply(['a', actors('User:1')], ['b', { kind: 'enable' }])
    await guarded.sql('delete from feature_history where version < 2')
    expect(await at(2)).toMatchObject({ uncertain: [] })
    expect(valuesOf(await at(2))).toEqual(['User:1'])
  })

  it('does not reach over a repair of the triggers, and reaches back to it', async () => {
    await apply(['a', actors('User:1')])
    await guarded.sql('select feature_next_position()')
    await apply(['a', actors('User:2')])
    await gapIn(1)
    expect(valuesOf(await at(2))).toEqual(['User:1'])
  })

  it('takes the last position before the first later time where the clock was set back', async () => {
    await apply(['a', actors('User:1')], ['a', actors('User:2')], ['a', actors('User:3')], ['a', actors('User:4')])
    const day = (version: number, date: string) =>
      `update feature_history set at = '${date}T12:00Z' where version = ${version}`
    await guarded.sql(`update feature_migrations set applied_at = '2026-01-01T00:00Z';
      ${day(1, '2026-02-01')}; ${day(2, '2026-02-05')}; ${day(3, '2026-02-02')}; ${day(4, '2026-02-06')}`)
    const versions = []
    for (const date of ['01-31', '02-01', '02-03', '02-04', '02-05', '02-06']) {
      versions.push((await read({ kind: 'time', at: new Date(`2026-${date}T13:00:00Z`) })).version)
    }
    expect(versions).toEqual(['0', '1', '1', '1', '3', '4'])
    const early = read({ kind: 'time', at: new Date('2025-12-31T00:00:00Z') })
    await expect(early).rejects.toMatchObject({ code: 'not_in_history', earliest: new Date('2026-01-01T00:00Z') })
  })

  it('believes a revision whose rows it finds, and marks those of another one', async () => {
    await apply(['a', actors('User:1')], ['b', { kind: 'enable' }])
    await pastTriggers(`insert into feature_gates (feature_key, key, value) values ('a', 'actors', 'User:2')`)
    const { newest } = await guarded.store.readFeature('a')
    const nonce = newest?.nonce.slice(0, 8) ?? ''
    const of = (content: string) => read({ kind: 'revision', revision: { version: '1', nonce, content } })
    expect((await of('00000000')).uncertain).toHaveLength(1)
    await pastTriggers(`update feature_gates set created_at = '2020-01-01'`)
    await expect(of('00000000')).rejects.toMatchObject({ code: 'not_in_history' })
  })

  it('is not known without the tables of its own', async () => {
    await guarded.sql('drop table feature_history cascade')
    await expect(at(0)).rejects.toMatchObject({ code: 'not_migrated' })
  })
})
