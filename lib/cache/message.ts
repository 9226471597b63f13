// What processes tell each other, as sealed JSON: hints of changes, and requests to acknowledge a position. Anyone who can write
// to Redis can send anything, so what comes in is checked whole before any of it is used.
import { packedFormat } from '../store/packed-state.js'
import { featureRow, isIdentifier, isRecord, parseFeature, parsePosition } from '../store/state-shape.js'
import type { Position, StoredDelta, StoredFeature } from '../store/store.js'
import type { Hint, WaitRequest } from './cache.js'
import { seal, unseal } from './sealed.js'

export type Message =
  | { readonly kind: 'hint'; readonly hint: Hint; readonly databaseId: string }
  | { readonly kind: 'wait'; readonly request: WaitRequest }

/** Every process of a fleet gets every message: beyond this size the content is left out. */
export const largestMessage = 64 * 1024

/** The hint as text: without the content, and if need be without the positions passed, where it would grow too large. */
export function hintMessage(hint: Hint, databaseId: string): string {
  const changed = hint.changed === null ? null : changedParts(hint.changed)
  const texts = [() => hintText(hint, databaseId, hint.via, changed), () => hintText(hint, databaseId, hint.via, null)]
  for (const text of texts) {
    const made = text()
    if (Buffer.byteLength(made) <= largestMessage) return made
  }
  return hintText(hint, databaseId, [], null)
}

export function waitMessage({ id, position }: WaitRequest): string {
  return seal(JSON.stringify({ format: packedFormat, kind: 'wait', id, position }))
}

/** Null for anything that is no message of this format. */
export function parseMessage(text: string): Message | null {
  const body = unseal(text)
  const message = body === null ? null : parseJson(body)
  if (!isRecord(message) || message['format'] !== packedFormat) return null
  if (message['kind'] === 'hint') return parseHint(message)
  return message['kind'] === 'wait' ? parseWait(message) : null
}

function hintText(
  { from, to }: Hint,
  databaseId: string,
  via: readonly Position[],
  changed: readonly string[] | null,
): string {
  const head = JSON.stringify({ format: packedFormat, kind: 'hint', databaseId, from, via, to })
  return seal(`${head.slice(0, -1)},"changed":${changed === null ? 'null' : `[${changed.join(',')}]`}}`)
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
  const { databaseId } = message
  const [from, to] = [parsePosition(message['from']), parsePosition(message['to'])]
  const via = parseList(message['via'], parsePosition)
  const changed = message['changed'] === null ? null : parseChanged(message['changed'])
  if (from === null || to === null || via === null || changed === undefined || !isIdentifier(databaseId)) return null
  return { kind: 'hint', hint: { from, via, to, changed }, databaseId }
}

function parseWait(message: Record<string, unknown>): Message | null {
  const { id } = message
  const position = parsePosition(message['position'])
  return position === null || !isIdentifier(id) ? null : { kind: 'wait', request: { id, position } }
}

/** Undefined for anything that is no list of changed features. */
function parseChanged(value: unknown): StoredDelta['changed'] | undefined {
  const parsed = parseList(value, parseChange)
  return parsed === null ? undefined : new Map(parsed)
}

/** A name alone is a feature that is gone. */
function parseChange(value: unknown): readonly [string, StoredFeature | null] | null {
  if (typeof value === 'string') return [value, null]
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
    // Garbage on the channel is no message; whoever asked is told so by the null that comes of this.
    return undefined
  }
}
