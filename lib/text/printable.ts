// Text from outside, made safe to show. Text from a store, a file, another process, a server or a caller may hold codes that
// steer a terminal, turn the reading direction, forge a line, or cannot be seen.

const longest = 80

/**
 * The characters that are never shown as they are: control characters (C0, DEL, C1), line and paragraph separators, formatting
 * characters (bidi controls, zero width), characters that fonts draw as nothing, private and unassigned ones, and halves of a
 * pair.
 */
const unsafe = /[\p{C}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}\u2800]/gu

/** The text on one line, every unsafe character written as `\u{…}`. */
export function printable(text: string): string {
  return text.replace(unsafe, escaped)
}

/** As `printable`, but line breaks stay: for text of this package that has several lines, each with text from outside in it. */
export function printableLines(text: string): string {
  return text.replace(unsafe, (character) => (character === '\n' ? character : escaped(character)))
}

/**
 * The text of another program on one line: its line breaks become spaces, so that none of them can begin a line of this
 * package.
 */
export function oneLine(text: string): string {
  return printable(text.replace(/[\r\n]+[ \t]*/g, ' '))
}

/** The value in double quotes, printable and cut to 80 characters. */
export function quoted(value: unknown): string {
  const text = typeof value === 'string' ? value : kindOf(value)
  const cut = text.length > longest ? `${text.slice(0, longest)}…` : text
  return `"${printable(cut)}"`
}

/** JSON in which every unsafe character is a `\u` escape: it can be shown anywhere, and reads back as the same value. */
export function printableJson(value: unknown, space = 2): string {
  return escapeJson(JSON.stringify(value, null, space))
}

/** JSON text with its unsafe characters escaped; in JSON, a line break stands only between values and stays. */
export function escapeJson(json: string): string {
  return json.replace(unsafe, (character) => {
    if (character === '\n') return character
    const units = character.split('')
    return units.map((unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`).join('')
  })
}

function escaped(character: string): string {
  return `\\u{${(character.codePointAt(0) ?? 0).toString(16)}}`
}

/** Never calls code of the value (no toString, no toJSON): the value may come from anywhere. */
function kindOf(value: unknown): string {
  if (typeof value === 'number' || typeof value === 'boolean' || typeof value === 'bigint') return String(value)
  if (value === null || value === undefined) return String(value)
  return typeof value
}
