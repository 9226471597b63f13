const longest = 60

/**
 * The text in double quotes for a message: on one line, cut short, with nothing in it that steers a terminal or turns
 * the reading direction. Ids, paths and names of groups come from outside.
 */
export function quoted(text: string): string {
  const cut = text.length > longest ? `${text.slice(0, longest)}…` : text
  const escaped = cut.replace(/[\p{C}\p{Zl}\p{Zp}]/gu, (character) => {
    return `\\u{${(character.codePointAt(0) ?? 0).toString(16)}}`
  })
  return `"${escaped}"`
}
