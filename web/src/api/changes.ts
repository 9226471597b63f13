// Previews and changes, of one flag or of several: how they are asked for, and what came of them.
import type { Proposal } from '../proposal/proposal.js'
import { type ChangeEntry, changeEntry } from './flag.js'
import { anything, isRecord, list, number, object, oneOf, orNull, otherwise, text } from './parse.js'
import { type Preview, parsePreview } from './preview.js'
import { ApiFault } from './fault.js'
import type { Ask, Door } from './request.js'

/** What came of a change that was sent. */
export type Outcome =
  | {
      readonly kind: 'done'
      readonly changeId: string | null
      /** The revision that the flag has now; null for several flags. */
      readonly revision: string | null
      readonly position: string | null
      readonly processes: ConfirmedProcesses | null
    }
  /** A second person has to agree. */
  | { readonly kind: 'waiting'; readonly proposalId: string | null; readonly expiresAt: string | null }

export interface ConfirmedProcesses {
  readonly live: number
  readonly confirmed: number
  readonly lagging: readonly string[]
}

export interface ChangeTerms {
  readonly revision: string | null
  /** Of several flags each. */
  readonly revisions: readonly { readonly name: string; readonly revision: string }[]
  readonly reason: string
  readonly confirm: string | null
  /** A UUID of ours: sent again, the change is made once. */
  readonly changeId: string
  readonly override: string | null
  /** Lifts the refusal of the default-on trap and of a flag without definition; for admins. */
  readonly force: boolean
  /** Waits until every process has a change of one flag, and tells which do not. */
  readonly wait: boolean
}

export interface PreviewTerms {
  /** What the flag must still have. */
  readonly revision: string | null
  /** The class of the actors that are counted, for a proposal of one flag. */
  readonly actorClass?: string | undefined
  readonly signal?: AbortSignal
}

/** What the proposal would do. Throws ApiFault (412: `flag_changed`). */
export async function preview(
  door: Door,
  proposal: Proposal,
  { revision, actorClass, signal }: PreviewTerms,
): Promise<Preview> {
  const request = requestOf(proposal, revision)
  const body = { ...request.body, dry_run: true, ...(actorClass === undefined ? {} : { actor_class: actorClass }) }
  return await door.ask(request.path, parsePreview, { method: 'POST', body, headers: request.headers, signal })
}

/** Makes the change. Throws ApiFault. */
export async function apply(door: Door, proposal: Proposal, terms: ChangeTerms, timeoutMs: number): Promise<Outcome> {
  const { path, body, headers, idField } = requestOf(proposal, terms.revision, terms.revisions)
  const { status, body: answer } = await door.answer(path, {
    method: 'POST',
    timeoutMs,
    headers,
    body: {
      ...body,
      [idField]: terms.changeId,
      ...(terms.reason.trim() === '' ? {} : { reason: terms.reason.trim() }),
      ...(terms.confirm === null ? {} : { confirm: terms.confirm }),
      ...(terms.force ? { force: true } : {}),
      ...(terms.wait && proposal.kind === 'operations' ? { wait: true } : {}),
      ...(terms.override === null ? {} : { override: { reason: terms.override } }),
    },
  })
  try {
    return outcomeOf(status, answer)
  } catch (error) {
    throw new ApiFault({
      kind: 'nonsense',
      message: `the answer to the change is not understood: ${String(error)}`,
      status,
    })
  }
}

/** Whether the history of the flag holds the change. Throws ApiFault. */
export async function wasMade(door: Door, proposal: Proposal, changeId: string): Promise<boolean> {
  const name = proposal.kind === 'several' ? (proposal.flags[0] ?? '') : proposal.flag
  const path = `/api/v4/features/${encodeURIComponent(name)}/history?change_id=${encodeURIComponent(changeId)}`
  return (await door.ask(path, madeChanges)).changes.length > 0
}
const madeChanges = object({ changes: list(anything) })

const done = object({
  flag: orNull(object({ revision: orNull(text) })),
  change: orNull(object({ id: orNull(text), position: anything })),
  processes: orNull(
    object<ConfirmedProcesses>({ live: number, confirmed: number, lagging: otherwise(list(text), []) }),
  ),
})
const waiting = object({ proposal: orNull(object({ id: orNull(text), expires_at: orNull(text) })) })

function outcomeOf(status: number, answer: unknown): Outcome {
  if (status === 202) {
    const { proposal } = waiting(answer)
    return { kind: 'waiting', proposalId: proposal?.id ?? null, expiresAt: proposal?.expires_at ?? null }
  }
  const { flag: changed, change, processes } = done(answer)
  return {
    kind: 'done',
    changeId: change?.id ?? null,
    revision: changed?.revision ?? null,
    position: positionText(change?.position),
    processes,
  }
}

function positionText(position: unknown): string | null {
  if (typeof position === 'string') return position
  if (isRecord(position)) return typeof position['version'] === 'string' ? position['version'] : null
  return null
}

interface ChangeRequest {
  readonly path: string
  readonly body: object
  readonly headers: NonNullable<Ask['headers']>
  /** Where the id of the change stands: a change that takes another back names that one as `change_id`. */
  readonly idField: 'change_id' | 'new_change_id'
}

function requestOf(
  proposal: Proposal,
  revision: string | null,
  revisions: ChangeTerms['revisions'] = [],
): ChangeRequest {
  if (proposal.kind === 'several') {
    const known = new Map(revisions.map((one) => [one.name, one.revision]))
    const flags = proposal.flags.map((name) => ({ name, ...(known.has(name) ? { revision: known.get(name) } : {}) }))
    return { path: '/api/web/changes', body: { flags, operation: proposal.op }, headers: {}, idField: 'change_id' }
  }
  const headers: Record<string, string> = revision === null ? {} : { 'if-match': `"${revision}"` }
  const base = `/api/v4/features/${encodeURIComponent(proposal.flag)}`
  switch (proposal.kind) {
    case 'operations':
      return { path: `${base}/changes`, body: { operations: proposal.operations }, headers, idField: 'change_id' }
    case 'restore':
      return { path: `${base}/restore`, body: { change_id: proposal.to.changeId }, headers, idField: 'new_change_id' }
    case 'undo':
      return { path: `${base}/undo`, body: { change_id: proposal.changeId }, headers: {}, idField: 'new_change_id' }
  }
}

/** What a 412 says: who changed the flag, and whether both fit together. */
export interface Conflict {
  readonly changes: readonly ChangeEntry[]
  readonly revision: string | null
  readonly rebase: 'clean' | 'conflict'
}

const conflict = object({
  current: object({ revision: orNull(text) }),
  changes: otherwise(list(changeEntry), []),
  rebase: otherwise(oneOf('clean', 'conflict'), 'conflict'),
})

/** The conflict in the body of a 412; null where it says none. */
export function parseConflict(body: unknown): Conflict | null {
  try {
    const { current, changes, rebase } = conflict(body)
    return { changes, rebase, revision: current.revision }
  } catch {
    return null
  }
}
