// What every store must tell of its history as changes.
import { beforeAll, describe, expect, it } from 'vitest'
import type { Operation } from '../../lib/state/operations.js'
import { mostSearched } from '../../lib/store/history/changes.js'
import type { ChangesQuestion, Store } from '../../lib/store/store.js'
import { changeOf } from '../support/change.js'
import { unique } from './changes.js'
import { runs } from './runs.js'

const page = { limit: 50, features: 200, rows: 20 } as const
const actors = (...values: readonly string[]): Operation => ({ kind: 'add', gate: 'actors', values })

export function historyChangesContract(the: () => Store): void {
  describe('the history as changes', () => {
    const [one, other] = [unique(), unique()]
    // Other tests of this store have authors and sources of their own.
    const [ann, bob, source] = [`ann-${one}`, `bob-${one}`, `s${one.slice(-12)}`]
    const ids: string[] = []
    const versions: string[] = []

    beforeAll(async () => {
      const write = async (
        origin: { author: string; source?: string; reason?: string; details?: { undoes: string } },
        ...steps: readonly { feature: string; operation: Operation }[]
      ) => {
        const change = { ...changeOf(...steps), ...origin }
        ids.push(change.id)
        versions.push((await the().apply(change)).position?.version ?? '')
      }
      await write({ author: ann, source }, { feature: one, operation: { kind: 'enable' } })
      await write(
        { author: bob, source, reason: `Why Not ${one}` },
        { feature: one, operation: actors('User:1', 'User:2') },
        { feature: other, operation: actors('User:3') },
      )
      const many = Array.from({ length: 30 }, (_, index) => `Many:${index}`)
      await write({ author: bob }, { feature: other, operation: actors(...many) })
      await write(
        { author: ann, source, details: { undoes: 'another' } },
        { feature: one, operation: { kind: 'disable' } },
      )
    })

    const ask = (question: Partial<ChangesQuestion>) => the().changes({ ...page, ...question })
    const indexes = async (question: Partial<ChangesQuestion>) =>
      (await ask(question)).changes.map(({ changeId }) => ids.indexOf(changeId ?? '')).filter((index) => index >= 0)

    it('has one entry for each change, newest first, with the rows of the flag that was asked for', async () => {
      const { changes, next } = await ask({ feature: one })
      expect(next).toBeNull()
      expect(changes.map(({ changeId, author, reason }) => [changeId, author, reason])).toEqual([
        [ids[3], ann, null],
        [ids[1], bob, `Why Not ${one}`],
        [ids[0], ann, null],
      ])
      expect(changes.map(({ counts }) => counts)).toEqual([
        { features: 1, added: 0, removed: 3 },
        { features: 2, added: 2, removed: 0 },
        { features: 1, added: 2, removed: 0 },
      ])
      expect(changes.map(({ details }) => details)).toEqual([{ undoes: 'another' }, null, null])
      const [feature, ...more] = changes[1]?.features ?? []
      expect(more).toEqual([])
      expect(feature?.rows.map(({ gate, value, operation }) => [gate, value, operation])).toEqual([
        ['actors', 'User:1', 'added'],
        ['actors', 'User:2', 'added'],
      ])
    })

    it('tells of many rows of a gate the first ones, and of a change of many flags how many', async () => {
      const { changes } = await ask({ changeId: ids[2] ?? '' })
      expect(
        changes.map(({ counts, features }) => [counts, features?.[0]?.rows.length, features?.[0]?.hidden]),
      ).toEqual([[{ features: 1, added: 30, removed: 0 }, 20, { added: 10, removed: 0 }]])
      const { changes: told } = await ask({ changeId: ids[1] ?? '', features: 1 })
      expect(told).toMatchObject([{ features: null, counts: { features: 2, added: 4, removed: 0 } }])
    })

    it.each<[title: string, question: () => Partial<ChangesQuestion>, found: readonly number[]]>([
      ['of an author', () => ({ author: ann }), [3, 0]],
      ['from a source', () => ({ source }), [3, 1, 0]],
      ['of an author and of a flag', () => ({ author: bob, feature: other }), [2, 1]],
      ['of a change that was not made', () => ({ changeId: 'no such change' }), []],
      ['with a text in the name of a flag', () => ({ search: other, author: bob }), [2, 1]],
      ['with a text in the author', () => ({ search: ann.toUpperCase() }), [3, 0]],
      ['with a text in the reason', () => ({ search: `why not ${one}` }), [1]],
      ['with a text in a value', () => ({ search: 'many:29', feature: other }), [2]],
      ['with a text that is nowhere', () => ({ search: '100%_' }), []],
      ['after a version', () => ({ from: { kind: 'version', version: versions[1] ?? '' }, source }), [3]],
      ['up to a version', () => ({ to: { kind: 'version', version: versions[1] ?? '' }, source }), [1, 0]],
      ['of the last hour', () => ({ from: { kind: 'ago', ms: 3_600_000 }, source }), [3, 1, 0]],
      ['up to an hour ago', () => ({ to: { kind: 'ago', ms: 3_600_000 }, source }), []],
      ['since a time to come', () => ({ from: { kind: 'time', at: new Date('2999-01-01') }, source }), []],
      ['up to a time to come', () => ({ to: { kind: 'time', at: new Date('2999-01-01') }, source }), [3, 1, 0]],
    ])('gives those %s', async (_title, question, found) => {
      expect(await indexes(question())).toEqual(found)
    })

    it('counts the time that is shown of a change to it, on both sides', async () => {
      const [change] = (await ask({ changeId: ids[0] ?? '' })).changes
      const bound = { kind: 'time', at: change?.at ?? new Date(0) } as const
      expect(await indexes({ from: bound, source })).toContain(0)
      expect(await indexes({ to: bound, source })).toContain(0)
    })

    it('goes on where a page ended, whatever was changed meanwhile', async () => {
      const first = await ask({ source, limit: 2 })
      expect(first.next).toBe(versions[1])
      expect(first.changes).toHaveLength(2)
      await the().apply({ ...changeOf({ feature: one, operation: { kind: 'enable' } }), source: 'later' })
      const second = await ask({ source, limit: 2, before: first.next ?? '' })
      expect([second.changes.map(({ changeId }) => changeId), second.next]).toEqual([[ids[0]], null])
    })

    it('goes on with a search inside a change: what was not looked at of it yet is found, and what was is not told again', async () => {
      // Other tests of this store have such actors, too.
      const inside = (row: string, search: string) => indexes({ search, before: `${versions[1]}-${row}` })
      // Beyond all of its rows: none of them was looked at.
      const last = '999999999999999999'
      expect([await inside(last, 'User:3'), await inside(last, one)]).toEqual([[1], [1, 0]])
      // The page before it begins after the change.
      expect(await indexes({ search: 'User:3', before: versions[1] ?? '' })).toEqual([])
      // A later change is on no page after that.
      expect(await inside(last, 'Many:7')).toEqual([])
    })

    it('tells of a search in a change of more rows than are looked at for a page, however many pages that takes, once', async () => {
      const [feature, amount] = [unique(), runs(the(), 20, mostSearched + 2_000)]
      const values = Array.from({ length: amount }, (_, index) => `Item:${index}${index === 3 ? feature : ''}`)
      // The text stands in one row, of those that are looked at last.
      const change = changeOf({ feature: 'many_rows', operation: actors(...values) })
      const { position } = await the().apply(change)
      const found: string[] = []
      const from = { kind: 'version', version: String(BigInt(position?.version ?? '1') - 1n) } as const
      let next: string | null = null
      do {
        const before: Partial<ChangesQuestion> = next === null ? {} : { before: next }
        const answer = await ask({ search: feature, from, ...before })
        found.push(...answer.changes.map(({ changeId }) => changeId ?? ''))
        next = answer.next
      } while (next !== null)
      expect(found).toEqual([change.id])
      await the().apply(changeOf({ feature: 'many_rows', operation: { kind: 'remove' } }))
    })

    it('refuses a limit and a page that are none', async () => {
      for (const question of [
        { limit: -1 },
        { limit: 1.5 },
        { before: 'x' },
        { before: '-1' },
        { before: '7-' },
        { before: '7-x' },
      ]) {
        await expect(ask(question)).rejects.toMatchObject({ code: 'invalid_arguments' })
      }
    })

    it('narrows the rows of the history in the same way', async () => {
      const rows = await the().history({ source, from: { kind: 'version', version: versions[0] ?? '' }, limit: 100 })
      expect(new Set(rows.map(({ changeId }) => changeId))).toEqual(new Set([ids[3], ids[1]]))
    })
  })
}
