// Facts as one line of text: so they are kept on disk, and handed from thread to thread. What a file exports is read only when another file
// asks for it; it is most of the text, and most files are asked for nothing.
import type { FileFacts, FoundFault, FoundUse } from './facts.js'
import type { Members } from './source/values.js'

export type Found = readonly [uses: readonly FoundUse[], quoted: readonly string[], faults: readonly FoundFault[]]
export type Exported = readonly [exports: Members, stars: readonly string[]]

/** Without a line end; JSON has neither a tab nor a line end of its own. */
export function factsText({ uses, quoted, faults, exports, stars }: FileFacts): string {
  const found: Found = [uses, quoted, faults]
  const exported: Exported = [exports, stars]
  return `${JSON.stringify(found)}\t${JSON.stringify(exported)}`
}

/** The facts in a text that `factsText` made. */
export function factsIn(text: string): FileFacts {
  const end = text.indexOf('\t')
  let read: Exported | null = null
  return factsOf(JSON.parse(text.slice(0, end)) as Found, () => {
    read ??= JSON.parse(text.slice(end + 1)) as Exported
    return read
  })
}

/** The facts of two halves, the second of which is asked for when it is needed. */
export function factsOf([uses, quoted, faults]: Found, exported: () => Exported): FileFacts {
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
