// The built page: how much of it a browser loads, and what must not be in it under its Content-Security-Policy.
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeAll, describe, expect, it } from 'vitest'
import { pageSources } from '../../lib/server/web/addresses.js'
import { readBuiltPage } from '../../lib/server/web/built-files.js'
import { type BuiltChunks, filesFor, gzipSize, readChunks } from './built.js'

const kilobyte = 1_000

let built: BuiltChunks
let assets: readonly string[]

beforeAll(() => {
  built = readChunks()
  assets = readdirSync(join(built.folder, 'assets'))
}, 120_000)

const ending = (end: string) => assets.filter((name) => name.endsWith(end)).map((name) => `assets/${name}`)

describe('the size of the page, compressed by gzip', () => {
  it('is at most 60 kB of JavaScript for the list of flags', () => {
    const size = gzipSize(built, filesFor(built, ['src/pages/flag-list.vue']))
    expect(size).toBeGreaterThan(40 * kilobyte)
    expect(size).toBeLessThan(60 * kilobyte)
  })

  it('is at most 150 kB of JavaScript and 10 kB of styles in all, without fonts', () => {
    expect(gzipSize(built, ending('.js'))).toBeLessThan(150 * kilobyte)
    expect(gzipSize(built, ending('.css'))).toBeLessThan(10 * kilobyte)
    expect(assets.filter((name) => !/\.(?:js|css)(?:\.br|\.gz)?$/.test(name))).toEqual([])
  })
})

describe('the built page', () => {
  it('sets no markup from text and adds no style element, which its policy forbids', () => {
    const code = ending('.js')
      .map((name) => readFileSync(join(built.folder, name), 'utf8'))
      .join('\n')
    // Vue has one place that sets innerHTML, for markup that stays the same: the build makes none.
    expect(code.match(/createStaticVNode/g)).toBe(null)
    expect(code).not.toMatch(/createElement\(\s*["'`](?:style|script)["'`]/)
    expect(code).not.toMatch(/scrollbar-width:\s*none|::-webkit-scrollbar/)
    expect(code).not.toMatch(/\beval\(|new Function\(/)
  })

  it('has nothing inline in the page itself', () => {
    const page = readFileSync(join(built.folder, 'index.html'), 'utf8')
    expect(page).not.toMatch(/<style|\sstyle=|\son[a-z]+=|<script(?![^>]*\ssrc=)/)
  })

  it('tells the server which scripts each address loads besides those that are in the page', async () => {
    const { scripts } = (await readBuiltPage(built.folder)) ?? {}
    const entry = filesFor(built, [])
    const addresses = [
      '/',
      '/flags?q=on',
      '/flags/a',
      '/flags/a%2Fb/actors',
      '/history',
      '/explain',
      '/sign-in',
      '/nothing',
    ]
    const sources = addresses.map((address) => pageSources(address))
    expect(new Set(sources.map(([page]) => page)).size).toBe(addresses.length - 1)
    for (const source of sources.flat()) {
      const others = [...filesFor(built, [source])].filter((file) => !entry.has(file))
      expect(scripts?.get(source)?.toSorted()).toEqual(others.map((file) => `/${file}`).toSorted())
    }
  })

  it('is two scripts for the list, and lets nothing be drawn before they have run', () => {
    expect([...filesFor(built, ['src/pages/flag-list.vue'])]).toHaveLength(2)
    const page = readFileSync(join(built.folder, 'index.html'), 'utf8')
    expect(page.match(/<script[^>]*>/g)).toEqual([
      expect.stringMatching(/^<script type="module" blocking="render" crossorigin src="\/assets\/base-[^"]+\.js">$/),
    ])
  })

  it('asks a browser to compile what the list needs while it comes, which only the first line of a file can', () => {
    for (const file of filesFor(built, ['src/pages/flag-list.vue'])) {
      expect(readFileSync(join(built.folder, file), 'utf8').split('\n', 1), file).toEqual([
        '//# allFunctionsCalledOnLoad',
      ])
    }
  })

  it('has each file in both compressions', () => {
    const plain = assets.filter((name) => /\.(?:js|css)$/.test(name))
    expect(plain.flatMap((name) => [`${name}.br`, `${name}.gz`]).filter((name) => !assets.includes(name))).toEqual([])
  })
})
