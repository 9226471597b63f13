// What every store must tell about positions.
import { randomUUID } from 'node:crypto'
import { expect, it, vi } from 'vitest'
import type { Position } from '../../lib/state/state.js'
import type { Step, Store } from '../../lib/store/store.js'
import { here, unique } from './changes.js'
import { changeOf } from '../support/change.js'

export function positionContract(the: () => Store, givesHints: () => boolean): void {
  it('takes one new position for a change, however many steps it has', async () => {
    const before = await here(the())
    const steps = [unique(), unique(), unique()].map((feature): Step => ({ feature, operation: { kind: 'enable' } }))
    const applied = await the().apply(changeOf(...steps))
    const after = await here(the())
    expect(applied).toEqual({ changed: true, position: after })
    expect(BigInt(after.version)).toBe(BigInt(before.version) + 1n)
    expect(after.nonce).not.toBe(before.nonce)
    expect((await the().readSince(before)).delta?.via).toEqual([after])
  })

  it('takes no position for a change that changes nothing', async () => {
    const feature = unique()
    await the().apply(changeOf({ feature, operation: { kind: 'enable' } }))
    const before = await here(the())
    const nothing = changeOf(
      { feature, operation: { kind: 'enable' } },
      { feature: unique(), operation: { kind: 'remove' } },
    )
    expect(await the().apply(nothing)).toEqual({ changed: false, position: null })
    expect(await here(the())).toEqual(before)
  })

  it('gives what changed since a position, and null for a feature that is gone', async () => {
    const [kept, gone, untouched] = [unique(), unique(), unique()]
    await the().apply(changeOf({ feature: untouched, operation: { kind: 'enable' } }))
    await the().apply(changeOf({ feature: gone, operation: { kind: 'enable' } }))
    const before = await here(the())
    const first = await the().apply(
      changeOf({ feature: kept, operation: { kind: 'add', gate: 'actors', values: ['User:1'] } }),
    )
    const second = await the().apply(changeOf({ feature: gone, operation: { kind: 'remove' } }))
    expect((await the().readSince(before)).delta).toEqual({
      position: second.position,
      via: [first.position, second.position],
      changed: new Map([
        [kept, { key: kept, gates: new Map([['actors', ['User:1']]]) }],
        [gone, null],
      ]),
    })
  })

  it('gives an empty delta for the position that it is at', async () => {
    const position = await here(the())
    expect((await the().readSince(position)).delta).toEqual({ position, via: [], changed: new Map() })
  })

  it('knows no position but its own', async () => {
    const { version, nonce } = await here(the())
    const foreign: Position[] = [
      { version, nonce: randomUUID() },
      { version: String(BigInt(version) + 1n), nonce },
      ...['9007199254740993', '99999999999999999999', '-1', '1e3', 'NaN', '', `0${version}x`].map((odd) => ({
        version: odd,
        nonce,
      })),
      { version, nonce: "'; drop table features;--" },
      { version: '0', nonce: '00000000-0000-0000-0000-000000000000' },
    ]
    for (const position of foreign) {
      expect((await the().readSince(position)).delta).toBeNull()
      expect((await the().head(position)).known).toBe(false)
    }
    expect((await the().head(null)).known).toBe(false)
  })

  it('gives a hint after a change, where it gives hints at all', async () => {
    const events = { hint: vi.fn(), heard: vi.fn() }
    const listening = the().listen(events)
    if (listening === null || !givesHints()) {
      await listening?.close()
      return
    }
    await vi.waitFor(() => expect(events.heard).toHaveBeenCalledWith(true), 10_000)
    const before = events.hint.mock.calls.length
    await the().apply(changeOf({ feature: unique(), operation: { kind: 'enable' } }))
    await vi.waitFor(() => expect(events.hint.mock.calls.length).toBeGreaterThan(before), 10_000)
    await listening.close()
    await listening.close()
    expect(events.heard).toHaveBeenLastCalledWith(false)
  })
}
