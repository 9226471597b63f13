// What every store tells of the past: the rows that were stored then.
import { randomUUID } from 'node:crypto'
import fc from 'fast-check'
import { expect, it } from 'vitest'
import type { PastPoint } from '../../lib/state/past.js'
import { type Revision, revisionOf } from '../../lib/state/revision.js'
import type { StoredFeature } from '../../lib/state/state.js'
import type { Change, Store } from '../../lib/store/store.js'
import { changeOf } from '../support/change.js'
import { here, unique } from './changes.js'
import { sequences } from './operations.js'
import { runs } from './runs.js'

/** What was read after a change, or after none. */
interface Recorded {
  readonly version: string
  readonly features: ReadonlyMap<string, StoredFeature>
  readonly change: Change | null
  readonly revisions: ReadonlyMap<string, Revision>
}

async function record(store: Store, names: readonly string[], change: Change | null): Promise<Recorded> {
  const [{ items }, { version }] = [await store.readAll(), await here(store)]
  const now = await Promise.all(names.map(async (name) => [name, revisionOf(await store.readFeature(name))] as const))
  return { version, features: new Map(items.map((one) => [one.key, one])), change, revisions: new Map(now) }
}

export function pastContract(the: () => Store): void {
  it('gives the rows of each position that was passed, of all flags and of each', async () => {
    const property = fc.asyncProperty(sequences, fc.nat(), async (sequence, choice) => {
      const made = unique()
      const names = ['one', 'two', 'three'].map((name) => made + name)
      const states = [await record(the(), names, null)]
      for (const [name, operation] of sequence) {
        const change = changeOf({ feature: made + name, operation })
        const { changed } = await the().apply(change)
        states.push(await record(the(), names, changed ? change : null))
      }
      const then = states[choice % states.length]
      if (then === undefined) return
      const { version, features, change } = then
      const all = await the().readPast({ point: { kind: 'version', version } })
      expect(all).toMatchObject({ version, now: await here(the()), newest: null, uncertain: [] })
      expect(all.features).toEqual(features)
      const previous = states[states.indexOf(then) - 1]
      for (const name of names) {
        const revision = then.revisions.get(name)
        if (revision === undefined) throw new Error('it was recorded')
        await expectFlag(name, { kind: 'version', version }, then)
        await expectFlag(name, { kind: 'revision', revision }, then)
        if (change === null) continue
        await expectFlag(name, { kind: 'change', changeId: change.id, side: 'after' }, then)
        if (previous !== undefined)
          await expectFlag(name, { kind: 'change', changeId: change.id, side: 'before' }, previous)
      }
    })
    await fc.assert(property, { numRuns: runs(the(), 2, 12) })
  })

  const expectFlag = async (feature: string, point: PastPoint, { features, revisions }: Recorded) => {
    const past = await the().readPast({ point, feature })
    const stored = features.get(feature)
    expect(past.features).toEqual(new Map(stored === undefined ? [] : [[feature, stored]]))
    expect(past.uncertain).toEqual([])
    expect(revisionOf({ stored: stored ?? null, newest: past.newest })).toEqual(revisions.get(feature))
  }

  it('gives the state of a time and of a distance: what was changed at the shown time is a part of it', async () => {
    const feature = unique()
    const first = await the().apply(changeOf({ feature, operation: { kind: 'enable' } }))
    const [entry] = await the().history({ feature, limit: 1 })
    if (entry === undefined) throw new Error('it has a history')
    await new Promise((resolve) => setTimeout(resolve, 5))
    const second = await the().apply(changeOf({ feature, operation: { kind: 'disable' } }))
    const at = (time: number) => the().readPast({ point: { kind: 'time', at: new Date(time) }, feature })
    expect(await at(entry.at.getTime())).toMatchObject({ version: first.position?.version, at: entry.at })
    expect((await at(entry.at.getTime() - 1)).features.size).toBe(0)
    const now = await the().readPast({ point: { kind: 'ago', ms: 0 }, feature })
    expect(now).toMatchObject({ version: second.position?.version, newest: second.position })
    await expect(the().readPast({ point: { kind: 'ago', ms: 3_650 * 86_400_000 } })).rejects.toMatchObject({
      code: 'not_in_history',
    })
  })

  it('refuses a point in the future, one before the history, and a change and a revision that it does not have', async () => {
    const [feature, other] = [unique(), unique()]
    const read = (point: PastPoint) => the().readPast({ point, feature })
    await the().apply(changeOf({ feature, operation: { kind: 'enable' } }))
    await the().apply(changeOf({ feature: other, operation: { kind: 'enable' } }))
    const [mine, foreign] = [await the().readFeature(feature), await the().readFeature(other)].map(revisionOf)
    if (mine === undefined || foreign === undefined) throw new Error('both are stored')
    const { version } = await here(the())
    const future: readonly PastPoint[] = [
      { kind: 'time', at: new Date(Date.now() + 60_000) },
      { kind: 'version', version: String(BigInt(version) + 1n) },
      { kind: 'version', version: '9'.repeat(18) },
    ]
    for (const point of future) await expect(read(point)).rejects.toMatchObject({ code: 'invalid_point' })
    const unknown: readonly PastPoint[] = [
      { kind: 'time', at: new Date('2001-01-01T00:00:00Z') },
      { kind: 'change', changeId: randomUUID(), side: 'before' },
      { kind: 'revision', revision: foreign },
      { kind: 'revision', revision: { ...mine, nonce: '00000000' } },
      { kind: 'revision', revision: { ...mine, content: '00000000' } },
      { kind: 'revision', revision: { ...mine, version: '9'.repeat(18) } },
    ]
    for (const point of unknown) await expect(read(point)).rejects.toMatchObject({ code: 'not_in_history' })
  })
}
