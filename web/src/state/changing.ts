// Everything that changes anything, loaded with the first page that may: the list alone needs none of it.
import { watch } from 'vue'
import { apply, parseConflict, preview, wasMade } from '../api/changes.js'
import { ApiFault } from '../api/fault.js'
import { fetchHistory, type HistoryQuery } from '../api/history.js'
import type { Door } from '../api/request.js'
import { changedAgain } from '../change/changed-again.js'
import { makeFlow } from '../change/flow.js'
import type { Done, Flow } from '../change/flow-state.js'
import { tabStorage } from '../change/tab-storage.js'
import type { LiveEvent } from '../live/events.js'
import type { Live } from '../live/live.js'
import { mayBeStale } from '../live/position.js'
import type { Account } from './account.js'
import type { ActorClasses } from './actor-classes.js'
import { doneText } from '../change/done-text.js'
import { askAgainWhile, isAway } from '../live/again.js'
import type { FlagListStore } from './flag-list.js'
import type { Messages } from './messages.js'
import { visible } from '../text/visible.js'

export interface Changing {
  readonly flow: Flow
  /** Takes back the newest change that this page has made; false where there is none. */
  undoLast(): boolean
  /** Forgets what this page has made: another person is at it. */
  forget(): void
  /** Calls the listener for each change that this page has made; returns what ends that. */
  onMade(listener: () => void): () => void
}

/** A change of this page, and what takes it back; `isOver` where nothing does any more. */
interface Made {
  readonly changeId: string
  readonly flags: readonly string[]
  readonly run: () => void
  readonly isOver: boolean
}

export interface ChangingOptions {
  readonly actorClasses: ActorClasses
  readonly door: Door
  readonly account: Account
  readonly flags: FlagListStore
  readonly live: Live
  readonly messages: Messages
}

const anyChange: HistoryQuery = { flag: '', author: '', source: '', from: '', to: '', q: '' }

export function makeChanging({ actorClasses, door, account, flags, live, messages }: ChangingOptions): Changing {
  /** By the message that tells of it; the newest of a flag alone, because what was made before it is not what the flag is now. */
  const made = new Map<number, Made>()
  const listeners = new Set<() => void>()
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
      if (flow.propose(undo.proposal, undo.revision, null)) flow.review()
      else messages.tell({ kind: 'told', text: 'Another change is pending: make or discard it first' })
    }
    const { flags: names } = undo
    for (const [id, before] of made) {
      if (!before.flags.some((name) => names.includes(name))) continue
      made.delete(id)
      messages.close(id)
    }
    const id = messages.tell({ kind: 'done', text, action: { label: 'Undo', run } })
    made.set(id, { changeId: undo.proposal.changeId, flags: names, run, isOver: false })
    for (const listener of listeners) listener()
  }

  /** Another person may have taken it back, or have changed the same again: then there is nothing to offer. */
  async function lookAgain(id: number, one: Made, flag: string): Promise<void> {
    try {
      const { entries } = await fetchHistory(door, { ...anyChange, flag }, null)
      const again = changedAgain(entries, one.changeId, flag)
      if (again === null || !made.has(id)) return
      made.set(id, { ...one, isOver: true })
      messages.end(id, `changed again by ${visible(again.author)}`)
    } catch (error) {
      // It stays offered, and its review says whether it can be done.
      if (!(error instanceof ApiFault)) throw error
    }
  }

  function compareWithMade(event: LiveEvent): void {
    // What is being sent may be what takes it back: its answer tells.
    if (flow.state.phase === 'sending' || flow.state.phase === 'checking') return
    for (const [id, one] of made) {
      if (one.isOver) continue
      if (event.type === 'resync') for (const flag of one.flags) void lookAgain(id, one, flag)
      if (event.type !== 'flags') continue
      const { changes } = event.data
      const other = changes.find(({ name, change_id }) => one.flags.includes(name) && change_id !== one.changeId)
      if (other !== undefined) void lookAgain(id, one, other.name)
    }
  }

  live.on((event) => {
    compareWithMade(event)
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
      const last = [...made.values()].findLast(({ isOver }) => !isOver)
      last?.run()
      return last !== undefined
    },
    forget: () => made.clear(),
    onMade(listener) {
      listeners.add(listener)
      return () => listeners.delete(listener)
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
