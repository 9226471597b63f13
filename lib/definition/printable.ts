// Text from files and callers, made safe to print on one line of a terminal, a log or a report.

const longest = 80

/** The text with control, formatting, line-breaking and unassigned characters escaped, so that it stays on one line. */
export function printable(text: string): string {
  return text.replace(/[\p{C}\p{Zl}\p{Zp}]/gu, (character) => {
    return `\\u{${(character.codePointAt(0) ?? 0).toString(16)}}`
  })
}

/** The value in double quotes, printable and cut to 80 characters. */
export function quoted(value: unknown): string {
  const text = typeof value === 'string' ? value : kindOf(value)
  const cut = text.length > longest ? `${text.slice(0, longest)}…` : text
  return `"${printable(cut)}"`
}

/** Never calls code of the value (no toString, no toJSON): it may come from anywhere. */
function kindOf(value: unknown): string {
  if (typeof value === 'number' || typeof value === 'boolean' || typeof value === 'bigint') return String(value)
  if (value === null || value === undefined) return String(value)
  return typeof value
}
