// What the build has made of the page, as its manifest tells it: which files an address loads, and how large they are.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { builtPage } from '../support/built-page.js'

interface Chunk {
  readonly file: string
  readonly imports?: readonly string[]
}

export interface BuiltChunks {
  readonly folder: string
  /** The file of each chunk, by its source below web/. */
  readonly chunks: ReadonlyMap<string, Chunk>
}

export function readChunks(): BuiltChunks {
  const folder = builtPage()
  const manifest: Readonly<Record<string, Chunk>> = JSON.parse(
    readFileSync(join(folder, '.vite/manifest.json'), 'utf8'),
  )
  return { folder, chunks: new Map(Object.entries(manifest)) }
}

/** The scripts that are loaded for these sources, and those that the page itself names. */
export function filesFor({ chunks, folder }: BuiltChunks, sources: readonly string[]): ReadonlySet<string> {
  const files = new Set<string>()
  const visit = (source: string): void => {
    const chunk = chunks.get(source)
    if (chunk === undefined) throw new Error(`the build has no ${source}`)
    if (files.has(chunk.file)) return
    files.add(chunk.file)
    for (const next of chunk.imports ?? []) visit(next)
  }
  const index = readFileSync(join(folder, 'index.html'), 'utf8')
  const named = [...chunks]
    .filter(([, { file }]) => file.endsWith('.js') && index.includes(`"/${file}"`))
    .map(([one]) => one)
  for (const source of [...named, ...sources]) visit(source)
  return files
}

/** How large files are as a browser gets them where it knows gzip alone. */
export function gzipSize({ folder }: BuiltChunks, files: Iterable<string>): number {
  return [...files].reduce((sum, file) => sum + readFileSync(join(folder, `${file}.gz`)).length, 0)
}
