// Tables in plain text.

/**
 * What is promised of a row, and what was measured.
 * @typedef {{ readonly row: string, readonly goal: string, readonly measured: string, readonly met: boolean }} Goal
 */

/**
 * Lines with columns of equal width; the first column is aligned left, the others as told.
 * @param {readonly string[]} header
 * @param {readonly (readonly string[])[]} rows
 * @param {'left' | 'right'} align
 */
export function table(header, rows, align = 'right') {
  const all = [header, ...rows]
  const widths = header.map((_, column) => Math.max(...all.map((row) => (row[column] ?? '').length)))
  /** @param {readonly string[]} row */
  const line = (row) =>
    row
      .map((cell, column) =>
        column === 0 || align === 'left' ? cell.padEnd(widths[column]) : cell.padStart(widths[column]),
      )
      .join('  ')
      .trimEnd()
  return [line(header), widths.map((width) => '-'.repeat(width)).join('  '), ...rows.map(line)].join('\n')
}

/**
 * Goals beside what was measured.
 * @param {readonly Goal[]} goals
 */
export function goalTable(goals) {
  const rows = goals.map(({ row, goal, measured, met }) => [row, goal, measured, met ? 'met' : 'FALLS SHORT'])
  return table(['Case', 'Goal', 'Measured', ''], rows, 'left')
}
