// Ids as a person pastes them: split at commas, white space and new lines, each with the line that it stood in.

export interface ParsedIds {
  /** Each once, in the order of the text. */
  readonly ids: readonly string[]
  /** The first of those that are no ids. */
  readonly malformed: readonly { readonly text: string; readonly line: number }[]
  /** How many those are in all. */
  readonly malformedCount: number
}

/** Lines between two pauses: a few milliseconds each. */
const linesAtOnce = 2_000
const mostMalformed = 1_000
const longestWord = 1_000

/** An id has a class before it (`User:7`, `Project;42`); a number alone gets the class that is given. */
export function parseIds(text: string, className: string | null): ParsedIds {
  const parser = makeParser(className)
  let line = 1
  for (const row of rowsOf(text)) parser.take(row, line++)
  return parser.parsed()
}

/** The same for a text of any length, with pauses in which the page goes on; null where `signal` ends it. */
export async function parseManyIds(
  text: string,
  className: string | null,
  signal: AbortSignal,
): Promise<ParsedIds | null> {
  const parser = makeParser(className)
  let line = 1
  for (const row of rowsOf(text)) {
    parser.take(row, line++)
    if (line % linesAtOnce !== 0) continue
    await new Promise((resolve) => setTimeout(resolve))
    if (signal.aborted) return null
  }
  return parser.parsed()
}

/** The same with words that turned out to be paths of actors. */
export function withFound(
  { ids, malformed, malformedCount }: ParsedIds,
  found: ReadonlyMap<string, string>,
): ParsedIds {
  const left = malformed.filter(({ text }) => !found.has(text))
  const more = malformed.flatMap(({ text }) => found.get(text) ?? [])
  return {
    ids: [...new Set([...ids, ...more])],
    malformed: left,
    malformedCount: malformedCount - (malformed.length - left.length),
  }
}

/** One line after the other, cut where there is no end of a line for long. */
function* rowsOf(text: string): Generator<string> {
  const end = /\r\n|\r|\n/g
  let from = 0
  while (from <= text.length) {
    end.lastIndex = from
    const found = end.exec(text)
    yield text.slice(from, found?.index ?? text.length)
    if (found === null) return
    from = end.lastIndex
  }
}

function makeParser(className: string | null) {
  const ids = new Set<string>()
  const malformed: { text: string; line: number }[] = []
  let malformedCount = 0
  return {
    take(row: string, line: number): void {
      for (const word of row.split(/[\s,]+/)) {
        if (word === '') continue
        if (/^[^\s:;]+[:;].+$/u.test(word)) ids.add(word)
        else if (className !== null && /^\d+$/.test(word)) ids.add(`${className}:${word}`)
        else {
          malformedCount += 1
          if (malformed.length < mostMalformed) malformed.push({ text: word.slice(0, longestWord), line })
        }
      }
    },
    parsed: (): ParsedIds => ({ ids: [...ids], malformed, malformedCount }),
  }
}
