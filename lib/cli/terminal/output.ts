// The look of results: tables and colours on a terminal, tab-separated lines in a pipe, JSON if asked for. Every text is made
// printable here, and coloured after that: stored text cannot break lines, move the cursor or be read backwards.
import { printable, printableJson, printableLines } from '../../text/printable.js'
import { writePrintable } from './gate.js'
import type { Io, Output } from './io.js'

const styles = { bold: [1, 22], dim: [2, 22], red: [31, 39], green: [32, 39], yellow: [33, 39] } as const

/** Text that a terminal shows in a colour. */
export interface Styled {
  readonly style: keyof typeof styles
  readonly text: string
}

/** One line; no text in it can turn it into two. */
export type Line = string | readonly (string | Styled)[]

/** Writes one result line. */
export function print(io: Io, line: Line): void {
  writePrintable(io.stdout, `${rendered(io, io.stdout, line)}\n`)
}

/** Writes a result of several lines. */
export function printLines(io: Io, text: string): void {
  writePrintable(io.stdout, `${printableLines(text)}\n`)
}

/** Writes a result as JSON that is safe to show and reads back as the same value. */
export function printJson(io: Io, value: unknown): void {
  writePrintable(io.stdout, `${printableJson(value)}\n`)
}

/** Writes a line for people that is not a result. */
export function note(io: Io, line: Line): void {
  writePrintable(io.stderr, `${rendered(io, io.stderr, line)}\n`)
}

/** Writes several lines for people; all except the first are indented, so that none looks like a message of its own. */
export function noteLines(io: Io, line: Line, more: readonly string[]): void {
  note(io, line)
  for (const text of more) note(io, `  ${text}`)
}

/** Whether a stream shows colours: a terminal does, unless NO_COLOR is set. */
export function hasColours({ env }: Io, stream: Output): boolean {
  return stream.isTTY === true && !env['NO_COLOR'] && env['TERM'] !== 'dumb'
}

/** The line as this stream shows it. */
export function rendered(io: Io, stream: Output, line: Line): string {
  const colours = hasColours(io, stream)
  return typeof line === 'string' ? printable(line) : line.map((part) => renderedPart(colours, part)).join('')
}

function renderedPart(colours: boolean, part: string | Styled): string {
  if (typeof part === 'string') return printable(part)
  const [on, off] = styles[part.style]
  const text = printable(part.text)
  return colours ? `\u001b[${on}m${text}\u001b[${off}m` : text
}

/** Rows under headings on a terminal; in a pipe tab-separated lines without headings. */
export async function printTable(io: Io, head: readonly string[], rows: readonly (readonly string[])[]): Promise<void> {
  const cells = rows.map((row) => row.map(printable))
  if (io.stdout.isTTY !== true) {
    for (const row of cells) writePrintable(io.stdout, `${row.join('\t')}\n`)
    return
  }
  const { tableLines } = await import('./table.js')
  const [headings = '', ...lines] = tableLines(head, cells, columnsOf(io.stdout))
  print(io, [{ style: 'dim', text: headings }])
  for (const line of lines) print(io, line)
}

/** `label: value`, the values below each other; on a terminal a long value breaks between words. */
export async function printField(
  io: Io,
  label: string,
  value: string,
  labelWidth: number,
  style?: Styled['style'],
): Promise<void> {
  const { wrap } = await import('./table.js')
  const width = io.stdout.isTTY ? columnsOf(io.stdout) - labelWidth : Number.POSITIVE_INFINITY
  const [first = '', ...more] = wrap(printable(value), width)
  const shown = (text: string) => (style === undefined ? text : { style, text })
  print(io, [{ style: 'dim', text: `${label}:`.padEnd(labelWidth) }, shown(first)])
  for (const line of more) print(io, [' '.repeat(labelWidth), shown(line)])
}

/** How wide a terminal is; one that does not say it is as wide as usual. */
export function columnsOf({ columns }: Output): number {
  return columns ?? 80
}

/** A time for people and programs: UTC, to the second. */
export function moment(date: Date): string {
  return date.toISOString().replace(/\.\d+Z$/, 'Z')
}
