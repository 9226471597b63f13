// Text in Markdown, for pages and comments that other programs render: no text from outside makes markup, a mention or a link of its own.
import { oneLine } from './printable.js'

/** The characters that mean something to Markdown, HTML, or GitLab's and GitHub's references. */
const meaningful = /[\\`*_{}[\]<>()#+!|~&@$^]/g

/** The text as words of a paragraph, a list or a cell of a table, on one line. */
export function markdownText(text: string): string {
  return oneLine(text)
    .replace(meaningful, (character) => `\\${character}`)
    .replace(/\\([<>&@])/g, (_, character: string) => `&#${character.charCodeAt(0)};`)
}

/** The text as code. Backticks in it become apostrophes: a name or a path has none, and a longer fence would not fit into every table. */
export function markdownCode(text: string): string {
  // In a table, a bar ends the cell even in code.
  return `\`${oneLine(text).replaceAll('`', "'").replaceAll('|', '\\|')}\``
}

/** A link to an http or https URL, whose characters are those that a definition allows. */
export function markdownLink(text: string, url: string): string {
  const target = url.replace(/[()|[\]]/g, (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`)
  return `[${markdownText(text)}](${target})`
}

/** A table; cells are Markdown already. */
export function markdownTable(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) => `| ${cells.join(' | ')} |`
  return [line(head), line(head.map(() => '---')), ...rows.map(line)].join('\n')
}
