// The sources of the page: in which order its rooms know each other, and what no template may have.
import { readdirSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { importsOf } from '../support/layers.js'

const root = join(import.meta.dirname, '../../web/src')
const paths = readdirSync(root, { recursive: true, encoding: 'utf8' }).filter((path) => /\.(?:ts|vue|css)$/.test(path))
const sources = new Map(paths.map((path) => [path.replaceAll('\\', '/'), readFileSync(join(root, path), 'utf8')]))

/** A file imports from its own room and from rooms further left. */
const order = [
  'text',
  'proposal',
  'api',
  'live',
  'flags',
  'explain',
  'history',
  'change',
  'state',
  'router',
  'parts',
  'pages',
  'app',
  'main',
]
const placeOf = (path: string) => order.indexOf((path.split('/')[0] ?? '').replace(/\.(?:ts|vue)$/, ''))
const code = [...sources].filter(([path]) => /\.(?:ts|vue)$/.test(path) && !path.endsWith('.d.ts'))

describe('the rooms of web/', () => {
  it('keep their order', () => {
    const faults = code.flatMap(([path, text]) =>
      importsOf(path, text)
        .filter((target) => !target.endsWith('.css') && placeOf(target) > placeOf(path))
        // A page is loaded when its address is opened, and a part when it is shown.
        .filter((target) => !(path === 'router.ts' && target.startsWith('pages/')))
        .map((target) => `${path} imports ${target}`),
    )
    expect(faults).toEqual([])
    expect(code.filter(([path]) => placeOf(path) < 0).map(([path]) => path)).toEqual([])
  })

  it('have at most 18 files in a folder, and pieces that use no other part', () => {
    const folders = new Map<string, number>()
    for (const [path] of sources) folders.set(dirname(path), (folders.get(dirname(path)) ?? 0) + 1)
    expect([...folders].filter(([, files]) => files > 18)).toEqual([])
    const used = code
      .filter(([path]) => path.startsWith('parts/pieces/'))
      .flatMap(([path, text]) => importsOf(path, text))
    expect(used.filter((path) => /^parts\/(?!pieces\/)/.test(path))).toEqual([])
  })

  it('import nothing of the library, and import what is there', () => {
    const targets = code.flatMap(([path, text]) => importsOf(path, text).map((target) => [path, target] as const))
    expect(targets.filter(([, target]) => target.startsWith('..') || !sources.has(target))).toEqual([])
  })

  it('have no file that is imported by no file', () => {
    const imported = new Set(code.flatMap(([path, text]) => importsOf(path, text)))
    const entries = ['main.ts']
    expect(code.map(([path]) => path).filter((path) => !imported.has(path) && !entries.includes(path))).toEqual([])
  })

  it('have files of at most 300 lines, each with a line that says what it is', () => {
    const written = (path: string) => path.endsWith('.generated.ts')
    const long = [...sources]
      .filter(([path, text]) => !written(path) && text.split('\n').length > 301)
      .map(([path]) => path)
    expect(long).toEqual([])
    const silent = [...sources].filter(([, text]) => !/^(?:\/\/ |<!-- |\/\* )\S/.test(text)).map(([path]) => path)
    expect(silent).toEqual([])
  })
})

describe('the templates', () => {
  it('have no inline style and no markup from text, which the policy of the page forbids', () => {
    const faults = code.filter(([, text]) =>
      /\sstyle="|v-html|innerHTML|outerHTML|insertAdjacentHTML|document\.write/.test(text),
    )
    expect(faults.map(([path]) => path)).toEqual([])
  })

  it('use no part of Reka that adds a style element', () => {
    const faults = code.filter(([, text]) => /\b\w*Viewport\b/.test(text) && text.includes('reka-ui'))
    expect(faults.map(([path]) => path)).toEqual([])
  })
})
