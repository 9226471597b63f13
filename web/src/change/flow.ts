// The one way in which anything is changed: collect, preview, confirm, undo.
//
//     clean ─edit→ pending ─Confirm→ sending ─200→ clean (done, with Undo)
//       pending ─the flag changed, other gates→ pending (says so)       pending, sending ─412 on the same gates→ conflict → pending
//       sending ─202→ waiting       ─422 and other refusals→ refused → pending       ─no answer, outcome_unknown→ checking → clean or refused
//
// `checking` sends the same change again under the same id: the server makes it once, and answers with what became of it. Where it refuses
// the second try, the history tells of the first.
import { reactive, readonly } from 'vue'
import type { ChangeTerms, Outcome } from '../api/changes.js'
import type { Preview } from '../api/preview.js'
import { ApiFault } from '../api/fault.js'
import { type StoredShares, withOperation } from '../proposal/operations.js'
import type { Proposal } from '../proposal/proposal.js'
import { foundInHistory, isUncertain, meanwhile, saysNothing } from './outcome.js'
import { clean, type Extra, type Flow, type FlowOptions, type FlowState } from './flow-state.js'
import { keptOf, readKept, writeKept } from './kept.js'

const pauseMs = 200
/** Longer than a commit takes, shorter than a person waits for a word. */
const sendMs = 8_000
const checkEveryMs = 1_500
const lateMs = 10_000

