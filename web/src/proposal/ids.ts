// Ids as a person pastes them: split at commas, white space and new lines, each with the line that it stood in.

export interface ParsedIds {
  /** Each once, in the order of the text. */
  readonly ids: readonly string[]
  readonly malformed: readonly { readonly text: string; readonly line: number }[]
}

/** An id has a class before it (`User:7`, `Project;42`); a number alone gets the class that is given. */
export function parseIds(text: string, className: string | null): ParsedIds {
  const ids = new Set<string>()
  const malformed: { text: string; line: number }[] = []
  text.split(/\r\n|\r|\n/).forEach((row, index) => {
    for (const word of row.split(/[\s,]+/)) {
      if (word === '') continue
      if (/^[^\s:;]+[:;].+$/u.test(word)) ids.add(word)
      else if (className !== null && /^\d+$/.test(word)) ids.add(`${className}:${word}`)
      else malformed.push({ text: word, line: index + 1 })
    }
  })
  return { ids: [...ids], malformed }
}
