// The parser at the edge to Postgres. Every statement answers with one JSON text, made in SQL. So neither pg's type parsers
// (which the application may have changed for the whole process) nor the columns' types matter.
import { setImmediate } from 'node:timers/promises'
import { FeatureError } from '../../errors.js'
import { readRows } from '../../state/content-rows.js'
import type { Position, StoredFeature } from '../../state/state.js'
import type { Current, HistoryEntry, TokenRecord } from '../store.js'
import { isTokenScope } from '../token-scope.js'

const longTurnBytes = 64 * 1024

type Fields = Readonly<Record<string, unknown>>

export interface StateAnswer {
  readonly position: Position
  readonly databaseId: string
}

export function fields(value: unknown, what: string): Fields {
  if (typeof value === 'object' && value !== null && !Array.isArray(value))
    return Object.fromEntries(Object.entries(value))
  throw unexpected(what, value)
}

export function list(value: unknown, what: string): readonly unknown[] {
  if (Array.isArray(value)) return value
  throw unexpected(what, value)
}

export function text(value: unknown, what: string): string {
  if (typeof value === 'string') return value
  throw unexpected(what, value)
}

export function textOrNull(value: unknown, what: string): string | null {
  return value === null || value === undefined ? null : text(value, what)
}

export function count(value: unknown, what: string): number {
  if (typeof value === 'number' && Number.isSafeInteger(value)) return value
  throw unexpected(what, value)
}

export function readPosition(value: unknown): Position {
  const { version, nonce } = fields(value, 'position')
  return { version: text(version, 'version'), nonce: text(nonce, 'nonce') }
}

export function readPositionOrNull(value: unknown): Position | null {
  return value === null || value === undefined ? null : readPosition(value)
}

/** Null if there is no state row. */
export function readState(value: unknown): StateAnswer | null {
  if (value === null || value === undefined) return null
  return { position: readPosition(value), databaseId: text(fields(value, 'state')['database'], 'database') }
}

/** Features as `rowsAnswer` gives them. */
export async function readStoredRows(value: unknown): Promise<StoredFeature[]> {
  const bytes = Buffer.from(text(value, 'rows'), 'base64')
  // Receiving and parsing this much has filled this turn of the event loop.
  if (bytes.length > longTurnBytes) await setImmediate()
  const features = await readRows(bytes)
  if (features === null) throw unexpected('rows', value)
  // So has parsing; the caller compiles them all in one turn.
  if (bytes.length > longTurnBytes) await setImmediate()
  return features
}

export function readCurrent(
  value: unknown,
  persisted: boolean,
): { current: Omit<Current, 'actors'>; found: Set<string> } {
  const answer = fields(value, 'current')
  return {
    current: {
      persisted,
      boolean: textOrNull(answer['boolean'], 'boolean'),
      percentageOfTime: textOrNull(answer['time'], 'percentage of time'),
      actorCount: count(answer['actors'], 'actor count'),
      optOutCount: count(answer['opt_outs'], 'opt-out count'),
    },
    found: new Set(list(answer['found'], 'found').map((one) => text(one, 'actor'))),
  }
}

export function readHistoryEntry(value: unknown): HistoryEntry {
  const entry = fields(value, 'history entry')
  const operation = entry['operation']
  if (operation !== 'added' && operation !== 'removed') throw unexpected('operation', operation)
  return {
    position: readPosition(entry),
    at: readDate(entry['at']),
    feature: text(entry['feature'], 'feature key'),
    gate: textOrNull(entry['gate'], 'gate key'),
    value: textOrNull(entry['value'], 'value'),
    operation,
    author: text(entry['author'], 'author'),
    source: text(entry['source'], 'source'),
    reason: textOrNull(entry['reason'], 'reason'),
    changeId: textOrNull(entry['change'], 'change id'),
  }
}

export function readToken(value: unknown): TokenRecord & { readonly digest: Buffer } {
  const token = fields(value, 'token')
  const date = (key: string) => (token[key] === null ? null : readDate(token[key]))
  return {
    id: text(token['id'], 'token id'),
    name: text(token['name'], 'token name'),
    digest: Buffer.from(text(token['digest'], 'digest'), 'hex'),
    scopes: list(token['scopes'], 'scopes').filter(isTokenScope),
    createdAt: readDate(token['created']),
    expiresAt: date('expires'),
    lastUsedAt: date('used'),
    revokedAt: date('revoked'),
    person: textOrNull(token['person'], 'person'),
  }
}

export function readDate(value: unknown): Date {
  const date = new Date(text(value, 'time'))
  if (Number.isNaN(date.getTime())) throw unexpected('time', value)
  return date
}

export function unexpected(what: string, value: unknown): FeatureError {
  const shown = JSON.stringify(value)?.slice(0, 100)
  return new FeatureError('store_rejected', {
    problem: `Postgres answered "${shown}" for ${what}, which is not what Sluice stores`,
    remedy: 'check that the configured tables are those of Sluice',
  })
}
