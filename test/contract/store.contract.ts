// What every store must do. One suite for all implementations.
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { digestOf } from '../../lib/state/digest.js'
import type { Store } from '../../lib/store/store.js'
import { assignmentContract } from './assignments.contract.js'
import { changeContract } from './changes.contract.js'
import { here, unique } from './changes.js'
import { changeOf } from '../support/change.js'
import { historyChangesContract } from './history-changes.contract.js'
import { historyFeedContract } from './history-feed.contract.js'
import { historyContract } from './history.contract.js'
import { pastContract } from './past.contract.js'
import { positionContract } from './positions.contract.js'
import { revisionContract } from './revisions.contract.js'
import { rowsContract } from './rows.contract.js'
import { signInContract } from './sign-ins.contract.js'
import { sinceContract } from './since.contract.js'
import { textContract } from './text.contract.js'
import { tokenContract } from './tokens.contract.js'

export interface MadeStore {
  readonly store: Store
  close(): Promise<void>
  /** False where hints get lost on the way, as behind a pooler. */
  readonly givesHints?: boolean
}

/** Runs the suite on one store, made once; each test uses features of its own. */
export function storeContract(name: string, makeStore: () => Promise<MadeStore>): void {
  describe(`the store ${name}`, () => {
    let made: MadeStore
    const the = () => made.store
    beforeAll(async () => {
      made = await makeStore()
      await the().open()
    })
    afterAll(() => made?.close())

    emptyContract(the)
    rowsContract(the)
    changeContract(the)
    positionContract(the, () => made.givesHints !== false)
    sinceContract(the)
    historyContract(the)
    pastContract(the)
    historyFeedContract(the)
    historyChangesContract(the)
    revisionContract(the)
    textContract(the)
    tokenContract(the)
    assignmentContract(the)
    signInContract(the)
    it('ends without harm when closed twice', async () => {
      await the().close()
      await the().close()
    })
  })
}

function emptyContract(the: () => Store): void {
  it('is empty at first, and has a position and an identity', async () => {
    const state = await the().readAll({ digest: true })
    expect(state.items).toEqual([])
    expect(state.inRecovery).toBe(false)
    expect(state.identity).toMatch(/^[0-9a-f]{32}$/)
    expect(state.digest).toBe(await digestOf([]))
    const { position, identity } = state
    const head = await the().head(position)
    expect(head).toEqual({ position, identity, inRecovery: false, guard: head.guard, known: true })
    const nothing = { delta: null, leftOut: [], also: new Map(), digest: null }
    expect(await the().readSince(null)).toEqual({
      position,
      identity,
      inRecovery: false,
      guard: head.guard,
      ...nothing,
    })
  })

  it('knows the position before the first change after it, too', async () => {
    const before = await here(the())
    await the().apply(changeOf({ feature: unique(), operation: { kind: 'enable' } }))
    expect((await the().head(before)).known).toBe(true)
    expect((await the().readSince(before)).delta?.changed.size).toBe(1)
  })

  it('has its triggers as they should be, or none', async () => {
    expect(await the().inspectTriggers()).toEqual({ state: 'sound', faults: [] })
    const { guard } = await the().head(null)
    expect(guard).toSatisfy(
      (text: unknown) => text === null || (typeof text === 'string' && /^[0-9a-f]{64}$/.test(text)),
    )
    await the().apply(changeOf({ feature: unique(), operation: { kind: 'enable' } }))
    expect((await the().head(null)).guard).toBe(guard)
  })
}
