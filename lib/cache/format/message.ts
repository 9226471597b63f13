// The messages between processes, as sealed JSON: hints of changes, differences that were found, and requests to acknowledge a
// position. Any client that can write to Redis can send any text, so a message is checked whole before any of it is used. Each
// message names its database; a message about another database is ignored, wherever it is heard.
import { packedFormat } from '../../state/packed-state.js'
import { type Sealer, seal, unseal } from '../../state/sealed.js'
import { isRecord } from '../../text/json.js'
import { featureRow, isIdentifier, isText, parseFeature, parsePosition } from '../../state/state-json.js'
import type { Position, StoredDelta, StoredFeature } from '../../state/state.js'
import type { Hint, WaitRequest } from '../cache.js'

export type Message =
  | { readonly kind: 'hint'; readonly hint: Hint }
  | { readonly kind: 'difference'; readonly names: readonly string[] | null }
  | { readonly kind: 'wait'; readonly request: WaitRequest }

/** Every process of a fleet gets every message: above this size the content is left out. */
export const largestMessage = 64 * 1024
/** A difference in more features is sent without their names. */
export const mostNames = 100

/** The processes that exchange messages. */
export interface Circle {
  readonly sealer: Sealer
  readonly identity: string
}

/** The hint as text: without the content if it would grow too large, and if need be without the positions passed. */
export function hintMessage(circle: Circle, hint: Hint): string {
  const changed = hint.changed === null ? null : changedParts(hint.changed)
  const texts = [() => hintText(circle, hint, hint.via, changed), () => hintText(circle, hint, hint.via, null)]
  for (const text of texts) {
    const made = text()
    if (Buffer.byteLength(made) <= largestMessage) return made
  }
  return hintText(circle, hint, [], null)
}

/** The difference as text: without the names if they are too many or too long. */
export function differenceMessage(circle: Circle, names: readonly string[] | null): string {
  const text = (told: readonly string[] | null) => sealed(circle, messageText(circle, 'difference', { names: told }))
  if (names === null || names.length > mostNames) return text(null)
  const made = text(names)
  return Buffer.byteLength(made) <= largestMessage ? made : text(null)
}

export function waitMessage(circle: Circle, { id, position }: WaitRequest): string {
  return sealed(circle, messageText(circle, 'wait', { id, position }))
}

/** Null for a text that is not a message of this format and circle. */
export function parseMessage({ sealer, identity }: Circle, text: string): Message | null {
  const body = unseal(sealer, placeOf(identity), text)
  const message = body === null ? null : parseJson(body)
  if (!isRecord(message) || message['format'] !== packedFormat || message['identity'] !== identity) return null
  switch (message['kind']) {
    case 'hint':
      return parseHint(message)
    case 'difference':
      return parseDifference(message)
    case 'wait':
      return parseWait(message)
    default:
      return null
  }
}

const placeOf = (identity: string) => ({ purpose: 'message', owner: identity }) as const

function sealed({ sealer, identity }: Circle, body: string): string {
  return seal(sealer, placeOf(identity), body)
}

function messageText({ identity }: Circle, kind: Message['kind'], parts: object): string {
  return JSON.stringify({ format: packedFormat, kind, identity, ...parts })
}

function hintText(
  circle: Circle,
  { from, to }: Hint,
  via: readonly Position[],
  changed: readonly string[] | null,
): string {
  const head = messageText(circle, 'hint', { from, via, to })
  return sealed(circle, `${head.slice(0, -1)},"changed":${changed === null ? 'null' : `[${changed.join(',')}]`}}`)
}

/** The changed features as JSON, or null as soon as they are too many: a change of thousands is not encoded in vain. */
function changedParts(changed: NonNullable<Hint['changed']>): string[] | null {
  const parts: string[] = []
  let length = 0
  for (const [key, feature] of changed) {
    const part = JSON.stringify(feature === null ? key : featureRow(feature))
    length += part.length
    if (length > largestMessage) return null
    parts.push(part)
  }
  return parts
}

function parseHint(message: Record<string, unknown>): Message | null {
  const [from, to] = [parsePosition(message['from']), parsePosition(message['to'])]
  const via = parseList(message['via'], parsePosition)
  const changed = message['changed'] === null ? null : parseChanged(message['changed'])
  if (from === null || to === null || via === null || changed === undefined) return null
  return { kind: 'hint', hint: { from, via, to, changed } }
}

function parseDifference({ names }: Record<string, unknown>): Message | null {
  if (names === null) return { kind: 'difference', names }
  const parsed = parseList(names, (name) => (isText(name) ? name : null))
  return parsed === null || parsed.length > mostNames ? null : { kind: 'difference', names: parsed }
}

function parseWait(message: Record<string, unknown>): Message | null {
  const { id } = message
  const position = parsePosition(message['position'])
  return position === null || !isIdentifier(id) ? null : { kind: 'wait', request: { id, position } }
}

/** Undefined for a value that is not a list of changed features. */
function parseChanged(value: unknown): StoredDelta['changed'] | undefined {
  const parsed = parseList(value, parseChange)
  return parsed === null ? undefined : new Map(parsed)
}

/** A name alone is a feature that was deleted. */
function parseChange(value: unknown): readonly [string, StoredFeature | null] | null {
  if (isText(value)) return [value, null]
  const feature = parseFeature(value)
  return feature === null ? null : [feature.key, feature]
}

function parseList<T>(value: unknown, parse: (item: unknown) => T | null): T[] | null {
  if (!Array.isArray(value)) return null
  const parsed: T[] = []
  for (const item of value) {
    const one = parse(item)
    if (one === null) return null
    parsed.push(one)
  }
  return parsed
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    // Garbage on the channel is not a message; the caller gets null in that case.
    return undefined
  }
}
