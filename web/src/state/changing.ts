// Everything that changes anything, loaded with the first page that may: the list alone needs none of it.
import { watch } from 'vue'
import { apply, parseConflict, preview, wasMade } from '../api/changes.js'
import type { Door } from '../api/request.js'
import { makeFlow } from '../change/flow.js'
import type { Done, Flow } from '../change/flow-state.js'
import { tabStorage } from '../change/tab-storage.js'
import type { Live } from '../live/live.js'
import { mayBeStale } from '../live/position.js'
import type { Account } from './account.js'
import type { ActorClasses } from './actor-classes.js'
import { doneText } from '../change/done-text.js'
import { askAgainWhile, isAway } from '../live/again.js'
import type { FlagListStore } from './flag-list.js'
import type { Messages } from './messages.js'

export interface Changing {
  readonly flow: Flow
  /** Takes back the newest change that this page has made; false where there is none. */
  undoLast(): boolean
}

export interface ChangingOptions {
  readonly actorClasses: ActorClasses
  readonly door: Door
  readonly account: Account
  readonly flags: FlagListStore
  readonly live: Live
  readonly messages: Messages
}

export function makeChanging({ actorClasses, door, account, flags, live, messages }: ChangingOptions): Changing {
  /** What takes back each change of this page, by its message. */
  const undoing = new Map<number, () => void>()
  const flow = makeFlow({
    desk: {
      ready: () => signedIn(account),
      preview(proposal, revision, signal) {
        // Of several flags each has its own.
        const actorClass = proposal.kind === 'several' ? undefined : actorClasses.of(proposal.flag)
        return preview(door, proposal, { revision, actorClass, signal })
      },
      apply: (proposal, terms, timeoutMs) => apply(door, proposal, terms, timeoutMs),
      wasMade: (proposal, changeId) => wasMade(door, proposal, changeId),
      conflictOf: parseConflict,
    },
    storage: tabStorage(),
    onDone: tellDone,
  })

  function tellDone(done: Done): void {
    void flags.tryLoad()
    const { text, undo } = doneText(done)
    if (undo === null) {
      messages.tell({ kind: 'done', text })
      return
    }
    const run = () => {
      if (!flow.propose(undo.proposal, undo.revision, null)) {
        messages.tell({ kind: 'told', text: 'Another change is pending: make or discard it first' })
        return
      }
      undoing.delete(id)
      messages.close(id)
      flow.review()
    }
    const id = messages.tell({ kind: 'done', text, action: { label: 'Undo', run } })
    undoing.set(id, run)
  }

  live.on((event) => {
    const isBack = event.type === 'hello' || (event.type === 'health' && !event.data.degraded)
    const isPast = event.type === 'hello' && mayBeStale(flags.position.value, event.data.position)
    if (flow.state.phase === 'pending' && ((isBack && flow.state.fault !== null) || isPast)) flow.again()
    // So many flags changed at once that they are not named: this one may be among them.
    if (event.type === 'resync' && flow.state.phase === 'pending') flow.again()
    if (event.type === 'flags') for (const { name } of event.data.rows) flow.flagChanged(name)
  })
  askAgainWhile(
    () => flow.state.phase === 'pending' && isAway(flow.state.fault),
    () => flow.state.fault,
    () => flow.again(),
  )
  return {
    flow,
    undoLast() {
      const last = [...undoing.values()].at(-1)
      last?.()
      return last !== undefined
    },
  }
}

/** Resolves at once where a person is signed in, otherwise when one is. */
function signedIn({ state }: Account): Promise<void> {
  const isIn = () => state.session !== null && !state.isOver
  if (isIn()) return Promise.resolve()
  return new Promise((resolve) => {
    const stop = watch(isIn, (now) => {
      if (!now) return
      stop()
      resolve()
    })
  })
}
