// The parser at the edge to what other processes wrote (a file, Redis): positions and features as JSON, of which nothing
// is believed. Features come as `[key, [[gate, [value, …]], …]]`: arrays, because a key may be any text, `__proto__` too.
import type { Position, StoredFeature } from './store.js'

/** UUIDs, in practice; they become parts of keys, so nothing else than these characters gets in. */
const identifier = /^[A-Za-z0-9-]{1,64}$/
/** What Postgres' bigint can hold. */
const version = /^\d{1,19}$/

export function isIdentifier(value: unknown): value is string {
  return typeof value === 'string' && identifier.test(value)
}

/** Null for anything that is no position. */
export function parsePosition(value: unknown): Position | null {
  if (!isRecord(value) || !isIdentifier(value['nonce'])) return null
  if (typeof value['version'] !== 'string' || !version.test(value['version'])) return null
  return { version: value['version'], nonce: value['nonce'] }
}

/** Null for anything that is no feature. */
export function parseFeature(value: unknown): StoredFeature | null {
  if (!Array.isArray(value) || value.length !== 2 || typeof value[0] !== 'string') return null
  const gates = parseGates(value[1])
  return gates === null ? null : { key: value[0], gates }
}

/** Null for anything that is no list of gates. */
export function parseGates(value: unknown): ReadonlyMap<string, readonly string[]> | null {
  if (!Array.isArray(value)) return null
  const gates = new Map<string, readonly string[]>()
  for (const gate of value) {
    if (!Array.isArray(gate) || gate.length !== 2 || typeof gate[0] !== 'string' || !isTexts(gate[1])) return null
    gates.set(gate[0], gate[1])
  }
  return gates
}

export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function isTexts(value: unknown): value is readonly string[] {
  if (!Array.isArray(value)) return false
  // Not `every`: a boot looks at each text of each flag.
  for (const item of value) if (typeof item !== 'string') return false
  return true
}
