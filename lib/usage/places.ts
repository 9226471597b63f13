// Where one flag is named: every use, and every other place that holds its name as a word, or in quotes the name that pages have for it.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { camelCase } from '../definition/camel-case.js'
import { LineIndex } from './source/line-index.js'
import type { Usage } from './usage.js'
import type { Use } from './uses.js'

export interface NamedPlace extends Pick<Use, 'kind' | 'file' | 'line' | 'column' | 'test'> {
  /** The line of the file. */
  readonly text: string
  /** The type of the call; null where it names none, or it is not known. */
  readonly type: string | null
  readonly actors: readonly string[]
}

/** In the order of files and places. */
export function placesOf(
  name: string,
  root: string,
  usage: Usage,
  isTest: (path: string) => boolean,
): readonly NamedPlace[] {
  const camel = camelCase(name)
  const uses = usage.uses.filter((use) => {
    const { names, prefixes, camelNames } = use
    return names.includes(name) || camelNames.includes(camel) || prefixes.some((prefix) => name.startsWith(prefix))
  })
  const byFile = grouped(uses)
  // The name in pages is also that of many a variable: it counts in quotes alone, as in `useFeature('darkMode')`.
  const word = new RegExp(`(?<![A-Za-z0-9_])${name}(?![A-Za-z0-9_])|(?<=(["'\`]))${camel}(?=\\1)`, 'g')
  return usage.files.flatMap((file) => {
    const found = byFile.get(file) ?? []
    const text = readText(join(root, file))
    if (text === null) return []
    const lines = new LineIndex(text)
    const rows = text.split(/\r\n|\n|\r/)
    const known = new Set(found.map(({ line }) => line))
    const places = found.map((use) => ({ ...use, type: use.type.known ? use.type.name : null }))
    const words =
      text.includes(name) || text.includes(camel) ? [...text.matchAll(word)].map(({ index }) => lines.at(index)) : []
    const mentions = words
      .filter(({ line }) => !known.has(line))
      .map((place) => ({ kind: 'text' as const, file, ...place, test: isTest(file), type: null, actors: [] }))
    return [...places, ...mentions]
      .sort((one, two) => one.line - two.line || one.column - two.column)
      .map(({ kind, line, column, test, type, actors }) => {
        return { kind, file, line, column, test, type, actors, text: (rows[line - 1] ?? '').trim() }
      })
  })
}

function grouped(uses: readonly Use[]): ReadonlyMap<string, readonly Use[]> {
  const byFile = new Map<string, Use[]>()
  for (const use of uses) {
    const before = byFile.get(use.file)
    if (before === undefined) byFile.set(use.file, [use])
    else before.push(use)
  }
  return byFile
}

function readText(path: string): string | null {
  try {
    return readFileSync(path, 'utf8').replace(/^\uFEFF/, '')
  } catch {
    return null // It could be read before, or there is a fault of it.
  }
}
