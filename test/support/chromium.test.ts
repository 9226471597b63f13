import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { featuresLeftOut } from './chromium.js'
import { repository } from './made-once.js'

it('the browser leaves out all that Playwright leaves out by itself, whose list ours replaces', () => {
  const source = readFileSync(join(repository, 'node_modules/playwright-core/lib/coreBundle.js'), 'utf8')
  const list = /disabledFeatures = \[([^\]]*)\]/.exec(source)?.[1] ?? ''
  // Those of Edge begin with "ms".
  const theirs = [...list.matchAll(/^ *"(?!ms)(\w+)"/gm)].map(([, name = '']) => name)
  expect(theirs).toContain('PaintHolding')
  expect(theirs.filter((name) => !featuresLeftOut.includes(name))).toEqual([])
})
