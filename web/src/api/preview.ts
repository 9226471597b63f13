// What a change would do, as the server tells it.
import type { Operation } from '../proposal/operations.js'
import { type ChangeEntry, changeEntry } from './flag.js'
import { operation } from './operation.js'
import type { Answer } from './operations.generated.js'
import { flag, isRecord, list, number, object, oneOf, orNull, otherwise, text } from './parse.js'

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

/** Who gains the flag and who loses it; where fewer were looked at than are known, the numbers are estimates. */
export type Effect = Extract<Answer<'changeFeature'>, { readonly effect: object }>['effect']

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
  /** Changes since what is restored or undone: a restore takes them back, too, and an undo leaves them. */
  readonly later: readonly ChangeEntry[]
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
  later: otherwise(list(changeEntry), []),
})

/** The preview in an answer. */
export function parsePreview(answer: unknown, place = ''): Preview {
  const rest = common(answer, place)
  const flags =
    isRecord(answer) && Array.isArray(answer['flags'])
      ? list(flagPreview)(answer['flags'], 'flags')
      : [flagPreview(answer, place)]
  return { ...rest, flags }
}
