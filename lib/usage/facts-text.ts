// Facts as one line of text: so they are kept on disk, and handed from thread to thread. What a file exports is read only when another file
// asks for it; it is most of the text, and most files are asked for nothing.
import type { FileFacts, FoundFault, FoundUse } from './facts.js'
import type { Members } from './source/values.js'

type Found = readonly [uses: readonly FoundUse[], quoted: readonly string[], faults: readonly FoundFault[]]
type Exported = readonly [exports: Members, stars: readonly string[]]

/** Without a line end; JSON has neither a tab nor a line end of its own. */
export function factsText({ uses, quoted, faults, exports, stars }: FileFacts): string {
  const found: Found = [uses, quoted, faults]
  const exported: Exported = [exports, stars]
  return `${JSON.stringify(found)}\t${JSON.stringify(exported)}`
}

/** The facts in a text that `factsText` made. */
export function factsIn(text: string): FileFacts {
  const end = text.indexOf('\t')
  const [uses, quoted, faults] = JSON.parse(text.slice(0, end)) as Found
  let read: Exported | null = null
  const exported = () => {
    read ??= JSON.parse(text.slice(end + 1)) as Exported
    return read
  }
  return {
    uses,
    quoted,
    faults,
    get exports() {
      return exported()[0]
    },
    get stars() {
      return exported()[1]
    },
  }
}
