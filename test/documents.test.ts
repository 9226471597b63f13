// The pages that lead to the code name files that are there: a file that moves takes its name in them along.
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { order } from './support/layers.js'

const root = join(import.meta.dirname, '..')
const rooms = new Set(readdirSync(join(root, 'lib')).map((name) => name.replace(/\.ts$/, '')))
const toCome = new Set(order.flat().filter((room) => !rooms.has(room)))

/** The paths below lib/, test/ and docs/ in backticks; those with a placeholder, and those in rooms still to come, are left out. */
function pathsIn(text: string): string[] {
  const found = [...text.matchAll(/`((?:lib|test|docs)\/[^`\s]+)`/g)].map(([, path = '']) => path)
  return found.filter((path) => !path.includes('<') && !toCome.has(path.split('/')[1] ?? ''))
}

describe.each(['docs/glossary.md', 'docs/extending.md'])('the page %s', (page) => {
  const paths = pathsIn(readFileSync(join(root, page), 'utf8'))

  it('names many files', () => {
    expect(paths.length).toBeGreaterThan(30)
  })

  it('names no file that is not there', () => {
    expect(paths.filter((path) => !existsSync(join(root, path)))).toEqual([])
  })
})

describe('the glossary', () => {
  const rows = readFileSync(join(root, 'docs/glossary.md'), 'utf8').matchAll(
    /^\| (\*\*.+?) \| (.+) \| (.+) \| (.+) \|$/gm,
  )
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
