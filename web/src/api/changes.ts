// Previews and changes, of one flag or of several.
import type { Operation } from '../proposal/operations.js'
import type { Proposal } from '../proposal/proposal.js'
import { changeEntry, type ChangeEntry } from './flag.js'
import { operation } from './operation.js'
import { anything, flag, isRecord, list, number, object, oneOf, orNull, otherwise, text } from './parse.js'
import type { Ask, Door } from './request.js'

export interface Side {
  readonly state: string
  readonly stored: boolean
  readonly summary: string
}

export interface GateChange {
  readonly gate: string
  readonly before: boolean | number
  readonly after: boolean | number
  readonly added: readonly string[]
  readonly removed: readonly string[]
}

export interface Effect {
  readonly actor_class: string | null
  readonly known: number | null
  /** How many of the known were looked at; where it is fewer, the numbers are estimates. */
  readonly sample: number
  readonly of: 'application' | 'lists' | null
  readonly gain: number
  readonly lose: number
  readonly margin: number
  readonly unknown: number
  readonly gain_first: readonly string[]
  readonly lose_first: readonly string[]
  readonly without_actor: { readonly before: number; readonly after: number }
  readonly everybody: boolean
}

export interface Warning {
  readonly code: string
  readonly message: string
  readonly safer: readonly Operation[]
}

export interface PolicyReason {
  readonly rule: string
  readonly text: string
  readonly blocks: boolean
}

export interface Policy {
  readonly verdict: string
  readonly reasons: readonly PolicyReason[]
}

export interface FlagPreview {
  readonly name: string
  readonly revision: string
  readonly changed: boolean
  readonly before: Side
  readonly after: Side
  readonly gates: readonly GateChange[]
  readonly wiped: { readonly actors: number; readonly never: number; readonly groups: number }
  readonly effect: Effect
  readonly warnings: readonly Warning[]
}

/** What a proposal would do, to each of its flags. */
export interface Preview {
  readonly flags: readonly FlagPreview[]
  readonly level: 0 | 1 | 2
  /** What the server must see again before a person's change; null for tokens. */
  readonly confirm: string | null
  readonly policy: Policy | null
  readonly commands: { readonly cli: string | null; readonly curl: string | null; readonly chatops: string | null }
  /** Later changes by others that a restore takes back, too. */
  readonly laterChanges: readonly ChangeEntry[]
}

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
  readonly reason: string
  readonly confirm: string | null
  /** A UUID of ours: sent again, the change is made once. */
  readonly changeId: string
  readonly override: string | null
  /** Lifts the refusal of the default-on trap and of a flag without definition; for admins. */
  readonly force: boolean
}

const side = object<Side>({ state: text, stored: otherwise(flag, true), summary: text })
const value = (given: unknown): boolean | number => (typeof given === 'boolean' ? given : number(given))
const gate = object<GateChange>({
  gate: text,
  before: value,
  after: value,
  added: otherwise(list(text), []),
  removed: otherwise(list(text), []),
})
const effect = object<Effect>({
  actor_class: orNull(text),
  known: orNull(number),
  sample: otherwise(number, 0),
  of: orNull(oneOf('application', 'lists')),
  gain: number,
  lose: number,
  margin: otherwise(number, 0),
  unknown: otherwise(number, 0),
  gain_first: otherwise(list(text), []),
  lose_first: otherwise(list(text), []),
  without_actor: object({ before: number, after: number }),
  everybody: otherwise(flag, false),
})
const warning = object<Warning>({ code: text, message: text, safer: otherwise(list(operation), []) })
const flagPreview = object<FlagPreview>({
  name: text,
  revision: text,
  changed: otherwise(flag, true),
  before: side,
  after: side,
  gates: list(gate),
  wiped: object({ actors: number, never: number, groups: number }),
  effect,
  warnings: otherwise(list(warning), []),
})
const level = (given: unknown): 0 | 1 | 2 => (given === 0 || given === 1 ? given : 2)
const policy = object<Policy>({
  verdict: text,
  reasons: otherwise(list(object<PolicyReason>({ rule: text, text, blocks: otherwise(flag, false) })), []),
})
const common = object({
  level,
  confirm: orNull(text),
  policy: orNull(policy),
  commands: otherwise(object({ cli: orNull(text), curl: orNull(text), chatops: orNull(text) }), {
    cli: null,
    curl: null,
    chatops: null,
  }),
  later_changes: otherwise(list(changeEntry), []),
})

/** What the proposal would do; `revision` is what the flag must still have. Throws ApiFault (412: `flag_changed`). */
export async function preview(
  door: Door,
  proposal: Proposal,
  revision: string | null,
  signal?: AbortSignal,
): Promise<Preview> {
  const { path, body, headers } = requestOf(proposal, revision)
  return await door.ask(path, parsePreview, { method: 'POST', body: { ...body, dry_run: true }, headers, signal })
}

function parsePreview(answer: unknown, place = ''): Preview {
  const { later_changes, ...rest } = common(answer, place)
  const flags =
    isRecord(answer) && Array.isArray(answer['flags'])
      ? list(flagPreview)(answer['flags'], 'flags')
      : [flagPreview(answer, place)]
  return { ...rest, flags, laterChanges: later_changes }
}

/** Makes the change. Throws ApiFault. */
export async function apply(door: Door, proposal: Proposal, terms: ChangeTerms, timeoutMs: number): Promise<Outcome> {
  const { path, body, headers } = requestOf(proposal, terms.revision)
  const { status, body: answer } = await door.answer(path, {
    method: 'POST',
    timeoutMs,
    headers,
    body: {
      ...body,
      change_id: terms.changeId,
      ...(terms.reason.trim() === '' ? {} : { reason: terms.reason.trim() }),
      ...(terms.confirm === null ? {} : { confirm: terms.confirm }),
      ...(terms.force ? { force: true } : {}),
      ...(terms.override === null ? {} : { override: { reason: terms.override } }),
    },
  })
  return outcomeOf(status, answer)
}

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

function requestOf(
  proposal: Proposal,
  revision: string | null,
): { path: string; body: object; headers: NonNullable<Ask['headers']> } {
  const headers: Record<string, string> = revision === null ? {} : { 'if-match': `"${revision}"` }
  if (proposal.kind === 'several') {
    return { path: '/api/web/changes', body: { flags: proposal.flags, op: proposal.op }, headers: {} }
  }
  const base = `/api/v4/features/${encodeURIComponent(proposal.flag)}`
  switch (proposal.kind) {
    case 'operations':
      return {
        path: `${base}/changes`,
        body: { operations: proposal.operations satisfies readonly Operation[] },
        headers,
      }
    case 'restore':
      return { path: `${base}/restore`, body: { change_id: proposal.to.changeId }, headers }
    case 'undo':
      return { path: `${base}/undo`, body: { change_id: proposal.changeId }, headers: {} }
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