export function makeFlow({
  desk,
  storage,
  onDone,
  now = Date.now,
  newId = () => crypto.randomUUID(),
}: FlowOptions): Flow {
  const state = reactive<{ -readonly [K in keyof FlowState]: FlowState[K] }>({ ...clean })
  let pause: number | undefined
  let asking: AbortController | null = null
  /** The id of the change as it is sent; another one after each edit. */
  let id: string | null = null
  let confirmed: string | null = null
  /** Whether the change was begun with its review, as Undo is, and was in no bar yet. */
  let isOfReview = false
  let run = 0

  const keep = () => writeKept(storage, keptOf(state, { id, confirm: confirmed }, now()))

  function reset(): void {
    stopAsking()
    run += 1
    id = null
    Object.assign(state, clean)
    keep()
  }

  function stopAsking(): void {
    window.clearTimeout(pause)
    asking?.abort()
    asking = null
    state.isAsking = false
  }

  const isBusy = () => state.phase === 'sending' || state.phase === 'checking'

  function isForAnother(name: string): boolean {
    const { proposal } = state
    if (proposal === null || state.phase === 'waiting') return false
    return proposal.kind === 'several' || proposal.flag !== name
  }

  function take(proposal: Proposal, revision: string | null, stored: StoredShares | null): void {
    id = null
    Object.assign(state, {
      proposal,
      revision,
      stored,
      phase: 'pending',
      fault: null,
      conflict: null,
      waitingUntil: null,
    })
    keep()
    askSoon()
  }

  function askSoon(ms = pauseMs): void {
    stopAsking()
    state.isAsking = true
    pause = window.setTimeout(() => void ask(), ms)
  }

  async function ask(): Promise<void> {
    const { proposal, revision } = state
    if (proposal === null || isBusy()) return
    const control = new AbortController()
    asking = control
    state.isAsking = true
    try {
      await desk.ready()
      if (asking !== control) return
      const preview = await desk.preview(proposal, revision, control.signal)
      if (asking !== control) return
      if (proposal.kind !== 'several') state.revision ??= preview.flags[0]?.revision ?? null
      Object.assign(state, { preview, fault: null })
    } catch (error) {
      if (asking !== control || !(error instanceof ApiFault)) return
      if (!meets(error)) state.fault = error
    } finally {
      if (asking === control) {
        asking = null
        state.isAsking = false
      }
    }
  }

  /** Deals with a 412: a change of other gates is taken in and said, one of the same gates is for the person to decide. */
  function meets(fault: ApiFault): boolean {
    const met = fault.status === 412 ? desk.conflictOf(fault.body) : null
    if (met === null) return false
    if (met.rebase === 'clean' && met.revision !== null) {
      state.revision = met.revision
      state.phase = 'pending'
      state.note = meanwhile(met)
      keep()
      askSoon(0)
      return true
    }
    isOfReview = false
    Object.assign(state, { conflict: met, phase: 'conflict', preview: null, isReviewing: false })
    keep()
    return true
  }

  async function send({ override = null, force = false, wait = false }: Extra): Promise<void> {
    const { proposal, revision, reason } = state
    if (proposal === null) return
    const preview = state.preview
    const mine = ++run
    id ??= newId()
    confirmed = preview?.confirm ?? confirmed
    stopAsking()
    Object.assign(state, { phase: 'sending', fault: null, isLate: false })
    keep()
    const revisions = preview?.flags.map(({ name, revision }) => ({ name, revision })) ?? []
    const terms: ChangeTerms = { revision, revisions, reason, confirm: confirmed, changeId: id, override, force, wait }
    try {
      finish(await desk.apply(proposal, terms, sendMs), proposal, preview)
    } catch (error) {
      if (mine !== run) return
      if (!(error instanceof ApiFault)) throw error
      if (isUncertain(error)) await check(proposal, { ...terms, wait: false }, preview, mine)
      else refuse(error)
    }
  }

  async function check(proposal: Proposal, terms: ChangeTerms, preview: Preview | null, mine: number): Promise<void> {
    state.phase = 'checking'
    keep()
    const since = now()
    while (mine === run) {
      try {
        await desk.ready()
        finish(await desk.apply(proposal, terms, sendMs / 2), proposal, preview)
        return
      } catch (error) {
        if (mine !== run) return
        if (!(error instanceof ApiFault)) throw error
        const became = await afterRefusal(error, proposal, terms)
        if (mine !== run) return
        if (became === 'made') return finish(foundInHistory(terms), proposal, preview)
        if (became === 'not made') return refuse(error)
      }
      state.isLate = now() - since > lateMs
      await new Promise((resolve) => window.setTimeout(resolve, checkEveryMs))
      state.isLate = now() - since > lateMs
    }
  }

  /** A refusal of the second try says nothing of the first, which may have been made before the server came to refuse. */
  async function afterRefusal(
    fault: ApiFault,
    proposal: Proposal,
    { changeId }: ChangeTerms,
  ): Promise<'made' | 'not made' | 'unknown'> {
    if (saysNothing(fault)) return 'unknown'
    try {
      return (await desk.wasMade(proposal, changeId)) ? 'made' : 'not made'
    } catch (error) {
      if (error instanceof ApiFault) return 'unknown'
      throw error
    }
  }

  function finish(outcome: Outcome, proposal: Proposal, preview: Preview | null): void {
    if (outcome.kind === 'waiting') {
      Object.assign(state, { phase: 'waiting', isReviewing: false, waitingUntil: outcome.expiresAt })
      keep()
      return
    }
    reset()
    onDone({ proposal, preview, outcome })
  }

  function refuse(fault: ApiFault): void {
    if (meets(fault)) return
    // What a person confirmed has run out, or is of another preview: a new one is shown, and asked again.
    if (fault.status === 428) {
      id = null
      Object.assign(state, {
        phase: 'pending',
        note: 'The preview was too old to confirm. This is a new one: look at it again.',
      })
      askSoon(0)
      return
    }
    Object.assign(state, { phase: 'refused', fault })
    keep()
  }

  /** Takes up what this tab kept. */
  function resume(): void {
    const kept = readKept(storage, now())
    if (kept === null) return
    const { proposal, revision, stored, reason, sentAs, confirm } = kept
    Object.assign(state, { proposal, revision, stored, reason, phase: 'pending' })
    if (sentAs === null) {
      askSoon(0)
      return
    }
    id = sentAs
    confirmed = confirm
    void check(
      proposal,
      { revision, revisions: [], reason, confirm, changeId: sentAs, override: null, force: false, wait: false },
      null,
      ++run,
    )
  }

  const flow: Flow = {
    state: readonly(state) as FlowState,
    edit(flag, operation) {
      if (isBusy() || isForAnother(flag.name)) return false
      const { proposal } = state
      const isSame = proposal?.kind === 'operations' && state.phase !== 'waiting'
      const operations = withOperation(isSame ? proposal.operations : [], operation, flag.gates)
      if (operations.length === 0) {
        reset()
        return true
      }
      isOfReview = false
      const revision = isSame ? state.revision : flag.revision
      take({ kind: 'operations', flag: flag.name, operations }, revision, flag.gates)
      return true
    },
    propose(proposal, revision, stored) {
      if (isBusy()) return false
      if (proposal.kind !== 'several' && isForAnother(proposal.flag)) return false
      // A safer way that a review offers takes the place of what it showed.
      if (!state.isReviewing) isOfReview = true
      Object.assign(state, { preview: null, note: null, reason: '' })
      take(proposal, revision, stored)
      return true
    },
    setReason(reason) {
      state.reason = reason
      keep()
    },
    discard() {
      if (!isBusy()) reset()
    },
    review() {
      if (state.proposal !== null) state.isReviewing = true
    },
    endReview() {
      const isLeft = state.isReviewing && isOfReview && !isBusy()
      state.isReviewing = isOfReview = false
      if (isLeft) reset()
    },
    async confirm(extra = {}) {
      if (state.proposal === null || isBusy() || state.preview === null || state.isAsking) return
      await send(extra)
    },
    putOnTop() {
      if (state.phase !== 'conflict' || state.conflict === null) return
      const { revision } = state.conflict
      id = null
      Object.assign(state, { phase: 'pending', revision, conflict: null, note: null })
      keep()
      askSoon(0)
    },
    flagChanged(name) {
      const { proposal } = state
      const isTouched =
        proposal !== null && (proposal.kind === 'several' ? proposal.flags.includes(name) : proposal.flag === name)
      if (isTouched && (state.phase === 'pending' || state.phase === 'refused')) askSoon(0)
    },
    again: () => askSoon(0),
  }
  resume()
  return flow
}
