// Rows of the history that stand for more rows of the same gate, as JSON, and back.
import { groupedByText } from '../../grouped.js'
import type { FedChange, FedFeature } from '../../history/feed.js'
import type { HistoryEntry } from '../../store.js'
import { count, fields, readDate, readHistoryEntry, readPosition, text, textOrNull } from '../parse-rows.js'

/** What is told of a change once, as fields of a JSON object: of the row of the table `history` that stands for it. `at`: when it was made, as SQL. */
export function changeFields(at: string): string {
  const columns = { author: 'author', source: 'source', reason: 'reason', change: 'change_id' }
  const told = Object.entries(columns).map(([key, column]) => `'${key}', history.${column}`)
  return `'version', history.version::text, 'nonce', history.nonce, 'at', ${at}, ${told.join(', ')}`
}

/** The same, back. */
export function readChange(one: Readonly<Record<string, unknown>>): Omit<FedChange, 'features'> {
  return {
    position: readPosition(one),
    at: readDate(one['at']),
    author: text(one['author'], 'author'),
    source: text(one['source'], 'source'),
    reason: textOrNull(one['reason'], 'reason'),
    changeId: textOrNull(one['change'], 'change id'),
  }
}

/**
 * The rows of which the condition holds, as a table of how many each gate of a feature has in a change. It is counted in one pass without sorting: to number the rows
 * of a change of 90,000 takes seconds.
 */
export function groupsSql(history: string, condition: string): string {
  return `
  select version, feature_key, gate_key, operation, count(*) as amount, min(id) as first
  from ${history}
  where ${condition}
  group by version, feature_key, gate_key, operation`
}

/** The first `most` rows of each of the groups of the table `groups`. */
export function fedRowsSql(history: string, most: string): string {
  return `(
    select coalesce(json_agg(json_build_object(
      'version', told.version::text, 'nonce', told.nonce, 'at', told.at, 'feature', told.feature_key, 'gate', told.gate_key,
      'value', case when told.gate_key is null then told.value else coalesce(told.value, '') end, 'operation', told.operation,
      'author', told.author, 'source', told.source, 'reason', told.reason, 'change', told.change_id,
      'amount', case when told.id = groups.first then groups.amount else 0 end
    ) order by told.version, told.id), '[]')
    from groups
    cross join lateral (
      select *
      from ${history} history
      where history.feature_key = groups.feature_key and history.version = groups.version
      and history.gate_key is not distinct from groups.gate_key and history.operation = groups.operation
      order by history.id
      limit ${most}
    ) told
  )`
}

export interface FedRow {
  readonly entry: HistoryEntry
  /** How many rows the gate has of this operation; in the first of them alone, otherwise 0. */
  readonly amount: number
}

export function readFedRow(value: unknown): FedRow {
  return { entry: readHistoryEntry(value), amount: count(fields(value, 'row')['amount'], 'amount') }
}

/** The rows of one change, by feature. */
export function featuresOf(rows: readonly FedRow[]): FedFeature[] {
  return groupedByText(rows, ({ entry }) => entry.feature).map(([feature, own]) => {
    const hidden = { added: 0, removed: 0 }
    for (const { entry, amount } of own) hidden[entry.operation] += amount - 1
    return { feature, rows: own.map(({ entry }) => entry), hidden }
  })
}
