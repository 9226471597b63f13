// Rows under headings, as wide as the terminal. Text breaks between words: a terminal that breaks lines itself breaks them in the middle of
// a name. A word that is longer than its column (a name, an URL) is never cut: the rest of its row goes on below it.

/** Between two columns. */
const gap = 2
/** The width of a time, which no column of times goes below for the sake of other columns alone. */
const time = 20
/** The table as lines, the headings first. Cells hold no line breaks. */
export function tableLines(head: readonly string[], rows: readonly (readonly string[])[], width: number): string[] {
  const whole = [head, ...rows]
  // A table of many times is too wide for most terminals: there a time may break between day and hour.
  const [table = whole] = [whole, whole.map((row) => row.map(withTimesInWords))].filter((one) => fits(one, width))
  const widths = columnWidths(table, width)
  return table.flatMap((row) => rowLines(row, widths, width))
}

function withTimesInWords(cell: string): string {
  return cell.replace(/^(\d{4}-\d\d-\d\d)T(\d\d:\d\d:\d\dZ)$/, '$1 $2')
}

function fits(rows: readonly (readonly string[])[], width: number): boolean {
  const columns = columnsOf(rows, width)
  return sum(columns.map(({ least }) => least)) <= available(columns.length, width)
}

interface Column {
  /** The longest cell. */
  readonly natural: number
  /** The longest word: below this width, words stand outside of their column. */
  readonly least: number
}

/** Where not all has room, a word of more than a third of the line has lines of its own, and its cell asks for nothing. */
function columnsOf(rows: readonly (readonly string[])[], width: number): readonly Column[] {
  const columns = rows[0]?.map((_, index) => rows.map((row) => row[index] ?? '')) ?? []
  const whole = sum(columns.map((cells) => Math.max(0, ...cells.map(displayWidth))))
  const most = whole <= available(columns.length, width) ? whole : Math.max(time, available(columns.length, width) / 3)
  return columns.map((cells) => {
    const usual = cells.filter((cell) => longestWord(cell) <= most)
    return { natural: Math.max(0, ...usual.map(displayWidth)), least: Math.max(0, ...usual.map(longestWord)) }
  })
}

/** Each column as wide as its longest cell, as far as that is possible: what is left goes to the narrowest first. */
function columnWidths(rows: readonly (readonly string[])[], width: number): readonly number[] {
  const columns = columnsOf(rows, width)
  const widths = columns.map(({ least }) => least)
  for (let left = available(columns.length, width) - sum(widths); left > 0; left -= 1) {
    const lacking = columns.flatMap(({ natural }, index) =>
      (widths[index] ?? 0) < natural ? [widths[index] ?? 0] : [],
    )
    if (lacking.length === 0) break
    const narrowest = Math.min(...lacking)
    const index = widths.findIndex((one, at) => one === narrowest && one < (columns[at]?.natural ?? 0))
    widths[index] = narrowest + 1
  }
  return widths
}

function available(columns: number, width: number): number {
  return width - gap * (columns - 1)
}

/** The cells side by side, as far as they fit; a cell with a word too long for its column ends the line, or has lines of its own. */
function rowLines(row: readonly string[], widths: readonly number[], total: number): string[] {
  const lines: string[] = []
  let band: string[][] = []
  const flush = () => {
    lines.push(...bandLines(band, widths))
    band = []
  }
  let start = 0
  row.forEach((cell, index) => {
    const width = widths[index] ?? 0
    const longest = longestWord(cell)
    const indent = Math.min(start, Math.max(0, total - longest))
    if (indent < start) {
      flush()
      lines.push(...wrap(cell, total - indent).map((line) => ' '.repeat(indent) + line))
    } else {
      band[index] = wrap(cell, width)
      if (longest > width) flush()
    }
    start += width + gap
  })
  flush()
  return lines
}

function longestWord(text: string): number {
  return Math.max(0, ...text.split(' ').map(displayWidth))
}

function bandLines(band: readonly (readonly string[] | undefined)[], widths: readonly number[]): string[] {
  const cells = Array.from(band, (lines) => lines ?? [])
  const height = Math.max(0, ...cells.map((lines) => lines.length))
  return Array.from({ length: height }, (_, line) =>
    cells
      .map((lines, index) => padded(lines[line] ?? '', (widths[index] ?? 0) + gap))
      .join('')
      .trimEnd(),
  )
}

/** The text in lines of at most this width, broken between words; only a line that is one long word is wider. */
export function wrap(text: string, width: number): string[] {
  const lines: string[] = []
  let line: string | null = null
  for (const word of text.split(' ')) {
    const longer: string = line === null ? word : `${line} ${word}`
    if (line !== null && line.trim() !== '' && displayWidth(longer) > width) {
      lines.push(line)
      line = word
    } else {
      line = longer
    }
  }
  return [...lines, line ?? '']
}

function padded(text: string, width: number): string {
  return text + ' '.repeat(Math.max(0, width - displayWidth(text)))
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0)
}

const ascii = /^[\x20-\x7e]*$/
/** Characters that terminals draw two columns wide: those of East Asia, and emoji. */
const wide =
  /^(?:\p{Emoji_Presentation}|.\uFE0F|[\u1100-\u115F\u2E80-\u303E\u3041-\u33FF\u3400-\u4DBF\u4E00-\u9FFF\uA000-\uA4CF\uA960-\uA97C\uAC00-\uD7A3\uF900-\uFAFF\uFE30-\uFE6F\uFF00-\uFF60\uFFE0-\uFFE6\u{20000}-\u{3FFFD}])/u

/** The columns that a terminal needs for a printable text. */
export function displayWidth(text: string): number {
  if (ascii.test(text)) return text.length
  return sum([...new Intl.Segmenter().segment(text)].map(({ segment }) => (wide.test(segment) ? 2 : 1)))
}
