// The order of the rooms of lib/, held for the tree as it is; and trees that are wrong, which must be found out.
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { faultsOf, importsOf, order, packagesLoadedBy, readTree, type Tree } from './support/layers.js'

const lib = readTree(join(import.meta.dirname, '../lib'))
/** What is entered from outside: the entries of `exports`, what bin/feature-flag starts, and what runs in a thread of its own. */
const entries = [
  'index.ts',
  'testing/index.ts',
  'testing/vitest.ts',
  'testing/jest.ts',
  'testing/node.ts',
  'frontend/frontend.ts',
  'frontend/browser.ts',
  'cli/main.ts',
  'usage/source/worker.ts',
]

describe('the rooms of lib/', () => {
  it('are read from disk, with their imports', () => {
    expect(lib.size).toBeGreaterThan(40)
    expect(importsOf('index.ts', lib.get('index.ts') ?? '')).toContain('instance/create.ts')
  })

  it('keep their order', () => {
    expect(faultsOf(lib, entries)).toEqual([])
  })

  it('load little when an application imports them', () => {
    expect(packagesLoadedBy(lib, 'index.ts')).toEqual(['fastest-levenshtein', 'js-yaml'])
  })
})

/** A tree of files that import what is listed. */
function treeOf(files: Readonly<Record<string, string>>): Tree {
  return new Map(Object.entries(files))
}

describe('the guard of the layers', () => {
  it('finds an import upwards', () => {
    const tree = treeOf({
      'index.ts': `export { a } from './gates/a.js'`,
      'gates/a.ts': `import { b } from '../store/b.js'`,
      'store/b.ts': '',
    })
    expect(faultsOf(tree, ['index.ts'])).toEqual(['gates/a.ts imports store/b.ts'])
  })

  it('finds an import of types upwards, and one that is made at run time', () => {
    const tree = treeOf({
      'index.ts': `export type { a } from './text/a.js'\nexport { b } from './text/b.js'\nexport * from './cli/c.js'`,
      'text/a.ts': `import type { c } from '../cli/c.js'`,
      'text/b.ts': `const c = await import('../cli/c.js')`,
      'cli/c.ts': '',
    })
    expect(faultsOf(tree, ['index.ts'])).toEqual(['text/a.ts imports cli/c.ts', 'text/b.ts imports cli/c.ts'])
  })

  it('finds a circle of types, and tells it once', () => {
    const tree = treeOf({
      'index.ts': `import './gates/a.js'`,
      'gates/a.ts': `import type { B } from './b.js'`,
      'gates/b.ts': `import type { C } from './c.js'`,
      'gates/c.ts': `import type { A } from './a.js'`,
    })
    expect(faultsOf(tree, ['index.ts'])).toEqual(['circle: gates/a.ts → gates/b.ts → gates/c.ts → gates/a.ts'])
  })

  it.each([
    ['cache/memory/cache.ts', 'cache/redis/keys.ts', 'the cache in memory and Redis'],
    ['store/memory/store.ts', 'store/postgres/connection/pool.ts', 'the store in memory and Postgres'],
    ['store/postgres/reads.ts', 'store/postgres/write/transaction.ts', 'what reads and what writes'],
    ['frontend/browser.ts', 'text/printable.ts', 'a page in the browser and everything'],
  ])('finds that %s imports %s', (from, to, between) => {
    const up = from.split('/').length > 2 ? '../'.repeat(from.split('/').length - 1) : '../'
    const tree = treeOf({
      'index.ts': `import './${from.replace('.ts', '.js')}'`,
      [from]: `import { a } from '${up}${to.replace('.ts', '.js')}'`,
      [to]: '',
    })
    expect(faultsOf(tree, ['index.ts'])).toEqual([`${from} imports ${to} through the wall between ${between}`])
  })

  it('finds neighbours that know each other', () => {
    const tree = treeOf({
      'index.ts': `import './store/a.js'\nimport './cache/b.js'`,
      'store/a.ts': `import '../cache/b.js'`,
      'cache/b.ts': `import '../state/c.js'`,
      'state/c.ts': '',
    })
    expect(faultsOf(tree, ['index.ts'])).toEqual(['store/a.ts imports cache/b.ts'])
  })

  it('finds a room aside that reaches too far, and one that too many rooms know', () => {
    const tree = treeOf({
      'index.ts': `import './feature/a.js'`,
      'feature/a.ts': `import '../usage/scan.js'`,
      'usage/scan.ts': `import '../config/c.js'\nimport '../store/s.js'`,
      'config/c.ts': '',
      'store/s.ts': '',
    })
    expect(faultsOf(tree, ['index.ts'])).toEqual([
      'feature/a.ts imports usage/scan.ts',
      'usage/scan.ts imports store/s.ts',
    ])
  })

  it('finds a file that no file imports, an import of one that is not there, and one in no room', () => {
    const tree = treeOf({
      'index.ts': `import './gates/missing.js'`,
      'gates/lonely.ts': '',
      'attic/box.ts': '',
    })
    expect(faultsOf(tree, ['index.ts'])).toEqual([
      'attic/box.ts is imported by no file',
      'attic/box.ts is in no room',
      'gates/lonely.ts is imported by no file',
      'index.ts imports gates/missing.ts, which is not there',
    ])
  })

  it('finds no fault in a tree that is right', () => {
    const rooms = order.flat().filter((room) => room !== 'index')
    const tree = treeOf({
      'index.ts': rooms.map((room) => `import './${room}/a.js'`).join('\n'),
      ...Object.fromEntries(rooms.map((room) => [`${room}/a.ts`, room === 'text' ? '' : `import '../text/a.js'`])),
    })
    expect(faultsOf(tree, ['index.ts'])).toEqual([])
  })
})
