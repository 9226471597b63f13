// A component as one script of the same length: each script and each expression of the template stays at its place, everything around
// them is blank. So every offset is that of the file, and an expression sees the names of the scripts.
import type { Language } from '../parser.js'

/** Takes a component apart into what can be parsed as one script; null where it cannot. */
export type ComponentCompiler = (text: string, path: string) => ComponentScript | ComponentFault

/** The scripts and expressions of a component at their places in the file, and blanks between them. */
export interface ComponentScript {
  readonly script: string
  readonly language: Language
  readonly runsLater: (offset: number) => boolean
  /** The scripts alone, for a template that cannot be read together with them. */
  readonly scriptsOnly: string
}

export interface ComponentFault {
  readonly problem: string
  readonly line: number
  readonly column: number
}

export interface Region {
  readonly start: number
  readonly end: number
}

/** The scripts at their places, and blanks. */
export function scriptsOf(text: string, scripts: readonly Region[]): string {
  return assembled(text, scripts, [])
}

/**
 * The scripts and the expressions. What stands around an expression in the template (quotes, braces) makes room for what separates it
 * from the others.
 */
export function assembled(text: string, scripts: readonly Region[], expressions: readonly Region[]): string {
  const blank = text.replace(/[^\r\n]/g, ' ').split('')
  const put = (at: number, character: string) => {
    if (at >= 0 && at < blank.length && blank[at] === ' ') blank[at] = character
  }
  for (const { start, end } of scripts) {
    for (let index = start; index < end; index++) blank[index] = text[index] ?? ' '
    // `</script` follows: its first character ends the last statement.
    put(end, ';')
  }
  for (const { start, end } of expressions) {
    for (let index = start; index < end; index++) blank[index] = text[index] ?? ' '
  }
  for (const { start, end } of expressions) {
    // A handler may hold several statements: a block takes them, but not an object, and not a function without a name.
    const isValue = /^\s*(?:\{|(?:async\s+)?function\b|class\b)/.test(text.slice(start, end))
    put(start - 1, isValue ? '(' : '{')
    if (isValue) put(start - 2, ';')
    put(end, isValue ? ')' : '}')
    if (isValue) put(end + 1, ';')
  }
  return blank.join('')
}

export function isWithin(offset: number, regions: readonly Region[]): boolean {
  return regions.some(({ start, end }) => offset >= start && offset < end)
}
