// What a change does to each gate, as rows of a table.
import type { FlagPreview, GateChange } from '../api/preview.js'
import { count, percent } from '../text/numbers.js'
import { shortened, visible } from '../text/visible.js'

export interface GateRow {
  readonly name: string
  readonly before: string
  readonly after: string
  /** Which ids come and go. */
  readonly note: string
  readonly isChanged: boolean
}

const names: Readonly<Record<string, string>> = {
  boolean: 'Everybody',
  actors: 'Actors',
  never: 'Never for',
  groups: 'Groups',
  percentage_of_actors: 'Share of actors',
  percentage_of_time: 'Share of checks',
}

/** The gates that differ; where none does, whether anything is stored may. */
export function gateRows({ before, after, gates }: FlagPreview): readonly GateRow[] {
  const rows = gates.map((gate) => ({
    name: names[gate.gate] ?? visible(gate.gate),
    before: valueText(gate, gate.before),
    after: valueText(gate, gate.after),
    note: noteOf(gate),
    isChanged: true,
  }))
  if (rows.length > 0 && before.stored === after.stored) return rows
  const stored = (side: { readonly stored: boolean }) => (side.stored ? 'yes' : 'no: the default counts')
  return [
    ...rows,
    {
      name: 'Stored',
      before: stored(before),
      after: stored(after),
      note: '',
      isChanged: before.stored !== after.stored,
    },
  ]
}

function valueText({ gate }: GateChange, value: boolean | number): string {
  if (typeof value === 'boolean') return value ? 'on' : 'off'
  return gate.startsWith('percentage') ? percent(value) : count(value)
}

const mostNamed = 3

function noteOf({ added, removed }: GateChange): string {
  const named = (sign: string, ids: readonly string[]) =>
    ids.length === 0
      ? []
      : [
          `${sign} ${ids
            .slice(0, mostNamed)
            .map((id) => shortened(visible(id), 30))
            .join(', ')}${ids.length > mostNamed ? ' …' : ''}`,
        ]
  return [...named('+', added), ...named('−', removed)].join('; ')
}
