// Lines and columns of offsets in a text, whichever line ends it has, mixed ones too.

export interface LineAndColumn {
  readonly line: number
  readonly column: number
}

export class LineIndex {
  readonly #text: string
  #starts: readonly number[] | null = null

  constructor(text: string) {
    this.#text = text
  }

  /** Both count from 1. */
  at(offset: number): LineAndColumn {
    this.#starts ??= startsOf(this.#text)
    let [low, high] = [0, this.#starts.length]
    while (high - low > 1) {
      const middle = (low + high) >> 1
      if ((this.#starts[middle] ?? 0) <= offset) low = middle
      else high = middle
    }
    return { line: low + 1, column: offset - (this.#starts[low] ?? 0) + 1 }
  }
}

function startsOf(text: string): readonly number[] {
  const starts = [0]
  for (const { index, 0: end } of text.matchAll(/\r\n|\n|\r/g)) starts.push(index + end.length)
  return starts
}
