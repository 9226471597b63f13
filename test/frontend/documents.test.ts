// docs/frontend.md shows what examples/shop runs: the mixin of Vue and the hook of React are its files.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { fencedBlocks } from '../support/markdown.js'

const root = join(import.meta.dirname, '../..')
const blocks = fencedBlocks(readFileSync(join(root, 'docs/frontend.md'), 'utf8'))

it.each(['gl-feature-flags.ts', 'use-feature.ts'])(
  'the page has %s of the shop, below the name of the file',
  (name) => {
    const file = readFileSync(join(root, 'examples/shop/src/browser', name), 'utf8')
    const shown = blocks.find(({ lines }) => lines[0] === `// ${name}`)?.lines.slice(1)
    // The first line of the file says what it is for.
    expect(shown).toEqual(file.trimEnd().split('\n').slice(1))
  },
)
