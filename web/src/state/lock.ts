// Why nothing of a flag can be changed at the moment.
import type { FlowState } from '../change/flow-state.js'
import { visible } from '../text/visible.js'

/** Null where it can be changed. */
export function lockOf(name: string, revision: string | null, { phase, proposal }: FlowState): string | null {
  if (revision === null) return 'The database cannot be reached: nothing can be changed until it is back'
  if (phase === 'sending' || phase === 'checking') return 'A change is on its way'
  if (proposal === null || phase === 'waiting') return null
  if (proposal.kind === 'several') return 'A change of several flags is pending: make or discard it first'
  return proposal.flag === name ? null : `A change of ${visible(proposal.flag)} is pending: make or discard it first`
}
