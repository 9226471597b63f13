// The list of all flags as columns. Of thousands of flags nearly all say the same few things, and a browser reads a number for each of them
// in a fraction of the time, and of the memory, that it needs for a row with texts of its own.
import type { YieldIfDue } from '../../time/time-slices.js'
import { flagColumns, leastCells, saysNothing } from './flag-rows.js'

/** What flags say, each thing once, and which of them each flag says. */
interface Column {
  readonly values: unknown[]
  readonly cells: number[]
  readonly places: Map<unknown, number>
}

/**
 * `"names":[…],"columns":{…}` of flags, each as `flagCells` gives it. A column that says nothing of any flag is left out, and the cells of
 * one that says the same of all.
 */
export async function columnTexts(flags: readonly (readonly unknown[])[], yieldIfDue: YieldIfDue): Promise<string> {
  const columns = flagColumns.map((): Column => ({ values: [], cells: [], places: new Map() }))
  for (const cells of flags) {
    for (const [index, column] of columns.entries()) if (index > 0) addCell(column, cells[index])
    await yieldIfDue()
  }
  const texts: string[] = []
  for (const [index, { values, cells }] of columns.entries()) {
    const isSame = values.length < 2
    if (index === 0 || (isSame && index >= leastCells && values.every(saysNothing))) continue
    texts.push(`"${flagColumns[index]}":${JSON.stringify(isSame ? { values } : { values, cells })}`)
    await yieldIfDue()
  }
  return `"names":${JSON.stringify(flags.map(([name]) => name))},"columns":{${texts.join(',')}}`
}

function addCell({ values, cells, places }: Column, cell: unknown): void {
  const key = Array.isArray(cell) ? JSON.stringify(cell) : cell
  const known = places.get(key)
  cells.push(known ?? values.length)
  if (known !== undefined) return
  places.set(key, values.length)
  values.push(cell)
}
