// Sources that are broken, hostile, or of no use: the rest is checked all the same.
import { chmodSync, existsSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { readCacheFile } from '../../lib/usage/cache/cache-file.js'
import { seededRandom } from '../support/random.js'
import { withoutRights } from '../support/without-rights.js'
import { defined, faultLines, readIn, usageProject } from './project.js'

const good = {
  ...defined('good'),
  'src/good.ts': `import { Feature } from 'sluice'\nexport const f = () => Feature.enabled('good')`,
}

const rows: readonly (readonly [what: string, files: Readonly<Record<string, string>>, faults: readonly string[]])[] = [
  [
    'a syntax error, and the names that it quotes count as used',
    { ...defined('quoted_one'), 'src/bad.ts': `import { Feature } from 'sluice'\nif (Feature.enabled('quoted_one') {` },
    ['syntax src/bad.ts:2:35'],
  ],
  [
    'a component of Vue with a broken template',
    {
      'src/Bad.vue': `<script setup>import { Feature } from 'sluice'</script>\n<template><p v-if="Feature.enabled('good'"></p><div></template>`,
    },
    ['syntax src/Bad.vue:2:20'],
  ],
  [
    'circular re-exports',
    {
      'src/one.ts': `export * from './two'\nexport { A } from './two'`,
      'src/two.ts': `export * from './one'\nexport { A } from './one'`,
      'src/a.ts': `import { Feature } from 'sluice'\nimport { A, flags } from './one'\nexport const f = () => Feature.enabled(A) || flags.enabled('good')`,
    },
    ['dynamic-name src/a.ts:3:40'],
  ],
  [
    'a namespace import',
    {
      'src/a.ts': `import * as S from 'sluice'\nimport * as own from './ns'\nexport const f = () => S.Feature.enabled('missing') || own.S.Feature.enabled('lost')`,
      'src/ns.ts': `export * as S from 'sluice'`,
    },
    ['undefined-flag src/a.ts:3:42', 'undefined-flag src/a.ts:3:78'],
  ],
  [
    'a shadowed Feature',
    {
      'src/a.ts': `import { Feature } from 'sluice'\nexport const f = (Feature) => Feature.enabled('missing')`,
    },
    [],
  ],
  [
    'a deep and a cyclic value',
    {
      'src/a.ts': `import { Feature } from 'sluice'\nlet a = b, b = a\nexport const f = () => Feature.enabled(a) || Feature.enabled(${'('.repeat(400)}'good'${')'.repeat(400)})`,
    },
    ['dynamic-name src/a.ts:3:40'],
  ],
  [
    'a tsconfig that is none',
    {
      'tsconfig.json': '{ nonsense',
      'src/a.ts': `import { Feature } from 'sluice'\nimport { A } from '@app/x'\nexport const f = () => Feature.enabled(A)`,
    },
    ['dynamic-name src/a.ts:3:40'],
  ],
]

describe('bad sources', () => {
  it.each(rows)('%s', async (_what, files, faults) => {
    expect(faultLines(await usageProject({ ...good, ...files }).read())).toEqual(faults)
  })

  it('of 10 MB are searched as text', async () => {
    const { root } = usageProject({ ...good, ...defined('large_one') })
    const line = `export const x = () => Feature.enabled('large_one')\n`
    writeFileSync(join(root, 'src/large.ts'), line.repeat(10_000_000 / line.length))
    expect(faultLines(await readIn(root))).toEqual(['file src/large.ts:1:1'])
  })

  it('that are binary, or a table of translations, are passed over', async () => {
    const { root } = usageProject({ ...good, 'src/table.ts': `<?xml version="1.0"?><TS>Feature.enabled('x')</TS>` })
    writeFileSync(
      join(root, 'src/video.ts'),
      Buffer.from(`G\0\0import { Feature } from 'sluice'; Feature.enabled('x')`),
    )
    expect(faultLines(await readIn(root))).toEqual([])
  })

  it('in a link in a circle, or out of the project, are not read', async () => {
    const outside = usageProject({
      'x.ts': `import { Feature } from 'sluice'\nexport const f = () => Feature.enabled('missing')`,
    })
    const { root } = usageProject(good)
    symlinkSync(join(root, 'src'), join(root, 'src/circle'))
    symlinkSync('loop', join(root, 'src/loop'))
    symlinkSync(outside.root, join(root, 'src/outside'))
    const read = await readIn(root)
    expect({ files: read.files, faults: faultLines(read) }).toEqual({ files: ['src/good.ts'], faults: [] })
  })

  it('that may not be read are reported', async () => {
    const { root } = usageProject({ ...good, 'src/closed.ts': 'x', 'closed/a.ts': 'x' })
    chmodSync(join(root, 'src/closed.ts'), 0)
    chmodSync(join(root, 'closed'), 0)
    const read = await withoutRights(root, () => readIn(root))
    chmodSync(join(root, 'closed'), 0o700)
    expect(faultLines(read)).toEqual(['file closed:1:1', 'file src/closed.ts:1:1'])
  })

  it('that go away between the listing and the reading are reported', async () => {
    const { FactsReader } = await import('../../lib/usage/read-facts.js')
    const { FactsCache } = await import('../../lib/usage/cache/cache.js')
    const { usageSettings } = await import('../../lib/usage/settings.js')
    const { root } = usageProject(good)
    const reader = new FactsReader({
      root,
      settings: usageSettings({}),
      cache: new FactsCache(null, { settings: '', atMs: Date.now() }),
    })
    await reader.readAll(['src/gone.ts', 'src/good.ts'])
    expect([reader.unread, [...reader.facts.keys()]]).toEqual([
      [{ path: 'src/gone.ts', reason: 'ENOENT' }],
      ['src/good.ts'],
    ])
  })
})

describe('the cache', () => {
  const cached = (root: string) => join(root, '.feature/usage.cache')

  it('gives the same as a run without it, also after a change, a rename and damage', async () => {
    const { root } = usageProject({
      ...good,
      'src/names.ts': `export const A = 'good'`,
      'src/b.ts': `import { Feature } from 'sluice'\nimport { A } from './names'\nexport const f = () => Feature.enabled(A) || Feature.enabled('missing')`,
    })
    const first = await readIn(root)
    const written = readFileSync(cached(root), 'utf8')
    expect(faultLines(first)).toEqual(['undefined-flag src/b.ts:3:62'])
    expect(await readIn(root)).toEqual(first)
    expect(readFileSync(cached(root), 'utf8')).toBe(written)
    writeFileSync(join(root, 'src/names.ts'), `export const A = 'lost'`)
    const changed = await readIn(root)
    expect(faultLines(changed)).toContain('undefined-flag src/b.ts:3:40')
    expect((await readIn(root)).faults).toEqual(changed.faults)
    for (const damage of ['', '{}', written.slice(0, -5), written.replace('good', 'evil'), 'null\nnull']) {
      writeFileSync(cached(root), damage)
      expect((await readIn(root)).faults).toEqual(changed.faults)
    }
  })

  it('counts for nothing where a single byte of it is another one', async () => {
    const { root } = usageProject(good)
    const now = () => Date.now() + 60_000
    const whole = await readIn(root, {}, {}, { now })
    const written = readFileSync(cached(root))
    const random = seededRandom()
    for (let count = 0; count < 30; count++) {
      const damaged = Buffer.from(written)
      const at = random.below(damaged.length)
      damaged[at] = (damaged[at] ?? 0) ^ (1 << random.below(8))
      writeFileSync(cached(root), damaged)
      expect(readCacheFile(cached(root), JSON.parse(String(written).split('\n')[1] ?? '').key, now())).toBeNull()
      expect(await readIn(root, {}, {}, { now })).toEqual(whole)
    }
  })

  it('does without where the folder is no folder', async () => {
    const { root } = usageProject({ ...good, '.feature': 'a file' })
    expect(faultLines(await readIn(root))).toEqual([])
    expect(readFileSync(join(root, '.feature'), 'utf8')).toBe('a file')
  })

  it('does without where the folder may not be written to', async () => {
    const { root } = usageProject(good)
    mkdirSync(join(root, '.feature'))
    chmodSync(join(root, '.feature'), 0o555)
    expect(faultLines(await withoutRights(root, () => readIn(root)))).toEqual([])
    expect(existsSync(cached(root))).toBe(false)
  })

  it('has other facts for other settings', async () => {
    const { root } = usageProject({ ...good, 'src/b.ts': `export const f = () => flagOn('missing')` })
    expect(faultLines(await readIn(root))).toEqual([])
    expect(faultLines(await readIn(root, { usage: { calls: ['flagOn'] } }))).toEqual(['undefined-flag src/b.ts:1:31'])
  })
})
