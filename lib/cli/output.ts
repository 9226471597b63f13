// How results look: tables and colours on a terminal, tab-separated lines in a pipe, JSON where asked for.
import { printable } from '../definition/printable.js'
import type { Io, Output } from './io.js'

/** Writes one result line. */
export function print(io: Io, line: string): void {
  io.stdout.write(`${line}\n`)
}

/** Writes a result as JSON. */
export function printJson(io: Io, value: unknown): void {
  print(io, JSON.stringify(value, null, 2))
}

/** Tells people something that is no result. */
export function note(io: Io, line: string): void {
  io.stderr.write(`${line}\n`)
}

/** Whether a stream shows colours: a terminal, unless NO_COLOR says otherwise. */
export function hasColours({ env }: Io, stream: Output): boolean {
  return stream.isTTY === true && !env['NO_COLOR'] && env['TERM'] !== 'dumb'
}

/** Picocolors for a stream; every function returns its text as it is where there are no colours. */
export async function coloursFor(io: Io, stream: Output) {
  const { default: picocolors } = await import('picocolors')
  return picocolors.createColors(hasColours(io, stream))
}

/** Rows under headings on a terminal; in a pipe tab-separated lines without headings. Stored text cannot break lines or move the cursor. */
export async function printTable(io: Io, head: readonly string[], rows: readonly (readonly string[])[]): Promise<void> {
  const cells = rows.map((row) => row.map(printable))
  if (io.stdout.isTTY !== true) {
    for (const row of cells) print(io, row.join('\t'))
    return
  }
  const [{ default: Table }, colours] = await Promise.all([import('cli-table3'), coloursFor(io, io.stdout)])
  const table = new Table({
    head: head.map((heading) => colours.dim(heading)),
    chars: noBorders,
    style: { head: [], border: [], 'padding-left': 0, 'padding-right': 2 },
  })
  for (const row of cells) table.push(row)
  print(io, trimLines(table.toString()))
}

const noBorders = {
  top: '',
  'top-mid': '',
  'top-left': '',
  'top-right': '',
  bottom: '',
  'bottom-mid': '',
  'bottom-left': '',
  'bottom-right': '',
  left: '',
  'left-mid': '',
  mid: '',
  'mid-mid': '',
  right: '',
  'right-mid': '',
  middle: '',
}

function trimLines(text: string): string {
  return text.replace(/[ \t]+$/gm, '')
}

/** `1 actor`, `2 actors`. */
export function counted(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`
}

/** A moment as people and programs both read it: UTC, to the second. */
export function moment(date: Date): string {
  return date.toISOString().replace(/\.\d+Z$/, 'Z')
}
