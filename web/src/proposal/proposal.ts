// What a person is about to do. Everything that changes anything is one of these, and goes the same way: preview, review, confirm, undo.
import { count, counted, listed, percent } from '../text/numbers.js'
import { shortened, visible } from '../text/visible.js'
import type { ListName, Operation } from './operations.js'

export type Proposal =
  | { readonly kind: 'operations'; readonly flag: string; readonly operations: readonly Operation[] }
  /** Exactly the rows that the flag had at a revision or after a change. */
  | { readonly kind: 'restore'; readonly flag: string; readonly to: RestorePoint }
  /** The inverse of one change, on all its flags. */
  | { readonly kind: 'undo'; readonly flag: string; readonly changeId: string; readonly sentence: string }
  /** The same for several flags, in one transaction. */
  | { readonly kind: 'several'; readonly flags: readonly string[]; readonly op: 'disable' | 'delete' }

export interface RestorePoint {
  readonly changeId: string
  /** When the flag was so; ISO. */
  readonly at: string
}

/** What the proposal is about, for titles: the flag, or how many. */
export function subjectOf(proposal: Proposal): string {
  if (proposal.kind !== 'several') return visible(proposal.flag)
  return proposal.flags.length === 1 ? visible(proposal.flags[0] ?? '') : counted(proposal.flags.length, 'flag')
}

/** `Set dark_mode to 50 % of actors`: what the button does that makes the change. */
export function actionOf(proposal: Proposal): string {
  const subject = shortened(subjectOf(proposal), 60)
  switch (proposal.kind) {
    case 'restore':
      return `Restore ${subject}`
    case 'undo':
      return `Undo the change of ${subject}`
    case 'several':
      return proposal.op === 'disable' ? `Turn off ${subject} for everybody` : `Delete what is stored of ${subject}`
    case 'operations':
      return operationsAction(proposal.operations, subject)
  }
}

/** The same in few words, for a narrow place: `Set 50 %`. */
export function shortActionOf(proposal: Proposal): string {
  if (proposal.kind === 'restore') return 'Restore'
  if (proposal.kind === 'undo') return 'Undo'
  if (proposal.kind === 'several') return proposal.op === 'disable' ? 'Turn off' : 'Delete'
  const [only, ...more] = proposal.operations
  if (only === undefined || more.length > 0) return 'Make the change'
  switch (only.op) {
    case 'enable':
      return 'Turn on'
    case 'disable':
      return 'Turn off'
    case 'delete':
      return 'Delete'
    case 'percentage_of_actors':
    case 'percentage_of_time':
      return `Set ${percent(only.value)}`
    case 'add':
      return `Add ${count(only.ids.length)}`
    case 'remove':
      return `Remove ${count(only.ids.length)}`
  }
}

function operationsAction(operations: readonly Operation[], subject: string): string {
  const [only, ...more] = operations
  if (only === undefined || more.length > 0) return `Change ${subject}`
  switch (only.op) {
    case 'enable':
      return `Turn on ${subject} for everybody`
    case 'disable':
      return `Turn off ${subject} for everybody`
    case 'delete':
      return `Delete what is stored of ${subject}`
    case 'percentage_of_actors':
      return `Set ${subject} to ${percent(only.value)} of actors`
    case 'percentage_of_time':
      return `Set ${subject} to ${percent(only.value)} of checks`
    case 'add':
    case 'remove':
      return `${only.op === 'add' ? 'Add' : 'Remove'} ${thingsOf(only.list, only.ids)} ${only.op === 'add' ? 'to' : 'from'} ${subject}`
  }
}

function thingsOf(list: ListName, ids: readonly string[]): string {
  if (list === 'groups') return counted(ids.length, 'group')
  return `${counted(ids.length, 'actor')}${list === 'never' ? ' (never)' : ''}`
}

/** What would change, in a sentence without the flag: `25 → 50 % of actors; 3 actors added`. */
export function sentenceOf(
  proposal: Proposal,
  stored: { readonly percentage_of_actors: number; readonly percentage_of_time: number } | null,
): string {
  switch (proposal.kind) {
    case 'restore':
      return 'as it was then'
    case 'undo':
      return `taking back: ${visible(proposal.sentence)}`
    case 'several':
      return proposal.op === 'disable' ? 'off for everybody' : 'what is stored is deleted'
    case 'operations':
      return proposal.operations.map((operation) => operationSentence(operation, stored)).join('; ')
  }
}

function operationSentence(
  operation: Operation,
  stored: { readonly percentage_of_actors: number; readonly percentage_of_time: number } | null,
): string {
  switch (operation.op) {
    case 'enable':
      return 'on for everybody'
    case 'disable':
      return 'off for everybody'
    case 'delete':
      return 'what is stored is deleted, and the default counts'
    case 'percentage_of_actors':
    case 'percentage_of_time': {
      const of = operation.op === 'percentage_of_actors' ? 'of actors' : 'of checks'
      const before = stored === null ? '' : `${percent(stored[operation.op])} → `
      return `${before.replace(' %', '')}${percent(operation.value)} ${of}`
    }
    case 'add':
    case 'remove':
      return `${listText(operation.list, operation.ids)} ${operation.op === 'add' ? 'added' : 'removed'}`
  }
}

function listText(list: ListName, ids: readonly string[]): string {
  const named =
    ids.length <= 2
      ? listed(ids.map((id) => shortened(visible(id), 40)))
      : counted(ids.length, list === 'groups' ? 'group' : 'actor')
  if (list === 'never') return `never for ${named}:`
  return list === 'groups' && ids.length <= 2 ? `${ids.length === 1 ? 'group' : 'groups'} ${named}` : named
}
