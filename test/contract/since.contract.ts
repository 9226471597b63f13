// What every store must answer to a question about what changed, in one answer.
import { randomUUID } from 'node:crypto'
import { expect, it } from 'vitest'
import { digestOf } from '../../lib/state/digest.js'
import type { Position } from '../../lib/state/state.js'
import type { Step, Store } from '../../lib/store/store.js'
import { here, unique } from './changes.js'
import { changeOf } from '../support/change.js'

const actors = (feature: string, ...values: readonly string[]): Step => ({
  feature,
  operation: { kind: 'add', gate: 'actors', values },
})

/** In the order of the bytes of UTF-8, which is neither that of UTF-16 nor that of any language. */
const inOrder = ['', 'A', 'Z', '_', 'a', 'a ', 'aa', 'b', '~', 'é', '€', '漢', '\ue000', '\uffff', '😀', '\u{10ffff}']

export function sinceContract(the: () => Store): void {
  it('gives features, gates and values in the order of their UTF-8 bytes, and a digest equal to ours', async () => {
    const prefix = unique()
    const gates = new Map(inOrder.toReversed().map((gate) => [gate, inOrder.toReversed()]))
    for (const key of inOrder.toReversed()) {
      await the().apply(changeOf({ feature: prefix + key, operation: { kind: 'replace', gates } }))
    }
    const { items: features, digest } = await the().readAll({ digest: true })
    const made = features.filter(({ key }) => key.startsWith(prefix))
    expect(made.map(({ key }) => key.slice(prefix.length))).toEqual(inOrder)
    for (const feature of made) {
      expect([...feature.gates]).toEqual(inOrder.map((gate) => [gate, inOrder]))
    }
    expect(digest).toBe(await digestOf(features))
    const { also } = await the().readSince(null, { also: made.map(({ key }) => key) })
    expect([...also.values()]).toEqual(made)
  })

  it('computes a digest only where it is asked for', async () => {
    expect((await the().readAll()).digest).toBeNull()
    expect((await the().readSince(null)).digest).toBeNull()
  })

  it('answers everything at once: what changed, what else was asked for, and the digest', async () => {
    const [changed, gone, also] = [unique(), unique(), unique()]
    await the().apply(changeOf(actors(gone, 'User:1'), actors(also, 'User:2')))
    const from = await here(the())
    const first = await the().apply(changeOf(actors(changed, 'User:3')))
    const second = await the().apply(changeOf({ feature: gone, operation: { kind: 'remove' } }))
    const never = unique()
    const state = await the().readAll({ digest: true })
    expect(await the().readSince(from, { also: [also, never], digest: true })).toEqual({
      ...(await standing(the())),
      delta: {
        position: second.position,
        via: [first.position, second.position],
        changed: new Map([
          [changed, { key: changed, gates: new Map([['actors', ['User:3']]]) }],
          [gone, null],
        ]),
      },
      leftOut: [],
      also: new Map([
        [also, { key: also, gates: new Map([['actors', ['User:2']]]) }],
        [never, null],
      ]),
      digest: state.digest,
    })
  })

  it('answers the features asked for also where there is nothing to start from, or a position it does not know', async () => {
    const feature = unique()
    await the().apply(changeOf({ feature, operation: { kind: 'enable' } }))
    const { version } = await here(the())
    for (const from of [null, { version, nonce: randomUUID() }] satisfies (Position | null)[]) {
      const since = await the().readSince(from, { also: [feature], most: 0 })
      expect(since.delta).toBeNull()
      expect(since.leftOut).toEqual([])
      expect(since.also).toEqual(new Map([[feature, { key: feature, gates: new Map([['boolean', ['true']]]) }]]))
    }
  })

  it('answers a feature that changed in both, where it was asked for as well, and each name once', async () => {
    const feature = unique()
    const from = await here(the())
    await the().apply(changeOf(actors(feature, 'User:1')))
    const { delta, also } = await the().readSince(from, { also: [feature, feature] })
    expect(also).toEqual(delta?.changed)
    expect(also.size).toBe(1)
  })

  it('leaves the content out above the most rows, gates and features counted, and names what changed', async () => {
    const [one, gone] = [unique(), unique()]
    await the().apply(changeOf(actors(gone, 'User:1')))
    const from = await here(the())
    await the().apply(changeOf(actors(one, 'User:1', 'User:2'), { feature: gone, operation: { kind: 'remove' } }))
    const whole = await the().readSince(from, { most: 3 })
    for (const most of [3.9, Number.POSITIVE_INFINITY]) expect(await the().readSince(from, { most })).toEqual(whole)
    expect(whole.delta?.changed.size).toBe(2)
    expect(whole.leftOut).toEqual([])
    const also = [one]
    for (const most of [2.9, 2, 0]) {
      const { delta, leftOut, ...rest } = await the().readSince(from, { most, also })
      expect(delta).toEqual({ ...whole.delta, changed: new Map() })
      expect(leftOut.toSorted()).toEqual([one, gone].toSorted())
      expect(rest.also.get(one)?.gates).toEqual(new Map([['actors', ['User:1', 'User:2']]]))
    }
    expect((await the().readSince(await here(the()), { most: -1 })).delta?.changed).toEqual(new Map())
  })

  it('takes a feature that is gone for no rows at all', async () => {
    const gone = unique()
    await the().apply(changeOf(actors(gone, 'User:1')))
    const from = await here(the())
    await the().apply(changeOf({ feature: gone, operation: { kind: 'remove' } }))
    const { delta, leftOut } = await the().readSince(from, { most: 0 })
    expect(delta?.changed).toEqual(new Map([[gone, null]]))
    expect(leftOut).toEqual([])
  })

  it('answers null for names that no store can hold, and for odd ones', async () => {
    const odd = ['nul\0', 'half \ud83d', '', '😀 never stored', '__proto__ never', "'; drop table features;--", '{a,b}']
    const { also } = await the().readSince(null, { also: odd })
    expect(also).toEqual(new Map(odd.map((name) => [name, null])))
  })

  it('has the same identity in every answer', async () => {
    const { identity } = await the().head(null)
    expect((await the().readAll()).identity).toBe(identity)
    expect((await the().readSince(null)).identity).toBe(identity)
    expect((await the().readSince(await here(the()), { digest: true })).identity).toBe(identity)
  })
}

async function standing(store: Store) {
  const { known: _, ...standing } = await store.head(null)
  return standing
}
