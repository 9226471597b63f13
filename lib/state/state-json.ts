// The parser at the edge for JSON that other processes wrote (a file, Redis): positions and features, of which nothing is
// believed. Features come as rows, `[key, gate, [value, …], gate, [value, …], …]`. They are arrays, because a key may be any
// text, `__proto__` too. They are flat, because a boot would spend more time on parsing nested arrays than on all its other
// work with them.
import { isRecord } from '../text/json.js'
import type { Position, StoredFeature } from './state.js'

/** UUIDs, in practice; they become parts of keys, so only these characters are allowed. */
const identifier = /^[A-Za-z0-9-]{1,64}$/
/** The digits that Postgres' bigint can hold. */
const version = /^\d{1,19}$/
/** A SHA-256 in hex, in practice; it becomes a part of keys too. */
const digest = /^[0-9a-f]{1,128}$/

export function isIdentifier(value: unknown): value is string {
  return typeof value === 'string' && identifier.test(value)
}

export function isDigest(value: unknown): value is string {
  return typeof value === 'string' && digest.test(value)
}

/**
 * A lone surrogate is not valid text: it is hashed and stored as U+FFFD, so that two texts would look like one. For most texts
 * V8 answers without looking at them.
 */
export function isText(value: unknown): value is string {
  return typeof value === 'string' && value.isWellFormed()
}

/** Whether Postgres can hold the text as it is: it has no NUL and no half of a surrogate pair. */
export function isStorable(text: string): boolean {
  return !text.includes('\0') && text.isWellFormed()
}

/** Null for a value that is not a position. */
export function parsePosition(value: unknown): Position | null {
  if (!isRecord(value) || !isIdentifier(value['nonce'])) return null
  if (typeof value['version'] !== 'string' || !version.test(value['version'])) return null
  return { version: value['version'], nonce: value['nonce'] }
}

/** The row that `parseFeature` reads. */
export function featureRow({ key, gates }: StoredFeature): readonly (string | readonly string[])[] {
  const row: (string | readonly string[])[] = [key]
  for (const [gate, values] of gates) row.push(gate, values)
  return row
}

/** Null for a value that is not a row of a feature. */
export function parseFeature(value: unknown): StoredFeature | null {
  if (!Array.isArray(value) || value.length % 2 === 0 || !isText(value[0])) return null
  const gates = new Map<string, readonly string[]>()
  for (let index = 1; index < value.length; index += 2) {
    const gate: unknown = value[index]
    const values: unknown = value[index + 1]
    if (!isText(gate) || !isTexts(values)) return null
    gates.set(gate, values)
  }
  return { key: value[0], gates }
}

function isTexts(value: unknown): value is readonly string[] {
  if (!Array.isArray(value)) return false
  // Not `every`, which is slower: a boot looks at each text of each flag.
  for (const item of value) if (!isText(item)) return false
  return true
}
