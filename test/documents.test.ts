// The pages that lead to the code name files that are there: a file that moves takes its name in them along.
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { run } from './cli/run.js'
import { order } from './support/layers.js'
import { fencedBlocks } from './support/markdown.js'

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
    const line = /^ {4}text < error-table(?:.*\n)+?.*index, bin$/m.exec(read('docs/architecture.md'))?.[0] ?? ''
    const shown = line.split('<').map((place) => place.split(/[|,]/).map((room) => room.trim()))
    const built = order.map((place) => place.filter((room) => rooms.has(room))).filter((place) => place.length > 0)
    expect(shown.map((place) => place.filter((room) => room !== 'bin'))).toEqual(built)
    expect(read('CONTRIBUTING.md')).toContain(line)
  })
})

describe('the page for contributors', () => {
  it('names every folder of tests that no room of lib/ has', () => {
    const folders = readdirSync(join(root, 'test'), { withFileTypes: true }).filter((entry) => entry.isDirectory())
    const others = folders.map(({ name }) => name).filter((name) => !rooms.has(name))
    expect(others.length).toBeGreaterThan(5)
    expect(others.filter((name) => !read('CONTRIBUTING.md').includes(`\`${name}\``))).toEqual([])
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
  return called.filter((name) => !new RegExp(`^ +${name}[(<:]`, 'm').test(surface))
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

describe('every page', () => {
  const folders = ['', 'demo', 'docs', 'docs/decisions']
  const pages = folders.flatMap((folder) =>
    readdirSync(join(root, folder))
      .filter((name) => name.endsWith('.md'))
      .map((name) => join(folder, name)),
  )

  it.each(pages)('leads to files and headings that are there: %s', (page) => {
    const links = [...read(page).matchAll(/\]\((?!https?:)([^)#\s]*)(?:#([^)\s]+))?\)/g)]
    const broken = links.filter(([, path = '', heading]) => {
      const target = path === '' ? page : join(dirname(page), path)
      if (!existsSync(join(root, target))) return true
      return heading !== undefined && !headingsOf(read(target)).includes(heading)
    })
    expect(broken.map(([link]) => link)).toEqual([])
  })

  it.each(pages)('names files of the repository that are there: %s', (page) => {
    const paths = [...read(page).matchAll(/`((?:lib|test|docs|bench|bin|scripts|\.github)\/[^`\s<*…]*)`/g)]
    const wanted = paths.map(([, path = '']) => path).filter((path) => !toCome.has(path.split('/')[1] ?? ''))
    // The number of a migration to come stands for all of them.
    const lost = wanted.filter((path) => !path.endsWith('-what.sql') && !existsSync(join(root, path)))
    expect(lost).toEqual([])
  })

  it.each(pages)('has shell blocks that can be pasted, without prompts and comments: %s', (page) => {
    const lines = fencedBlocks(read(page)).flatMap((block) => (block.language === 'sh' ? block.lines : []))
    // zsh takes a comment at a prompt for arguments; a prompt that is pasted is a redirection or a command.
    expect(lines.filter((line) => /^\s*[$>]|^\w*> |\s#|…/.test(line))).toEqual([])
  })
})

/** As a link names a heading: what GitHub and GitLab make of it. */
function headingsOf(text: string): string[] {
  const headings = text.replaceAll(/^```[\s\S]*?^```$/gm, '').matchAll(/^#+ (.*)$/gm)
  return [...headings].map(([, heading = '']) =>
    heading
      .toLowerCase()
      .replaceAll(/[^\w\- ]/g, '')
      .replaceAll(' ', '-'),
  )
}

describe('the page of the command line', () => {
  const page = read('docs/cli.md')
  const table = page.slice(page.indexOf('## Options of each command'), page.indexOf('## What holds'))
  const rows = [...table.matchAll(/^\| `([^`]+)` \| (.*) \|$/gm)].map(([, command = '', options = '']) => ({
    command,
    options: optionsIn(options),
  }))

  it('has every command, and no other', async () => {
    expect(rows.map(({ command }) => command).sort()).toEqual((await allBelow([])).sort())
  })

  it.each(rows)('has every option of $command, and no other', async ({ command, options }) => {
    const help = (await run([...command.split(' '), '--help'], { root })).stdout
    const own = help.slice(help.indexOf('\nOptions:'))
    const listed = [...own.matchAll(/^ {2}(?:-\w, )?(--[\w-]+)/gm)].map(([, option = '']) => option)
    expect(options.sort()).toEqual(listed.filter((option) => option !== '--help').sort())
  })

  it('names no option that no command has', () => {
    // The last two are classes of a project, which the page has as examples.
    const others = ['--root', '--help', '--version', '--no', '--customer', '--billing-account']
    const known = new Set([...rows.flatMap(({ options }) => options), ...others])
    expect(optionsIn(page).filter((option) => !known.has(option))).toEqual([])
  })
})

function optionsIn(text: string): string[] {
  return [...new Set([...text.matchAll(/(?<![\w-])--[a-z][\w-]*/g)].map(([option]) => option))]
}

/** The commands that run, with the words before them. */
async function allBelow(words: readonly string[]): Promise<string[]> {
  const inner = await commandsOf(words)
  if (inner.length === 0) return [words.join(' ')]
  return (await Promise.all(inner.map((name) => allBelow([...words, name])))).flat()
}

/** The commands in a help, by name. */
async function commandsOf(argv: readonly string[]): Promise<string[]> {
  const help = (await run([...argv, '--help'], { root })).stdout
  const list = /^Commands:\n((?: {2}.*\n?)+)/m.exec(help)?.[1] ?? ''
  const names = [...list.matchAll(/^ {2}([\w-]+)/gm)].map(([, name = '']) => name)
  return names.filter((name) => name !== 'help')
}

describe('the page of operations', () => {
  it.each([
    ['dockerfile', /^CMD (\[.*\])$/m],
    ['ini', /^ExecStart=(.*)$/m],
  ])('starts the program itself in its block of %s: a signal to npx would not reach it', (language, pattern) => {
    const block = fencedBlocks(read('docs/operations.md')).find((one) => one.language === language)
    const [, command = ''] = pattern.exec(block?.text ?? '') ?? []
    const argv: string[] = command.startsWith('[') ? JSON.parse(command) : command.split(' ')
    expect(argv.slice(0, 2)).toEqual([expect.stringMatching(/(^|\/)node_modules\/\.bin\/feature-flag$/), 'serve'])
    expect(optionsIn(read('docs/cli.md'))).toEqual(expect.arrayContaining(optionsIn(command)))
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
