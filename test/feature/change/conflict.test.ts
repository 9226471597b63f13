// Whether a refused change may be sent again on top of what others changed: `clean` is said only where all of it is known.
import { describe, expect, it } from 'vitest'
import { InvalidOperation } from '../../../lib/errors.js'
import { explainConflict, FlagChanged } from '../../../lib/feature/change/conflict.js'
import type { Operation } from '../../../lib/state/operations.js'
import { type Revision, revisionOf } from '../../../lib/state/revision.js'
import { MemoryStore } from '../../../lib/store/memory/store.js'
import type { HistoryEntry } from '../../../lib/store/store.js'
import { changeOf } from '../../support/change.js'

const feature = 'my_flag'
const share = (value: string): Operation => ({ kind: 'set', gate: 'percentage_of_actors', value })
const actors = (...values: readonly string[]): Operation => ({ kind: 'add', gate: 'actors', values })
const noUser1: Operation = { kind: 'drop', gate: 'actors', values: ['User:1'] }
const groups: Operation = { kind: 'add', gate: 'groups', values: ['staff'] }

/** The share is 25 % when the caller looks; then others change the flag. */
async function changedByOthers(...others: readonly Operation[]) {
  const store = new MemoryStore()
  const apply = (operation: Operation) => store.apply(changeOf({ feature, operation }))
  await apply(share('25'))
  const seen = revisionOf(await store.readFeature(feature))
  for (const operation of others) await apply(operation)
  return { store, seen, apply }
}

interface Asked {
  readonly most?: number
  readonly isKept?: (entry: HistoryEntry) => boolean
}

/** What the refusal of a change of the share says; of a store whose history may have lost rows. */
async function conflictOf(store: MemoryStore, seen: Revision, { most, isKept = () => true }: Asked = {}) {
  const history: MemoryStore['history'] = async (query) => (await store.history(query)).filter(isKept)
  const error = await explainConflict(
    new InvalidOperation('flag_changed', { problem: 'it was changed', remedy: 'look' }),
    {
      store: new Proxy(store, {
        get: (target, key) => (key === 'history' ? history : Reflect.get(target, key).bind(target)),
      }),
      steps: [{ feature, operation: share('50') }],
      expect: new Map([[feature, seen]]),
      ...(most === undefined ? {} : { most }),
    },
  )
  if (!(error instanceof FlagChanged)) throw error
  return error.conflict
}

describe('a change that was refused', () => {
  it('may be sent again where others touched other gates only', async () => {
    const { store, seen } = await changedByOthers(actors('User:1', 'User:2'), groups, noUser1)
    expect(await conflictOf(store, seen)).toMatchObject({ rebase: 'clean', changes: [{}, {}, {}] })
  })

  it('conflicts with a change of its own gate, also one that was changed back', async () => {
    for (const others of [[share('30')], [share('30'), share('25'), actors('User:1')]]) {
      const { store, seen } = await changedByOthers(...others)
      expect((await conflictOf(store, seen)).rebase).toBe('conflict')
    }
  })

  it('conflicts where more rows were changed since than are read: an older one may be of its own gate', async () => {
    const others = [actors('User:1'), actors('User:2'), actors('User:3')]
    // One row less than the limit is all that there is; at the limit there may be more.
    const few = await changedByOthers(...others)
    expect((await conflictOf(few.store, few.seen, { most: 4 })).rebase).toBe('clean')
    expect((await conflictOf(few.store, few.seen, { most: 3 })).rebase).toBe('conflict')
    const many = await changedByOthers(share('30'), share('25'), ...others)
    expect(await conflictOf(many.store, many.seen, { most: 3 })).toMatchObject({
      rebase: 'conflict',
      changes: [{}, {}, {}],
    })
  })

  it('conflicts where the history has lost a row, and where a program wrote past the triggers: it does not lead back to what was seen', async () => {
    const pruned = await changedByOthers(share('30'), actors('User:1'))
    const isKept = ({ gate }: HistoryEntry) => gate !== 'percentage_of_actors'
    expect(await conflictOf(pruned.store, pruned.seen, { isKept })).toMatchObject({ rebase: 'conflict', changes: [{}] })
    const unseen = await changedByOthers(actors('User:1'))
    const seenBefore = { ...unseen.seen, content: '00000000' }
    expect((await conflictOf(unseen.store, seenBefore)).rebase).toBe('conflict')
  })

  it('conflicts with the deletion of the flag, and with one that was made anew', async () => {
    for (const others of [[{ kind: 'remove' }], [{ kind: 'remove' }, actors('User:1')]] as const) {
      const { store, seen } = await changedByOthers(...others)
      expect((await conflictOf(store, seen)).rebase).toBe('conflict')
    }
  })

  it('is told nothing of what came after the state that it is shown', async () => {
    const { store, seen, apply } = await changedByOthers(actors('User:1'))
    const readFeature: MemoryStore['readFeature'] = async (name) => {
      const now = await MemoryStore.prototype.readFeature.call(store, name)
      await apply(groups)
      return now
    }
    store.readFeature = readFeature
    expect(await conflictOf(store, seen)).toMatchObject({ rebase: 'clean', changes: [{ sentence: 'added User:1' }] })
  })
})
