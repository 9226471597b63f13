import { readdirSync, readFileSync } from 'node:fs'
import { dirname, join, relative, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'

const lib = join(dirname(dirname(fileURLToPath(import.meta.url))), 'lib')
const order = [
  ['text'],
  ['errors'],
  ['log'],
  ['actors'],
  ['gates'],
  ['definition'],
  ['config'],
  ['store'],
  ['cache'],
  ['replica'],
  ['feature'],
  ['open'],
  ['usage', 'testing', 'frontend', 'unleash'],
  ['server'],
  ['cli'],
  ['index'],
]
/** What is entered from outside: the entries of `exports`, and what bin/feature-flag starts. */
const entries = ['index.ts', 'testing/index.ts', 'cli/main.ts']

const sources = new Map(
  readdirSync(lib, { recursive: true, encoding: 'utf8' })
    .filter((path) => path.endsWith('.ts'))
    .map((path) => [path, importsOf(path)]),
)

function importsOf(path: string): string[] {
  const text = readFileSync(join(lib, path), 'utf8')
  const found = text.matchAll(/(?:\bfrom|\bimport\(|\bimport)\s*['"](\.{1,2}\/[^'"]+)['"]/g)
  return [...found].map((match) => {
    const target = resolve(lib, dirname(path), match[1] ?? '')
    return relative(lib, target).replace(/\.js$/, '.ts')
  })
}

function layerOf(path: string): number {
  const name = (path.split('/')[0] ?? '').replace(/\.ts$/, '')
  return order.findIndex((layer) => layer.includes(name))
}

function sharesFolder(a: string, b: string): boolean {
  return a.split('/')[0]?.replace(/\.ts$/, '') === b.split('/')[0]?.replace(/\.ts$/, '')
}

/** The shortest cycle through `start`, or null. */
function cycleThrough(start: string): string[] | null {
  const queue: string[][] = [[start]]
  const seen = new Set<string>()
  for (let path = queue.shift(); path !== undefined; path = queue.shift()) {
    for (const next of sources.get(path.at(-1) ?? '') ?? []) {
      if (next === start) return [...path, next]
      if (seen.has(next)) continue
      seen.add(next)
      queue.push([...path, next])
    }
  }
  return null
}

/** The packages that importing a file loads at once: static imports only, and not those of types. */
function packagesLoadedBy(entry: string): string[] {
  const packages = new Set<string>()
  const seen = new Set<string>()
  const visit = (path: string): void => {
    if (seen.has(path)) return
    seen.add(path)
    const text = readFileSync(join(lib, path), 'utf8')
    for (const [, types, target = ''] of text.matchAll(
      /^(?:import|export)\s+(type\s)?[^'"]*?from\s*['"]([^'"]+)['"]/gm,
    )) {
      if (types !== undefined || target.startsWith('node:')) continue
      if (target.startsWith('.')) visit(relative(lib, resolve(lib, dirname(path), target)).replace(/\.js$/, '.ts'))
      else packages.add(target.startsWith('@') ? target.split('/').slice(0, 2).join('/') : (target.split('/')[0] ?? ''))
    }
  }
  visit(entry)
  return [...packages].sort()
}

describe('the layers of lib/', () => {
  it('finds sources and imports to judge', () => {
    expect(sources.size).toBeGreaterThan(40)
    expect(sources.get('index.ts')).toContain('open.ts')
  })

  it('has every file in a layer', () => {
    expect([...sources.keys()].filter((path) => layerOf(path) < 0)).toEqual([])
  })

  it('imports only what exists', () => {
    const missing = [...sources].flatMap(([path, imports]) =>
      imports.filter((target) => !sources.has(target)).map((target) => `${path} imports ${target}`),
    )
    expect(missing).toEqual([])
  })

  it('imports from its own folder or from the left', () => {
    const wrong = [...sources].flatMap(([path, imports]) =>
      imports
        .filter((target) => !sharesFolder(path, target) && layerOf(target) >= layerOf(path))
        .map((target) => `${path} imports ${target}`),
    )
    expect(wrong).toEqual([])
  })

  it('has no import cycle, of types neither', () => {
    const cycles = [...sources.keys()].map(cycleThrough).filter((cycle) => cycle !== null)
    expect(cycles).toEqual([])
  })

  it('loads little when an application imports it', () => {
    expect(packagesLoadedBy('index.ts')).toEqual(['fastest-levenshtein', 'js-yaml'])
  })

  it('has no file that nobody imports', () => {
    const imported = new Set([...sources.values()].flat())
    expect([...sources.keys()].filter((path) => !imported.has(path) && !entries.includes(path))).toEqual([])
  })
})
