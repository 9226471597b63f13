// The pages that lead to the code name files that are there: a file that moves takes its name in them along.
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { order } from './support/layers.js'

const root = join(import.meta.dirname, '..')
const lib = join(root, 'lib')
const rooms = new Set(readdirSync(lib).map((name) => name.replace(/\.ts$/, '')))
const toCome = new Set(order.flat().filter((room) => !rooms.has(room)))
const sources = readdirSync(lib, { recursive: true, encoding: 'utf8' }).map((path) => path.replaceAll('\\', '/'))

const read = (page: string) => readFileSync(join(root, page), 'utf8')
const surface = read('test/surface/api-report.md')

/** The paths below lib/, test/ and docs/ in backticks; those with a placeholder, and those in rooms still to come, are left out. */
function pathsIn(text: string): string[] {
  const found = [...text.matchAll(/`((?:lib|test|docs)\/[^`\s]+)`/g)].map(([, path = '']) => path)
  return found.filter((path) => !path.includes('<') && !toCome.has(path.split('/')[1] ?? ''))
}

/** The sources that a page names by their path below lib/, or by their name alone. */
function sourcesIn(text: string): string[] {
  return [...text.matchAll(/(?<![\w./-])[\w-]+(?:\/[\w-]+)*\.(?:ts|sql)\b/g)].map(([path]) => path)
}

describe.each(['docs/glossary.md', 'docs/extending.md'])('the page %s', (page) => {
  const paths = pathsIn(read(page))

  it('names many files', () => {
    expect(paths.length).toBeGreaterThan(30)
  })

  it('names no file that is not there', () => {
    expect(paths.filter((path) => !existsSync(join(root, path)))).toEqual([])
  })
})

describe('the page of the architecture', () => {
  const named = sourcesIn(read('docs/architecture.md'))
  const isThere = (path: string) => sources.some((source) => source === path || source.endsWith(`/${path}`))

  it('names the files of the flows', () => {
    expect(new Set(named).size).toBeGreaterThan(80)
  })

  it('names no file that is not there', () => {
    expect(named.filter((path) => !isThere(path))).toEqual([])
  })

  it('has the order of the rooms that the imports keep', () => {
    const line = /^ {4}text < errors(?:.*\n)+?.*index, bin$/m.exec(read('docs/architecture.md'))?.[0] ?? ''
    const shown = line.split('<').map((place) => place.split(/[|,]/).map((room) => room.trim()))
    const built = order.map((place) => place.filter((room) => rooms.has(room))).filter((place) => place.length > 0)
    expect(shown.map((place) => place.filter((room) => room !== 'bin'))).toEqual(built)
    expect(read('CONTRIBUTING.md')).toContain(line)
  })
})

describe('the decisions', () => {
  it.each(readdirSync(join(root, 'docs/decisions')))('name no file that is not there: %s', (page) => {
    const paths = pathsIn(read(`docs/decisions/${page}`))
    expect(paths.filter((path) => !existsSync(join(root, path)))).toEqual([])
  })
})

/** The methods of `Feature` that a page calls and that the surface does not have. */
function unknownCalls(text: string): string[] {
  const called = [...text.matchAll(/\bFeature\.(\w+)/g)].map(([, name = '']) => name)
  return called.filter((name) => !new RegExp(`^ +${name}[(<]`, 'm').test(surface))
}

describe('the pages for applications', () => {
  const pages = readdirSync(join(root, 'docs')).filter((page) => page.endsWith('.md'))

  it.each(['README.md', ...pages.map((page) => `docs/${page}`)])('call only what Feature has: %s', (page) => {
    expect(unknownCalls(read(page))).toEqual([])
  })

  it('would be found out by a call of what Feature has no longer', () => {
    expect(unknownCalls('Feature.enabled(name); Feature.catalog.all()')).toEqual(['catalog'])
  })
})

describe('the glossary', () => {
  const rows = read('docs/glossary.md').matchAll(/^\| (\*\*.+?) \| (.+) \| (.+) \| (.+) \|$/gm)
  const words = [...rows].map(([, word = '', meaning = '', where = '', instead = '']) => ({
    word,
    meaning,
    where,
    instead,
  }))

  it('has each word once, with a meaning and a file', () => {
    const names = words.flatMap(({ word }) => [...word.matchAll(/\*\*(.+?)\*\*/g)].map(([, name]) => name))
    expect(names.length).toBeGreaterThan(40)
    expect(new Set(names).size).toBe(names.length)
    expect(words.filter(({ meaning, where }) => meaning.length < 20 || pathsIn(where).length !== 1)).toEqual([])
  })
})
