// What the flow of a change shows, takes and needs.
import type { ChangeTerms, Conflict, Outcome } from '../api/changes.js'
import type { Preview } from '../api/preview.js'
import type { ApiFault } from '../api/fault.js'
import type { Operation, StoredShares } from '../proposal/operations.js'
import type { Proposal } from '../proposal/proposal.js'

export type Phase = 'clean' | 'pending' | 'sending' | 'checking' | 'conflict' | 'refused' | 'waiting'

export interface FlowState {
  readonly phase: Phase
  readonly proposal: Proposal | null
  /** What the flag must still have; null for several flags. */
  readonly revision: string | null
  readonly stored: StoredShares | null
  readonly reason: string
  readonly preview: Preview | null
  /** Whether a preview is on its way. */
  readonly isAsking: boolean
  readonly isReviewing: boolean
  /** What is wrong: with the preview, or with the change. */
  readonly fault: ApiFault | null
  readonly conflict: Conflict | null
  /** What happened meanwhile, in a sentence. */
  readonly note: string | null
  /** `checking` takes longer than a person should wait without a word. */
  readonly isLate: boolean
  readonly waitingUntil: string | null
}

/** How the flow talks to a server. */
export interface Desk {
  /** Resolves when a person is signed in: before that, the server would refuse whatever it is asked. */
  ready(): Promise<void>
  preview(proposal: Proposal, revision: string | null, signal: AbortSignal): Promise<Preview>
  apply(proposal: Proposal, terms: ChangeTerms, timeoutMs: number): Promise<Outcome>
  /** Whether a change with this id is in the history. Throws ApiFault. */
  wasMade(proposal: Proposal, changeId: string): Promise<boolean>
  /** What the body of a 412 says; null where it says nothing. */
  conflictOf(body: unknown): Conflict | null
}

export interface Done {
  readonly proposal: Proposal
  readonly preview: Preview | null
  readonly outcome: Extract<Outcome, { kind: 'done' }>
}

export interface FlowOptions {
  readonly desk: Desk
  readonly storage: Storage | null
  readonly onDone: (done: Done) => void
  readonly now?: () => number
  readonly newId?: () => string
}

export interface Flow {
  readonly state: FlowState
  /** Adds an operation to the pending change of a flag; false where another flag's change is pending. */
  edit(flag: Edited, operation: Operation): boolean
  /** Makes this the pending change, for the review that is opened next: cancelled there, nothing of it is left. False where another flag's is pending. */
  propose(proposal: Proposal, revision: string | null, stored: StoredShares | null): boolean
  setReason(reason: string): void
  discard(): void
  review(): void
  /** Cancels it. What was put together before it stays pending. */
  endReview(): void
  /** Sends it. Resolves when it is known what became of it, or when it is being checked. */
  confirm(extra?: Extra): Promise<void>
  /** After a conflict: the same once more, on what the flag is now. */
  putOnTop(): void
  /** Tells that a flag was changed; by this page's own change, too. */
  flagChanged(name: string): void
  /** Asks for the preview again, as after a fault. */
  again(): void
}

/** What an admin adds to a change that would be refused. */
export interface Extra {
  /** Why a rule of the policy is passed by. */
  readonly override?: string | null
  /** Also what the default-on trap refuses. */
  readonly force?: boolean
  /** Waits until every process has it. */
  readonly wait?: boolean
}

export interface Edited {
  readonly name: string
  readonly revision: string
  readonly gates: StoredShares
}

/** Nothing is pending. */
export const clean: FlowState = {
  phase: 'clean',
  proposal: null,
  revision: null,
  stored: null,
  reason: '',
  preview: null,
  isAsking: false,
  isReviewing: false,
  fault: null,
  conflict: null,
  note: null,
  isLate: false,
  waitingUntil: null,
}
