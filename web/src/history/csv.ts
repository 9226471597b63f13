// Changes as a CSV that a spreadsheet shows and never runs: a cell that begins like a formula begins with an apostrophe instead.
import type { HistoryChange } from '../api/history.js'
import { visible } from '../text/visible.js'

const columns = ['at', 'flag', 'change', 'author', 'source', 'reason', 'change_id', 'position'] as const

/** One line for each flag of each change; every cell in quotes, by RFC 4180. */
export function historyCsv(changes: readonly HistoryChange[]): string {
  const lines = changes.flatMap((change) => {
    const flags = change.flags ?? [{ name: `${change.counts.flags} flags`, sentence: '' }]
    return flags.map(({ name, sentence }) => [
      change.at,
      name,
      sentence,
      change.author,
      change.source,
      change.reason ?? '',
      change.change_id ?? '',
      change.position,
    ])
  })
  return [columns, ...lines].map((cells) => `${cells.map(cell).join(',')}\r\n`).join('')
}

function cell(text: string): string {
  // Programs also pass over what stands before the first character, and know full-width forms of it.
  const shown = visible(text)
  const isFormula = /^[\s"']*[=+\-@|%＝＋－＠]/u.test(shown) || /^[\t\r]/.test(text)
  return `"${(isFormula ? `'${shown}` : shown).replaceAll('"', '""')}"`
}
