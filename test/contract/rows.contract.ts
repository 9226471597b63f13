// What rows every store must leave.
import fc from 'fast-check'
import { expect, it } from 'vitest'
import type { Store } from '../../lib/store/store.js'
import { read, unique, valuesOf } from './changes.js'
import { changeOf } from '../support/change.js'
import { FlipperModel, rowsOfStored } from './flipper-model.js'
import { sequences } from './operations.js'
import { runs } from './runs.js'

export function rowsContract(the: () => Store): void {
  it('leaves the rows that Flipper would leave, after any sequence of operations', async () => {
    const property = fc.asyncProperty(sequences, async (sequence) => {
      const prefix = unique()
      const model = new FlipperModel()
      for (const [feature, operation] of sequence) {
        model.apply(prefix + feature, operation)
        await the().apply(changeOf({ feature: prefix + feature, operation }))
      }
      const { items: features } = await the().readAll()
      expect(rowsOfStored(features.filter(({ key }) => key.startsWith(prefix)))).toEqual(model.rows())
    })
    await fc.assert(property, { numRuns: runs(the(), 8, 50) })
  })

  it('writes thousands of actors in one step', async () => {
    const feature = unique()
    const values = Array.from({ length: runs(the(), 2_000, 10_000) }, (_, index) => `User:${index}`)
    await the().apply(changeOf({ feature, operation: { kind: 'add', gate: 'actors', values } }))
    expect(new Set(await valuesOf(the(), feature, 'actors'))).toEqual(new Set(values))
    await the().apply(
      changeOf({ feature, operation: { kind: 'replace', gates: new Map([['actors', values.slice(1)]]) } }),
    )
    expect(await valuesOf(the(), feature, 'actors')).toHaveLength(values.length - 1)
    await the().apply(changeOf({ feature, operation: { kind: 'remove' } }))
  })

  it('keeps a gate that it does not know', async () => {
    const feature = unique()
    const gates = new Map([['expression', ['{"Any":[]}']]])
    await the().apply(changeOf({ feature, operation: { kind: 'replace', gates } }))
    expect(await read(the(), feature)).toEqual({ key: feature, gates })
  })
}
