// The fenced blocks of a page, so that tests run what a reader is told to run.

export interface Block {
  /** What stands after the opening fence: `sh`, `js`, `yaml` … */
  readonly language: string
  readonly text: string
  readonly lines: readonly string[]
  /** The text between the block before and this one. */
  readonly before: string
  /** The nearest heading above. */
  readonly heading: string
}

/** Blocks in the order of the page. */
export function fencedBlocks(page: string): Block[] {
  const blocks: Block[] = []
  let end = 0
  for (const fence of page.matchAll(/^```(\S*)\n([\s\S]*?)^```$/gm)) {
    const [whole, language = '', text = ''] = fence
    const above = page.slice(0, fence.index)
    const heading = [...above.matchAll(/^#+ (.*)$/gm)].at(-1)?.[1] ?? ''
    blocks.push({ language, text, lines: text.trimEnd().split('\n'), before: page.slice(end, fence.index), heading })
    end = fence.index + whole.length
  }
  return blocks
}

/** The name in "save this as `NAME`" before a block. */
export function fileNameOf({ before }: Block): string | undefined {
  return /save this as `([^`]+)`/i.exec(before)?.[1]
}
